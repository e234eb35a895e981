"""Questions about two studies side by side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from sklearn.metrics import adjusted_rand_score

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
}
