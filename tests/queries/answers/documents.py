"""Questions about documents."""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.queries.answers.truth import Row, Truth


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


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "documents-of-region": documents_of_region,
    "documents-of-connection": documents_of_connection,
}
