"""The graph of what two studies of the same documents gained and lost: connections over the regions of their atlas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from queries.text import number
from ui.drawing import layout, picture, places
from ui.drawing.answer_graph import MOST_DRAWN, Drawing
from ui.drawing.layout import Cell
from ui.drawing.palette import ABOVE, BELOW
from ui.drawing.picture import Ask
from ui.drawing.scene import Picture, Spot, Stroke
from ui.reports.changes import Change


def draw_changes(base: Study, other: Study, ask: Ask, changes: Sequence[Change], colours: Mapping[str, str]) -> Drawing:
    """Gained and lost connections as lines, as wide as the documents that gained it, less those that lost it.

    Args:
        base, other: the studies; regions that one of them alone has are drawn too.
        ask: gives answers about them.
        changes: the most telling first.
        colours: colour of each category.
    """
    drawn = changes[:MOST_DRAWN]
    strokes = [_stroke(change) for change in drawn]
    ends = {end for stroke in strokes for end in (stroke.source, stroke.target)}
    spots = {spot.id: spot for study in (other, base) for spot in picture.spots(study, ask)}
    chained = traits_of(base.atlas).chained
    shown = [spot for spot in spots.values() if chained or spot.id in ends]
    shown.sort(key=lambda spot: (spot.layer, spot.id))
    present = {spot.layer for spot in shown}
    columns = [column for column in picture.columns(base, ask) if column.index in present]
    cells = _cells(base, ask, shown, strokes, chained=chained)
    legend = {**colours, f"gained in {other.name}": ABOVE, f"lost in {other.name}": BELOW}
    return Drawing(Picture(columns, shown, [], cells), strokes, legend, left_out=len(changes) - len(drawn))


def _cells(
    base: Study, ask: Ask, shown: Sequence[Spot], strokes: Sequence[Stroke], *, chained: bool
) -> dict[str, Cell]:
    if chained:  # all regions are shown, so that no lane has to be closed up
        return places.in_lanes(shown, ask(base, "moves", limit=picture.MOST_MOVES).rows)
    regions = {spot.id: (spot.layer, spot.name) for spot in shown}
    return layout.stacks(regions, {(stroke.source, stroke.target): stroke.weight for stroke in strokes})


def _stroke(change: Change) -> Stroke:
    gained = change.gained > change.lost
    told = [f"{change.gained} documents gain it, {change.lost} lose it; q {number(change.q)}"]
    told += [f"{name}: {more} gain it, {less} lose it" for name, (more, less) in change.by_category.items()]
    weight = float(abs(change.gained - change.lost))
    colour = ABOVE if gained else BELOW
    return Stroke(change.id, change.source, change.target, weight, colour, "\n".join(told), dashed=not gained)
