"""The answers to all questions, worked out from region codes and labels alone, with exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np

from mri_core.records import Region, StudyGraph, region_id
from tests.planted import planted_graph

Row = tuple[Any, ...]


class Truth:
    """A study whose documents' ways are known: `ways[d]` are the regions of document d, layer by layer."""

    def __init__(self, name: str, codes: np.ndarray, labels: list[str], texts: list[str] | None = None, seed: int = 0):
        graph = planted_graph(name, codes=codes, categories=labels, texts=texts, seed=seed)
        mixed = tuple(  # no two regions alike, and exemplars in another order than the corpus
            replace(r, entropy=r.layer / 10 + int(r.name) / 7, exemplars=r.exemplars[::-1]) for r in graph.regions
        )
        self.graph: StudyGraph = replace(graph, regions=mixed)
        self.study = graph.study.id
        self.labels = labels
        self.documents = list(graph.documents)
        self.categories = sorted(set(labels))
        self.sizes = Counter(labels)
        self.layers = range(codes.shape[1])
        self.ways = [tuple(region_id(self.study, i, str(c)) for i, c in enumerate(row)) for row in codes]
        self.regions: dict[str, Region] = {region_id(self.study, r.layer, r.name): r for r in mixed}
        self.inside = Counter((r, label) for way, label in self.labelled() for r in way)
        self.taken = Counter((way[i], way[i + 1], label) for way, label in self.labelled() for i in self.layers[:-1])
        self.pairs = sorted({(s, t) for s, t, _ in self.taken})

    def labelled(self) -> Iterator[tuple[tuple[str, ...], str]]:
        return zip(self.ways, self.labels, strict=True)

    def asked(self, category: str | None) -> list[str]:
        return self.categories if category is None else [category]

    def weight(self, source: str, target: str, category: str | None) -> int:
        return sum(self.taken[source, target, c] for c in self.asked(category))

    def share(self, source: str, target: str, category: str) -> Fraction:
        return Fraction(self.taken[source, target, category], self.sizes[category])

    def layer(self, region: str) -> int:
        return self.regions[region].layer

    def words(self, *regions: str) -> tuple[list[str], ...]:
        return tuple(list(self.regions[r].keywords) for r in regions)

    def leaving(self, layer: int | None) -> list[tuple[str, str]]:
        return [(s, t) for s, t in self.pairs if layer is None or self.layer(s) == layer]


def lift(shares: list[Fraction], index: int) -> Fraction:
    return shares[index] * len(shares) / sum(shares) if any(shares) else Fraction(0)


def entropy(counts: list[int]) -> float:
    """In nats."""
    return -sum(n / sum(counts) * math.log(n / sum(counts)) for n in counts if n)


def categories(truth: Truth) -> list[Row]:
    return [(c, truth.sizes[c], Fraction(truth.sizes[c], len(truth.labels))) for c in truth.categories]


