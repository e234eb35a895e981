"""Where the regions of a picture stand: in lanes where the atlas is chained, else in stacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ui.drawing import layout
from ui.drawing.layout import Cell
from ui.drawing.scene import Link, Spot

KEPT_ORDERS = 32  # orders of lanes: of the same names and moves each page draws the same

Moves = tuple[tuple[str, str, int], ...]


def stacked(spots: Iterable[Spot], links: Iterable[Link]) -> dict[str, Cell]:
    """Cells of regions that have no lanes, layer by layer."""
    return layout.stacks(_regions(spots), {(link.source, link.target): link.documents for link in links})


def in_lanes(spots: Sequence[Spot], moves: Moves) -> dict[str, Cell]:
    """Cells of chained regions, each in the lane of its name.

    Args:
        spots: all regions of a study.
        moves: documents that go from one name to another, all layers together.
    """
    return layout.lanes(_regions(spots), _order(tuple(sorted({spot.name for spot in spots})), moves))


def closed_up(shown: Sequence[Spot], cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells of the regions shown, without the rows and columns that none of them uses."""
    rows = {row: float(i) for i, row in enumerate(sorted({cells[spot.id].row for spot in shown}))}
    used = {column: i for i, column in enumerate(sorted({cells[spot.id].column for spot in shown}))}
    return {
        spot.id: cells[spot.id]._replace(row=rows[cells[spot.id].row], column=used[cells[spot.id].column])
        for spot in shown
    }


@lru_cache(KEPT_ORDERS)
def _order(names: tuple[str, ...], moves: Moves) -> tuple[str, ...]:
    return tuple(layout.lane_order(names, {(source, target): float(moved) for source, target, moved in moves}))


def _regions(spots: Iterable[Spot]) -> dict[str, tuple[int, str]]:
    return {spot.id: (spot.layer, spot.name) for spot in spots}
