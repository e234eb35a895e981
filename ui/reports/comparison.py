"""Where categories take connections differently, as a forest for print draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from ui.drawing.comparison import Comparison, Contrast
from ui.drawing.picture import Ask
from ui.drawing.scene import Spot
from ui.reports.contrasts import Finding, Pair

OTHERS = "the others"


def side_by_side(of: Study, ask: Ask, spots: Sequence[Spot], pair: Pair, count: int) -> Comparison:
    """The connections in which two categories differ most, as they were counted: none of it is more than chance.

    Raises:
        UsageError: no document takes a connection, as in a study of components.
    """
    rows = ask(of, "compare-categories", category=pair[0], versus=pair[1], limit=count).records()
    if not rows:
        remedy = "Draw its layers, or ask the question components"
        raise UsageError("A comparison counts documents by connection", "This study has none to count", remedy)
    known = {spot.id: spot for spot in spots}
    found = [
        Contrast(
            known[local_id(of.id, row["source"])],
            known[local_id(of.id, row["target"])],
            row["difference"],
            int(row["difference"] < 0),
        )
        for row in rows
    ]
    return Comparison("Nothing is more than chance: shares, as counted", "share of {0} − share of {1}", pair, found)


def of_findings(of: Study, findings: Sequence[Finding], pair: Pair, order: str, *, facing: bool) -> Comparison:
    """What is found of two categories, with intervals.

    Args:
        of: the study.
        findings: from the top down.
        pair: the categories.
        order: of the findings, one of `beside.ORDERS`.
        facing: whether the two were tested against one another, not each against all others.
    """
    rows = [
        Contrast(
            row.source,
            row.target,
            row.effect,
            int(row.effect < 0) if facing else pair.index(row.category),
            row.low,
            row.high,
        )
        for row in findings
    ]
    by = "the nearer end of their interval" if order == "interval" else "how often they are found again"
    sides = pair if facing else ("each", OTHERS)
    return Comparison(f"Findings by {by}", _unit(of, facing=facing), sides, rows)


def against_others(of: Study, ask: Ask, spots: Sequence[Spot], category: str, count: int) -> Comparison:
    """The connections that a category is found to take more or less than the others, with intervals.

    Raises:
        UsageError: there is none.
    """
    rows = ask(of, "findings", category=category, order="interval", limit=count).records()
    rows = [row for row in rows if row["effect"] is not None]
    if not rows:
        remedy = "Compare it with one other: name a second --category"
        raise UsageError(
            "A comparison with the others draws what is found",
            f"No connection of {category!r} is found to differ",
            remedy,
        )
    found = _contrasts(of, rows, spots, lambda row: int(row["effect"] < 0))
    unit = _unit(of, facing=False)
    return Comparison("Findings by the nearer end of their interval", unit, (category, OTHERS), found)


def foremost(of: Study, ask: Ask, spots: Sequence[Spot], categories: Sequence[str], count: int) -> Comparison | None:
    """The first findings of all categories, each against the others, with intervals; None where there is none.

    Args:
        of: the study.
        ask: gives answers about it.
        spots: its regions.
        categories: of the study, to which the rows' tints point.
        count: findings at most.
    """
    rows = [row for row in ask(of, "findings", limit=count).records() if row["effect"] is not None]
    found = _contrasts(of, rows, spots, lambda row: categories.index(row["category"]))
    title = (
        "Findings by how often they are found again"
        if any(row["stability"] is not None for row in rows)
        else ("Findings by the nearer end of their interval")
    )
    return Comparison(title, _unit(of, facing=False), ("each", OTHERS), found) if found else None


def _contrasts(
    of: Study, rows: Sequence[Mapping[str, Any]], spots: Sequence[Spot], tint: Callable[[Mapping[str, Any]], int]
) -> list[Contrast]:
    """Rows of the question `findings` as a forest draws them."""
    known = {spot.id: spot for spot in spots}
    return [
        Contrast(
            known[local_id(of.id, row["source"])],
            known[local_id(of.id, row["target"])],
            row["effect"],
            tint(row),
            row["ci_low"],
            row["ci_high"],
        )
        for row in rows
    ]


def _unit(of: Study, *, facing: bool) -> str:
    if traits_of(of.atlas).holds_documents:
        return "log odds ratio of {0} to {1}"
    return f"Fisher's z of {{0}} − {'that' if facing else 'mean'} of {{1}}"