def layers(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for index in truth.layers if layer is None else [layer]:
        passed = Counter(way[index] for way, label in truth.labelled() if label in truth.asked(category))
        mixed = sum(truth.regions[r].entropy * n for r, n in passed.items()) / passed.total()
        spread = math.exp(entropy(list(passed.values())))
        name = truth.graph.layers[index].name
        rows.append((index, name, 8, len(passed), passed.total(), spread, mixed, 0.9))
    return rows[:limit]


def divergence(truth: Truth) -> list[Row]:
    rows = []
    for index in truth.layers:
        regions = [r for r in truth.regions if truth.layer(r) == index]
        shares = np.array([[truth.inside[r, c] / truth.sizes[c] for r in regions] for c in truth.categories])
        logs = np.log2(shares / shares.mean(axis=0), out=np.zeros_like(shares), where=shares > 0)
        mean_kl = float((shares * logs).sum(axis=1).mean())  # the divergence as the mean distance from the mean
        rows.append((index, truth.graph.layers[index].name, mean_kl, math.log2(len(truth.categories))))
    return rows


def regions(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for key, r in truth.regions.items():
        if (layer is not None and r.layer != layer) or (category and not truth.inside[key, category]):
            continue
        documents = sum(truth.inside[key, c] for c in truth.categories)
        own = (r.x, r.y, documents, r.dominant_category, r.entropy, list(r.keywords), list(r.exemplars))
        profile = {row[0]: row[2:] for row in region_profile(truth, key)}
        rows.append((key, r.layer, r.name, *own, *(profile[category] if category else (None, None))))
    return sorted(rows, key=lambda row: (-(row[10] or 0), row[1], -row[5], row[0]))[:limit]


def region_profile(truth: Truth, region: str) -> list[Row]:
    shares = [Fraction(truth.inside[region, c], truth.sizes[c]) for c in truth.categories]
    rows = [(c, truth.inside[region, c], shares[i], lift(shares, i)) for i, c in enumerate(truth.categories)]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def hubs(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 20) -> list[Row]:
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
    return sorted(rows, key=lambda row: (-row[3], -row[6] - row[7], row[1], row[0]))[:limit]


def connections(truth: Truth, category: str | None = None, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for s, t in truth.leaving(layer):
        shares = [truth.share(s, t, c) for c in truth.categories]
        for i, c in enumerate(truth.categories):
            if c in truth.asked(category) and shares[i]:
                rows.append((s, t, truth.layer(s), c, truth.taken[s, t, c], shares[i], lift(shares, i)))
    return sorted(rows, key=lambda row: (-row[5], row[2], *row[:2], row[3]))[:limit]


def connection_profile(truth: Truth, source: str, target: str) -> list[Row]:
    shares = [truth.share(source, target, c) for c in truth.categories]
    rows = [(c, truth.taken[source, target, c], shares[i], lift(shares, i)) for i, c in enumerate(truth.categories)]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def drivers(truth: Truth, region: str, category: str | None = None, limit: int = 10) -> list[Row]:
    weights = {s: truth.weight(s, t, category) for s, t in truth.pairs if t == region}
    total = sum(weights.values())
    rows = [(s, region, *truth.words(s), n, Fraction(n, total)) for s, n in weights.items() if n]
    return sorted(rows, key=lambda row: (-row[3], row[0]))[:limit]


def connections_of_region(truth: Truth, region: str, category: str | None = None, limit: int = 10) -> list[Row]:
    rows = []
    for direction, end in (("in", 1), ("out", 0)):
        weights = {pair: truth.weight(*pair, category) for pair in truth.pairs if pair[end] == region}
        total = sum(weights.values())
        ends = [
            (direction, *pair, pair[1 - end], *truth.words(pair[1 - end]), n, Fraction(n, total))
            for pair, n in weights.items()
            if n
        ]
        rows += sorted(ends, key=lambda row: (-row[5], row[3]))[:limit]
    return rows


def exclusive_connections(
    truth: Truth, category: str, versus: str | None = None, layer: int | None = None, limit: int = 50
) -> list[Row]:
    others = [c for c in truth.asked(versus) if c != category]
    rows = [
        (s, t, truth.layer(s), truth.taken[s, t, category], truth.share(s, t, category), *truth.words(s, t))
        for s, t in truth.leaving(layer)
        if truth.taken[s, t, category] and not any(truth.taken[s, t, c] for c in others)
    ]
    return sorted(rows, key=lambda row: (-row[3], row[2], *row[:2]))[:limit]


def compare_categories(
    truth: Truth, category: str, versus: str, layer: int | None = None, limit: int = 50
) -> list[Row]:
    rows = []
    for s, t in truth.leaving(layer):
        one, other = truth.taken[s, t, category], truth.taken[s, t, versus]
        if one or other:
            a, b = truth.share(s, t, category), truth.share(s, t, versus)
            rows.append((s, t, truth.layer(s), a - b, a, b, one, other, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-abs(row[3]), row[2], *row[:2]))[:limit]


def telling_connections(
    truth: Truth,
    category: str | None = None,
    first_layer: int | None = None,
    last_layer: int | None = None,
    region: str | None = None,
    diagonal: bool = True,
    limit: int = 150,
) -> list[Row]:
    rows = []
    for s, t in truth.pairs:
        if (first_layer is not None and truth.layer(s) < first_layer) or (
            last_layer is not None and truth.layer(t) > last_layer
        ):
            continue
        if region not in (None, s, t) or (not diagonal and truth.regions[s].name == truth.regions[t].name):
            continue
        shares = {c: truth.share(s, t, c) for c in truth.categories}
        most, least = max(shares, key=lambda c: shares[c]), min(shares, key=lambda c: shares[c])
        others = [share for c, share in shares.items() if c != category]
        difference = shares[category] - sum(others) / len(others) if category else None
        ends = (shares[most] - shares[least], most, shares[most], least, shares[least], difference)
        rows.append((s, t, truth.layer(s), truth.weight(s, t, None), *ends, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-abs(row[9] if category else row[4]), row[2], *row[:2]))[:limit]


def documents_of_region(truth: Truth, region: str, category: str | None = None, limit: int = 50) -> list[Row]:
    exemplars = list(truth.regions[region].exemplars)
    rows = []
    for d in truth.documents:
        if region in truth.ways[d.ordinal] and d.category in truth.asked(category):
            place = exemplars.index(d.ordinal) + 1 if d.ordinal in exemplars else None
            rows.append((place or math.inf, d.ordinal, _shown(truth, d.ordinal, place)))
    return [row for *_, row in sorted(rows)][:limit]


def documents_of_connection(
    truth: Truth, source: str, target: str, category: str | None = None, limit: int = 50
) -> list[Row]:
    rows = []
    for d in truth.documents:
        if {source, target} <= set(truth.ways[d.ordinal]) and d.category in truth.asked(category):
            typical = sum(d.ordinal in truth.regions[r].exemplars for r in (source, target))
            rows.append((-typical, d.ordinal, _shown(truth, d.ordinal, typical)))
    return [row for *_, row in sorted(rows)][:limit]


def _shown(truth: Truth, ordinal: int, typical: int | None) -> Row:
    document = truth.documents[ordinal]
    text = " ".join(document.text.split())  # shorter than an excerpt may be
    return (f"{truth.study}/D{ordinal}", document.category, document.title, text, typical)


def strongest_route_cost(truth: Truth, category: str) -> float:
    """Minus the log of the best route's probability, by Dijkstra's algorithm."""
    graph = nx.DiGraph()
    for region in truth.regions:
        if n := truth.inside[region, category]:
            if truth.layer(region) == 0:
                graph.add_edge("start", region, cost=-math.log(n / truth.sizes[category]))
            if truth.layer(region) == truth.layers[-1]:
                graph.add_edge(region, "end", cost=0.0)
    for s, t in truth.pairs:
        if n := truth.taken[s, t, category]:
            graph.add_edge(s, t, cost=-math.log(n / truth.inside[s, category]))
    return float(nx.dijkstra_path_length(graph, "start", "end", weight="cost"))


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "categories": categories,
    "layers": layers,
    "divergence": divergence,
    "regions": regions,
    "region-profile": region_profile,
    "hubs": hubs,
    "connections": connections,
    "connection-profile": connection_profile,
    "drivers": drivers,
    "connections-of-region": connections_of_region,
    "exclusive-connections": exclusive_connections,
    "compare-categories": compare_categories,
    "telling-connections": telling_connections,
    "documents-of-region": documents_of_region,
    "documents-of-connection": documents_of_connection,
}
