"""Two categories of a study side by side: where their shares of a connection differ most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mri_core.records import Study, local_id
from ui.graph_view import Spot
from ui.picture import Ask


@dataclass(frozen=True, slots=True)
class Contrast:
    """A connection, and how much more of one category's documents take it than of the other's.

    Attributes:
        low, high: the difference's interval, where one is known.
    """

    source: Spot
    target: Spot
    difference: float
    share: float
    versus_share: float
    low: float | None = None
    high: float | None = None


def contrasts(of: Study, ask: Ask, spots: Sequence[Spot], category: str, versus: str, count: int) -> list[Contrast]:
    """The connections in which the two differ most, the largest difference first."""
    known: Mapping[str, Spot] = {spot.id: spot for spot in spots}
    return [
        Contrast(
            known[local_id(of.id, row["source"])],
            known[local_id(of.id, row["target"])],
            row["difference"],
            row["share"],
            row["versus_share"],
            row.get("ci_low"),
            row.get("ci_high"),
        )
        for row in ask(of, "compare-categories", category=category, versus=versus, limit=count).records()
    ]
