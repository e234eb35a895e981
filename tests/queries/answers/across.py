"""Questions about two studies side by side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from sklearn.metrics import adjusted_rand_score

from mri_core.records.corpus import excerpt
from mri_core.records.measures import Measure
from tests.queries.answers.study import divergence, layers
from tests.queries.answers.truth import Row, Truth, entropy


def compare_layers(truth: Truth, other: str, limit: int = 1000) -> list[Row]:
    twin = truth.beside[other]
    ours, theirs = (list(zip(layers(side), divergence(side), strict=True)) for side in (truth, twin))
    rows: list[Row] = []
    for index, at in enumerate(aligned(truth, twin)):
        sides = [(spread[3], spread[5], parted[2], spread[6]) for spread, parted in (ours[index], theirs[at])]
        rows.append((index, at, *(value for pair in zip(*sides, strict=True) for value in pair)))
    return rows[:limit]


def category_across(truth: Truth, other: str, category: str, versus: str | None = None, limit: int = 1000) -> list[Row]:
    twin, name = truth.beside[other], versus or category
    if category not in truth.categories or name not in twin.categories:
        return []
    places = enumerate(aligned(truth, twin))
    return [(i, *_seat(truth, category, i), at, *_seat(twin, name, at)) for i, at in places][:limit]


def matched_regions(truth: Truth, other: str, layer: int | None = None, limit: int = 1000) -> list[Row]:
    twin = truth.beside[other]
    if not same_documents(truth, twin):
        return []
    rows: list[Row] = []
    for index, at in enumerate(aligned(truth, twin)):
        ours, theirs = _members(truth, index), _members(twin, at)
        for r, inside in ours.items() if layer in (None, index) else ():
            t = min(theirs, key=lambda t: (-len(theirs[t] & inside), len(theirs[t]), t))
            match = (t, at, len(theirs[t]), *twin.words(t))
            shared = (len(inside & theirs[t]), Fraction(len(inside & theirs[t]), len(inside | theirs[t])))
            rows.append((r, index, len(inside), *truth.words(r), *match, *shared))
    return sorted(rows, key=lambda row: (row[1], -row[9], row[0]))[:limit]


def agreement(truth: Truth, other: str, limit: int = 1000) -> list[Row]:
    twin = truth.beside[other]
    if not same_documents(truth, twin):
        return []
    rows: list[Row] = []
    for index, at in enumerate(aligned(truth, twin)):
        ours, theirs = [way[index] for way in truth.ways], [way[at] for way in twin.ways]
        rows.append((index, at, len(set(ours)), len(set(theirs)), float(adjusted_rand_score(ours, theirs))))
    return rows[:limit]


def drift(truth: Truth, other: str, category: str | None = None, limit: int = 1000) -> list[Row]:
    twin = truth.beside[other]
    if not same_atlas(truth, twin):
        return []
    rows: list[Row] = []
    for layer in truth.layers:
        ends = [(a, b) for a, b, label in _both(truth, twin, layer) if label in truth.asked(category)]
        moved = sum(a != b for a, b in ends)
        rows += [(layer, len(ends), moved, Fraction(moved, len(ends)))] if ends else []
    return rows[:limit]


def moved_documents(
    truth: Truth, other: str, layer: int | None = None, category: str | None = None, limit: int = 50
) -> list[Row]:
    twin = truth.beside[other]
    if not same_atlas(truth, twin):
        return []
    rows = []
    for index in truth.layers if layer is None else [layer]:
        for number, (a, b, label) in enumerate(_both(truth, twin, index)):
            if a != b and label in truth.asked(category):
                document, margin = truth.documents[number], None
                if twin.margins is not None:
                    margin = round(float(twin.margins[number, index]), 4)
                ends = f"{truth.study}/L{index}/R{a}", f"{twin.study}/L{index}/R{b}"
                about = (*truth.words(ends[0]), *twin.words(ends[1]), document.title, excerpt(document.text))
                rows.append((number, (f"{truth.study}/D{number}", index, label, *ends, margin, *about)))
    rows.sort(key=lambda row: (row[1][1], -(-1.0 if row[1][5] is None else row[1][5]), row[0]))
    return [row for _, row in rows][:limit]


def changed_connections(
    truth: Truth, what: str = "connections", layer: int | None = None, limit: int = 50
) -> list[Row]:
    found = [m for m in truth.measures if m.kind == "changed" and str(m.other).startswith(f"{what} ")]
    found = [m for m in found if layer in (None, m.layer)]

    def nearer(m: Measure) -> float:
        if m.ci_low is not None and m.ci_low > 0:
            return m.ci_low
        return -m.ci_high if m.ci_high is not None and m.ci_high < 0 else -1e6

    found.sort(key=lambda m: (-nearer(m), m.layer, m.other))
    return [(m.other, m.layer, m.value, m.ci_low, m.ci_high, m.p, m.q, dict(m.details)) for m in found][:limit]


def replicated_findings(
    truth: Truth, category: str | None = None, layer: int | None = None, limit: int = 1000
) -> list[Row]:
    found = [m for m in truth.measures if m.kind == "replication" and m.other is not None]
    found = [m for m in found if category in (None, m.category) and layer in (None, m.layer)]
    found.sort(key=lambda m: (m.q, m.layer, m.other, m.category))
    return [(m.other, m.layer, m.category, m.value, m.ci_low, m.ci_high, m.p, m.q, dict(m.details)) for m in found][
        :limit
    ]


def matched_findings(
    truth: Truth, other: str, category: str | None = None, layer: int | None = None, limit: int = 1000
) -> list[Row]:
    twin, partner = truth.beside[other], truth.matches.get(other, {})
    there = {(own["source"], own["target"], own["category"]): own for own in twin.evidence}
    rows: list[Row] = []
    for own in truth.evidence:
        source, target, name = own["source"], own["target"], own["category"]
        asked = own["finding"] and name in truth.asked(category) and layer in (None, truth.layer(source))
        if not asked or source not in partner or target not in partner:
            continue
        (u, first), (v, second) = partner[source], partner[target]
        if twin.layer(v) != twin.layer(u) + 1:
            continue
        found = there.get((u, v, name))
        share = None if found is None else Fraction(found["weight"], twin.sizes[name])
        ends = (source, target, truth.layer(source), name, own["finding"], u, v)
        sure = (found and found["finding"], share, own["effect"], found and found["effect"], min(first, second))
        rows.append((*ends, *sure, *truth.words(source, target)))
    return sorted(rows, key=lambda row: (-row[11], row[2], row[0], row[1], row[3]))[:limit]


def same_atlas(truth: Truth, other: Truth) -> bool:
    hashes = truth.graph.study.atlas_hash, other.graph.study.atlas_hash
    return None not in hashes and hashes[0] == hashes[1] and same_documents(truth, other)


def _both(truth: Truth, other: Truth, layer: int) -> list[tuple[str, str, str]]:
    """Of each document the names of its regions in either study, and its category."""
    pairs = zip(truth.ways, other.ways, truth.labels, strict=True)
    return [(a[layer].rpartition("/R")[2], b[layer].rpartition("/R")[2], label) for a, b, label in pairs]


def aligned(truth: Truth, other: Truth) -> list[int]:
    """For each layer the layer of the other study whose relative depth is the nearest, the deeper of two."""
    last, other_last = truth.layers[-1], other.layers[-1]
    return [
        min(other.layers, key=lambda at: (abs(Fraction(index, last) - Fraction(at, other_last)), -at))
        for index in truth.layers
    ]


def same_documents(truth: Truth, other: Truth) -> bool:
    one, two = truth.graph.study, other.graph.study
    return (one.corpus_hash, one.documents) == (two.corpus_hash, two.documents)


def _members(truth: Truth, layer: int) -> dict[str, set[int]]:
    members: dict[str, set[int]] = {}
    for document, way in enumerate(truth.ways):
        members.setdefault(way[layer], set()).add(document)
    return members


def _seat(truth: Truth, category: str, layer: int) -> Row:
    """Effective regions of a category in a layer, and the region with most of it: id, share, words."""
    passed = Counter(way[layer] for way, label in truth.labelled() if label == category)
    top = min(passed, key=lambda region: (-passed[region], region))
    return (
        math.exp(entropy(list(passed.values()))),
        top,
        Fraction(passed[top], truth.sizes[category]),
        *truth.words(top),
    )


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "compare-layers": compare_layers,
    "category-across": category_across,
    "matched-regions": matched_regions,
    "agreement": agreement,
    "drift": drift,
    "moved-documents": moved_documents,
    "changed-connections": changed_connections,
    "replicated-findings": replicated_findings,
    "matched-findings": matched_findings,
}
