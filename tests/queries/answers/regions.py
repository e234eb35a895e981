"""Questions about regions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

import networkx as nx
import numpy as np

from tests.queries.answers.truth import Row, Truth, entropy, region_profile

WITHIN = 1e-9  # numbers nearer than this count as equal


def regions(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for key, r in truth.regions.items():
        if (layer is not None and r.layer != layer) or (category and not truth.inside[key, category]):
            continue
        documents = sum(truth.inside[key, c] for c in truth.categories)
        shares = [truth.inside[key, c] / truth.sizes[c] for c in truth.categories]
        mixed = (r.dominant_category, max(shares) / sum(shares), r.entropy)
        own = (r.x, r.y, documents, *mixed, list(r.keywords), list(r.exemplars))
        profile = {row[0]: row[2:] for row in region_profile(truth, key)}
        given = truth.annotations.get(key)
        used = profile[category] if category else (None, None)
        rows.append((key, r.layer, r.name, *own, *used, (given and given.name) or None))
    return sorted(rows, key=lambda row: (-(row[11] or 0), row[1], -row[5], row[0]))[:limit]


def names(truth: Truth, limit: int = 1000) -> list[Row]:
    rows = []
    for key, given in truth.annotations.items():
        documents = sum(truth.inside[key, c] for c in truth.categories)
        said = (given.name or None, given.note or None, given.changed_at)
        rows.append((key, truth.layer(key), *said, documents, *truth.words(key)))
    return sorted(rows, key=lambda row: (row[1], row[0]))[:limit]


def hubs(
    truth: Truth, layer: int | None = None, category: str | None = None, by: str = "strength", limit: int = 20
) -> list[Row]:
    graph = nx.DiGraph()
    for s, t in truth.pairs:
        if weight := truth.weight(s, t, category):
            graph.add_edge(s, t, weight=weight)
    rows = []
    for region in graph:
        if layer in (None, truth.layer(region)):
            arriving, leaving = graph.in_degree(region, "weight"), graph.out_degree(region, "weight")
            degrees = (graph.in_degree(region), graph.out_degree(region))
            place = (region, truth.layer(region), *truth.words(region))
            rows.append((*place, arriving + leaving, arriving, leaving, *degrees))
    first = {"strength": 3, "in": 4, "out": 5}[by]
    return sorted(rows, key=lambda row: (-row[first], -row[3], -row[6] - row[7], row[1], row[0]))[:limit]


def specialised_regions(
    truth: Truth,
    category: str | None = None,
    layer: int | None = None,
    least_part: float = 0.5,
    least_documents: int = 10,
    limit: int = 50,
) -> list[Row]:
    rows: list[Row] = []
    for region in _filled(truth, layer, least_documents):
        for name, part in _parts(truth, region).items():
            if name in truth.asked(category) and part and part >= least_part - WITHIN:
                inside = truth.inside[region, name]
                share = Fraction(inside, truth.sizes[name])
                row = (region, truth.layer(region), name, part, share, inside, _documents(truth, region))
                rows.append((*row, *truth.words(region)))
    return sorted(rows, key=lambda row: (-row[3], -row[5], row[1], row[0], row[2]))[:limit]


def unowned_regions(
    truth: Truth, layer: int | None = None, most_part: float | None = None, least_documents: int = 10, limit: int = 50
) -> list[Row]:
    most = Fraction(3, 2 * len(truth.categories)) if most_part is None else most_part
    rows: list[Row] = []
    for region in _filled(truth, layer, least_documents):
        parts = _parts(truth, region)
        largest = max(parts, key=lambda name: parts[name])  # the names are sorted: the first of equal ones
        if parts[largest] <= most + WITHIN:
            present, documents = sum(map(bool, parts.values())), _documents(truth, region)
            mixed = (region, truth.layer(region), truth.regions[region].entropy, largest, parts[largest], present)
            rows.append((*mixed, documents, *truth.words(region)))
    return sorted(rows, key=lambda row: (-row[2], -row[6], row[1], row[0]))[:limit]


def entropies(truth: Truth, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for index in truth.layers:
        seen = [truth.regions[way[index]].entropy for way, label in truth.labelled() if label in truth.asked(category)]
        once = sorted(set(seen))  # no two regions of a layer have the same
        told = (float(np.mean(seen)), once[0], float(np.median(once)), once[-1], math.log2(len(truth.categories)))
        rows.append((index, truth.graph.layers[index].name, len(once), *told))
    return rows[:limit]


def spreads(truth: Truth, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for index in truth.layers if layer is None else [layer]:
        for category in truth.categories:
            passed = Counter(way[index] for way, label in truth.labelled() if label == category)
            most = Fraction(max(passed.values()), truth.sizes[category])
            rows.append((index, category, math.exp(entropy(list(passed.values()))), len(passed), most))
    return rows[:limit]


def regions_by_keyword(truth: Truth, word: str, layer: int | None = None, limit: int = 50) -> list[Row]:
    rows: list[Row] = []
    for key, region in truth.regions.items():
        places = [i for i, keyword in enumerate(region.keywords, 1) if word.lower() in keyword.lower()]
        if places and layer in (None, region.layer):
            told = (key, region.layer, places[0], _documents(truth, key), region.dominant_category)
            rows.append((*told, list(region.keywords)))
    return sorted(rows, key=lambda row: (row[2], -row[3], row[1], row[0]))[:limit]


def central_regions(truth: Truth, layer: int | None = None, measure: str = "betweenness", limit: int = 20) -> list[Row]:
    rows: list[Row] = []
    for key, r in truth.regions.items():
        if layer in (None, r.layer):
            told = (r.betweenness, r.pagerank, r.participation, r.community, r.strength_in, r.strength_out)
            rows.append((key, r.layer, *truth.words(key), *told))
    first = {"betweenness": 3, "pagerank": 4, "participation": 5}[measure]
    return sorted(rows, key=lambda row: (-row[first], -row[7] - row[8], row[1], row[0]))[:limit]


def communities(truth: Truth, community: int | None = None, limit: int = 50) -> list[Row]:
    rows: list[Row] = []
    for number in {r.community for r in truth.regions.values()} if community is None else {community}:
        members = [key for key, r in truth.regions.items() if r.community == number]
        if not members:
            continue
        passed = {c: sum(Fraction(truth.inside[m, c], truth.sizes[c]) for m in members) for c in truth.categories}
        most = max(truth.categories, key=lambda c: passed[c])  # the names are sorted: the first of equal ones
        largest = min(members, key=lambda m: (-_documents(truth, m), truth.layer(m), m))
        layers, documents = [truth.layer(m) for m in members], sum(_documents(truth, m) for m in members)
        part = float(passed[most] / sum(passed.values()))
        row = (number, len(members), min(layers), max(layers), documents, most, part, largest)
        rows.append((*row, *truth.words(largest)))
    return sorted(rows, key=lambda row: (-row[1], -row[4], row[0]))[:limit]


def twins(
    truth: Truth, layer: int, category: str | None = None, least_similarity: float = 0.5, limit: int = 50
) -> list[Row]:
    flows: dict[str, Counter[str]] = {}
    for way, label in truth.labelled():
        if label in truth.asked(category):
            flows.setdefault(way[layer], Counter()).update(way[max(layer - 1, 0) : layer] + way[layer + 1 : layer + 2])
    rows: list[Row] = []
    for one, two in combinations(sorted(flows), 2):
        common = (flows[one] & flows[two]).total()  # of multisets: the lesser of each count
        similarity = Fraction(common, (flows[one] | flows[two]).total())
        if common and similarity >= least_similarity - WITHIN:
            totals = (len(flows[one] & flows[two]), flows[one].total(), flows[two].total())
            rows.append((one, two, similarity, *totals, *truth.words(one, two)))
    return sorted(rows, key=lambda row: (-row[2], -row[4] - row[5], *row[:2]))[:limit]


def _documents(truth: Truth, region: str) -> int:
    return sum(truth.inside[region, c] for c in truth.categories)


def driving_tokens(truth: Truth, region: str | None = None, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for measure in truth.measures:
        if measure.kind == "driving_tokens" and layer in (None, measure.layer):
            local, _, token = str(measure.other).partition(" ")
            key = f"{truth.study}/{local}"
            words = list(truth.regions[key].keywords)
            if region in (None, key):
                part = (measure.value, measure.ci_low, measure.ci_high)
                rows.append((key, measure.layer, token, *part, token in words, dict(measure.details), words))
    return sorted(rows, key=lambda row: (row[1], row[0], -row[3], row[2]))[:limit]


def _filled(truth: Truth, layer: int | None, least_documents: int) -> list[str]:
    """The regions of a layer, or of all, with so many documents."""
    of_layer = (r for r in truth.regions if layer in (None, truth.layer(r)))
    return [r for r in of_layer if _documents(truth, r) >= least_documents]


def _parts(truth: Truth, region: str) -> dict[str, Fraction]:
    """Each category's part of a region, by name: its share over the sum of all shares."""
    shares = {c: Fraction(truth.inside[region, c], truth.sizes[c]) for c in truth.categories}
    return {c: share / sum(shares.values()) for c, share in shares.items()}


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "regions": regions,
    "names": names,
    "region-profile": region_profile,
    "hubs": hubs,
    "specialised-regions": specialised_regions,
    "unowned-regions": unowned_regions,
    "entropies": entropies,
    "regions-by-keyword": regions_by_keyword,
    "spreads": spreads,
    "twins": twins,
    "central-regions": central_regions,
    "communities": communities,
    "driving-tokens": driving_tokens,
}
