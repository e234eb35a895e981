"""Questions about documents."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from mri_core.texts.readable import readable
from tests.queries.answers.truth import Row, Truth


def documents(
    truth: Truth,
    text: str | None = None,
    category: str | None = None,
    document: str | None = None,
    skip: int = 0,
    limit: int = 50,
) -> list[Row]:
    found = []
    for d in truth.documents:
        told = [d.title, " ".join(d.text.split()), d.source_id or ""]
        named = document in (None, f"{truth.study}/D{d.ordinal}")
        if named and d.category in truth.asked(category) and any((text or "").lower() in part.lower() for part in told):
            found.append(_shown(truth, d.ordinal, None)[:4])
    return [(*row, len(found)) for row in found[skip : skip + limit]]


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
            shown = _shown(truth, d.ordinal, typical)
            words = sum(word in f"{shown[2]} {shown[3]}".lower() for word in truth.told(source, target))
            rows.append((-words, -typical, d.ordinal, (*shown, words)))
    return [row for *_, row in sorted(rows)][:limit]


def outliers(truth: Truth, category: str, limit: int = 20) -> list[Row]:
    ways = {d.ordinal: ("", *truth.ways[d.ordinal]) for d in truth.documents if d.category == category}
    taken = Counter(step for way in ways.values() for step in pairwise(way))
    left = Counter(region for way in ways.values() for region in way[:-1])
    found = []
    for ordinal, way in ways.items():
        chances = [Fraction(taken[step], left[step[0]]) for step in pairwise(way)]
        layer = chances.index(min(chances))
        mean = math.log2(math.prod(chances)) / len(chances)
        document, _, title, text, _ = _shown(truth, ordinal, None)
        row = (document, title, text, mean, layer, way[layer] or None, way[layer + 1], chances[layer])
        found.append((math.prod(chances), ordinal, row))
    return [row for *_, row in sorted(found)][:limit]


def nearest_documents(truth: Truth, document: str, category: str | None = None, limit: int = 20) -> list[Row]:
    asked = int(document.rpartition("D")[2])
    found = []
    for d in truth.documents:
        shared = len(set(truth.ways[asked]) & set(truth.ways[d.ordinal]))
        if shared and d.ordinal != asked and d.category in truth.asked(category):
            row = (*_shown(truth, d.ordinal, shared)[:4], shared, Fraction(shared, len(truth.layers)))
            found.append((-shared, d.ordinal, row))
    return [row for *_, row in sorted(found)][:limit]


def _shown(truth: Truth, ordinal: int, typical: int | None) -> Row:
    document = truth.documents[ordinal]
    text = " ".join(readable(document.text).split())  # shorter than an excerpt may be
    return (f"{truth.study}/D{ordinal}", document.category, document.title, text, typical)


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "documents": documents,
    "documents-of-region": documents_of_region,
    "documents-of-connection": documents_of_connection,
    "outliers": outliers,
    "nearest-documents": nearest_documents,
}
