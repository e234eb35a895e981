"""Which findings come first: those that come back, and of these such as say different things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mri_core.records.ids import local_id
from ui.wording.found_again import SELDOM

TOLD = 3
Row = Mapping[str, Any]


def first_findings(rows: Sequence[Row], whose: str, *, chained: bool, count: int = TOLD) -> list[Row]:
    """A few rows that differ from one another.

    One after another the row is chosen that comes first by this rule:

    1. what at least half of the refits find again, or was not fitted again, before what fewer find;
    2. a category of which less is told already;
    3. no region of what is told already: chained regions are the same from layer to layer, so that one and the same
       set of documents on its way through the layers is told once;
    4. the order of the rows.

    Args:
        rows: of a question about connections, the most telling first.
        whose: column of the category that a row is about.
        chained: whether regions of one number continue one another from layer to layer.
        count: rows wanted.
    """
    left, chosen = list(rows), list[Row]()
    while left and len(chosen) < count:
        first = min(left, key=lambda row: _place(row, chosen, whose, chained=chained))
        left.remove(first)
        chosen.append(first)
    return chosen


def _place(row: Row, chosen: Sequence[Row], whose: str, *, chained: bool) -> tuple[bool, int, bool]:
    stability = row.get("stability")
    told = sum(other[whose] == row[whose] for other in chosen)
    passed = {region for other in chosen for region in _regions(other, chained=chained)}
    return stability is not None and stability < SELDOM, told, not passed.isdisjoint(_regions(row, chained=chained))


def _regions(row: Row, *, chained: bool) -> set[str]:
    """The regions that a connection joins, without their layer where they continue through all of them."""
    return {row[end].rpartition("/")[2] if chained else row[end] for end in ("source", "target")}


def stays(study: str, row: Row, *, chained: bool) -> bool:
    """Whether a connection joins a region to its own continuation in the next layer.

    Args:
        study: id of the study.
        row: with `source` and `target`.
        chained: as of `first_findings`.
    """
    here, there = (local_id(study, row[end]).partition("/")[2] for end in ("source", "target"))
    return chained and here == there
