"""Regions of a picture expanded in place: further connections of theirs, while all that is drawn stays where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.layout import Cell
from ui.drawing.picture import Ask
from ui.drawing.scene import Link, Picture, Spot
from ui.drawing.view import View

APART = 1 - 1e-9  # rows from a dot to the next of its column


def expanded_picture(of: Study, ask: Ask, view: View) -> Picture:
    """What a view draws, with further connections of the regions that it expands and the regions that they reach.

    Args:
        of, ask, view: as in `picture.picture`.
    """
    if not view.expanded:
        return picture.picture(of, ask, view)
    shown = picture.picture(of, ask, view if view.focus else view.on())  # else a region picked later would move others
    shown = replace(shown, rows=shown.height)
    for region, count in view.expanded:
        shown = _with(of, ask, shown, region, others(of, ask, view, shown, region)[:count])
    return _with(of, ask, shown, view.region, ()) if view.region else shown


def others(of: Study, ask: Ask, view: View, shown: Picture, region: str) -> list[Link]:
    """The connections of a region that a picture does not draw, those that most documents take first."""
    drawn = {link.id for link in shown.links}
    return [link for link in picture.connections_of(of, ask, view, region, shown.order) if link.id not in drawn]


def _with(of: Study, ask: Ask, shown: Picture, region: str, further: Sequence[Link]) -> Picture:
    ends = {region, *(end for link in further for end in (link.source, link.target))}
    ends |= {spot.id for spot in shown.spots}
    known = picture.spots(of, ask)
    spots = [spot for spot in known if spot.id in ends]
    present = {spot.layer for spot in spots}
    columns = [column for column in picture.columns(of, ask) if column.index in present]
    if traits_of(of.atlas).chained:
        places: Mapping[str, Cell] = picture.in_lanes(of, ask, spots, known)
    else:
        places = _beside(shown, spots, region, {column.index: i for i, column in enumerate(columns)})
    links = [*shown.links, *further]
    return replace(shown, columns=columns, spots=spots, links=links, places=places, added=shown.added + len(further))


def _beside(shown: Picture, spots: Sequence[Spot], region: str, columns: Mapping[int, int]) -> dict[str, Cell]:
    """Cells of stacked regions: those drawn keep their rows, new ones take free rows close to the expanded one's.

    Args:
        shown: the picture before.
        spots: all regions drawn then.
        region: the expanded one.
        columns: place of each layer then.
    """
    places = {spot.id: Cell(columns[spot.layer], shown.places[spot.id].row) for spot in shown.spots}
    near = places[region].row if region in places else 0.0
    for spot in spots:
        if spot.id not in places:
            column = columns[spot.layer]
            taken = [cell.row for cell in places.values() if cell.column == column]
            places[spot.id] = Cell(column, _free_row(taken, near))
    return places


def _free_row(taken: Iterable[float], near: float) -> float:
    """The row closest to another that is one row or more from each that is taken; none above the picture."""
    rows = list(taken)
    candidates = [near, *(row + side for row in rows for side in (-1.0, 1.0))]
    free = [row for row in candidates if row >= 0 and all(abs(row - other) >= APART for other in rows)]
    return min(free, key=lambda row: (abs(row - near), row))
