"""The graph of what an intervention changes: regions of later layers by how many more or fewer texts lie in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from mri_core.records.graph import Study
from mri_core.records.interventions import Change, Intervention
from queries.text import number
from ui.drawing import picture
from ui.drawing.answer_graph import BACKGROUND, FAINT, Drawing, laid_out
from ui.drawing.effects import Reach, effect_of
from ui.drawing.palette import ABOVE, BELOW, COLOURS, NEUTRAL
from ui.drawing.picture import Ask
from ui.drawing.scene import Spot, Stroke, told
from ui.drawing.view import View

ASKED, MORE, FEWER = "region that is changed", "more texts", "fewer texts"
TINTS = {ASKED: COLOURS[2], MORE: ABOVE, FEWER: BELOW}
LEAST_FILL, WITHIN = 0.35, 0.15  # of a region that changes least beyond the controls, and of one that does not


@dataclass(frozen=True, slots=True)
class Changed(Spot):
    """A region with what became of it."""

    change: str = ""

    @property
    def told(self) -> str:
        """What changes, and how sure that is."""
        return self.change


def draw_effect(of: Study, ask: Ask, one: Intervention) -> Drawing:
    """The region that is changed, all regions of later layers, and the way that its documents take.

    Args:
        of: the study.
        ask: gives answers about it.
        one: the intervention.
    """
    spots = [s for s in picture.spots(of, ask) if s.layer > one.layer or s.id in (one.region, one.source, one.target)]
    reaches = {each.region: each for each in effect_of(one).reaches}
    changes = {change.region: change for change in one.changes}
    greatest = max((abs(change.delta) for change in one.changes), default=1.0) or 1.0
    shown = [_changed(spot, one, changes.get(spot.id), reaches.get(spot.id), greatest) for spot in spots]
    known = {spot.id for spot in spots}
    lines = [*_way(one, reaches), *_behind(of, ask, one.layer, known)]
    return Drawing(laid_out(of, ask, shown, lines), lines, TINTS)


def _changed(spot: Spot, one: Intervention, change: Change | None, reach: Reach | None, greatest: float) -> Spot:
    plain = Changed(
        id=spot.id,
        layer=spot.layer,
        name=spot.name,
        documents=spot.documents,
        dominant=None,
        keywords=spot.keywords,
        purity=0.0,
        given=spot.given,
        change=f"{spot.documents} documents",
    )
    if spot.layer == one.layer:
        return replace(plain, dominant=ASKED, purity=1.0, change="its direction is changed here")
    if change is not None:
        purity = LEAST_FILL + (1 - LEAST_FILL) * abs(change.delta) / greatest
        sure = f"{change.delta:+.0%} of the texts ({change.ci_low:+.0%} to {change.ci_high:+.0%})"
        beyond = f"controls {change.control_mean:+.0%}, largest {change.control_max:+.0%}; q {number(change.q)}"
        return replace(plain, dominant=_sign(change.delta), purity=purity, change=f"{sure}; {beyond}")
    if reach is not None and reach.change:
        sure = f"{reach.change:+.0%} of the texts ({reach.low:+.0%} to {reach.high:+.0%})"
        range_of = f"controls {reach.least:+.0%} to {reach.most:+.0%}"
        within = f"{sure}, not shown to be beyond the controls; {range_of}"
        return replace(plain, dominant=_sign(reach.change), purity=WITHIN, change=within)
    return replace(plain, change=f"{spot.documents} documents; no change is shown to be beyond the controls")


def _sign(change: float) -> str:
    return MORE if change > 0 else FEWER


def _way(one: Intervention, reaches: Mapping[str, Reach]) -> list[Stroke]:
    """From the region, or a swap's target, on: where most of its documents go."""
    steps = [one.target or one.region, *reaches]
    return [
        Stroke(f"{here}>{there}", here, there, 1.0, NEUTRAL, "the way that its documents take", 0.9)
        for here, there in pairwise(steps)
    ]


def _behind(of: Study, ask: Ask, layer: int, known: set[str]) -> list[Stroke]:
    """The connections in which the categories differ most, faint."""
    links = picture.telling(of, ask, View(order="shares", first=layer))
    lines = [link for link in links if link.source in known and link.target in known][:BACKGROUND]
    return [Stroke(f"{link.id}#behind", link.source, link.target, 0.05, NEUTRAL, told(link), FAINT) for link in lines]
