"""A category beside another, or beside all others: where they take connections differently, as a forest is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mri_core.errors import UsageError
from mri_core.records import Study, local_id
from ui.picture import Ask
from ui.scene import Spot


@dataclass(frozen=True, slots=True)
class Contrast:
    """A connection, and how much more a category takes it; below 0, less.

    Attributes:
        low, high: the interval of the difference, where it has one.
    """

    source: Spot
    target: Spot
    difference: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Rows of a forest from the top down.

    Attributes:
        title: what they are, and why in this order.
        unit: what the differences are, of the category and what it is compared with as `{0}` and `{1}`.
    """

    title: str
    unit: str
    rows: Sequence[Contrast]


def side_by_side(of: Study, ask: Ask, spots: Sequence[Spot], category: str, versus: str, count: int) -> Comparison:
    """The connections in which two categories differ most, as they were counted.

    Raises:
        UsageError: no document takes a connection, as in a study of components.
    """
    rows = ask(of, "compare-categories", category=category, versus=versus, limit=count).records()
    if not rows:
        remedy = "Draw its layers, or ask the question components"
        raise UsageError("A comparison counts documents by connection", "This study has none to count", remedy)
    known = {spot.id: spot for spot in spots}
    found = [
        Contrast(known[local_id(of.id, row["source"])], known[local_id(of.id, row["target"])], row["difference"])
        for row in rows
    ]
    return Comparison("Connections by difference of shares, as counted", "share of {0} − share of {1}", found)


def against_others(of: Study, ask: Ask, spots: Sequence[Spot], category: str, count: int) -> Comparison:
    """The connections that a category is found to take more or less than the others, with intervals.

    Raises:
        UsageError: there is none.
    """
    rows = ask(of, "findings", category=category, order="interval", limit=count).records()
    rows = [row for row in rows if row["effect"] is not None]
    if not rows:
        remedy = "Compare what was counted: name a second --category"
        raise UsageError(
            "A comparison with the others draws what is found",
            f"No connection of {category!r} is found to differ",
            remedy,
        )
    known = {spot.id: spot for spot in spots}
    found = [
        Contrast(
            known[local_id(of.id, row["source"])],
            known[local_id(of.id, row["target"])],
            row["effect"],
            row["ci_low"],
            row["ci_high"],
        )
        for row in rows
    ]
    unit = "Fisher's z" if of.atlas == "components" else "log odds"
    return Comparison("Findings by the nearer end of their interval", f"{unit} of {{0}} − mean of {{1}}", found)
