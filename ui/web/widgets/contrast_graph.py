"""The difference graph of two categories: their findings over the study's regions, or a component of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from queries.text import number
from ui.drawing.answer_graph import Drawing, laid_out
from ui.drawing.network import opacity
from ui.drawing.palette import NEUTRAL
from ui.drawing.picture import Ask
from ui.drawing.scene import Spot, Stroke
from ui.reports.contrasts import Ends, Finding, Pair, sides
from ui.web.widgets.forest import again, small
from ui.wording.open_ends import printed

MOST_DRAWN = 300  # connections; more are a hairball, and stand in the table


def draw_findings(
    of: Study,
    ask: Ask,
    known: Mapping[str, Spot],
    findings: Sequence[Finding],
    pair: Pair,
    colours: Mapping[str, str],
) -> Drawing:
    """The findings as lines, as wide as the shares differ, in the colour of the category that takes more.

    Args:
        of, ask: the study, and what gives answers about it.
        known: its regions by their ids within it.
        findings: the most telling first.
        pair: the categories.
        colours: colour of each category.
    """
    together: dict[str, list[Finding]] = {}
    for finding in findings:
        together.setdefault(finding.id, []).append(finding)
    drawn = dict(list(together.items())[:MOST_DRAWN])
    strokes = []
    for key, rows in drawn.items():
        lean = leaning(rows[0], pair)
        told = "\n".join([*([_shares(rows[0].shares, pair)] if rows[0].shares else []), *map(in_numbers, rows)])
        again = max((row.stability for row in rows if row.stability is not None), default=None)
        ends = rows[0].source.id, rows[0].target.id
        strokes.append(Stroke(key, *ends, abs(lean), _tint(lean, pair, colours), told, opacity(again)))
    return _drawing(of, ask, known, strokes, pair, colours, len(together) - len(drawn))


def draw_component(
    of: Study,
    ask: Ask,
    known: Mapping[str, Spot],
    component: Measure,
    shares: Mapping[Ends, tuple[float, float]],
    pair: Pair,
    colours: Mapping[str, str],
) -> Drawing:
    """The connections of a component of the network-based statistic, by the shares of the two categories.

    Args:
        component: a measure of kind nbs.
        shares: of the two categories on each connection.
        of, ask, known, pair, colours: as in `draw_findings`.
    """
    strokes = []
    connections = component.details["connections"]
    for source, target in connections[:MOST_DRAWN]:
        both = shares.get((source, target), (0.0, 0.0))
        lean = both[0] - both[1]
        colour = _tint(lean, pair, colours)
        strokes.append(Stroke(f"{source}>{target}", source, target, abs(lean), colour, _shares(both, pair)))
    return _drawing(of, ask, known, strokes, pair, colours, max(len(connections) - MOST_DRAWN, 0))


def _drawing(
    of: Study,
    ask: Ask,
    known: Mapping[str, Spot],
    strokes: list[Stroke],
    pair: Pair,
    colours: Mapping[str, str],
    left_out: int,
) -> Drawing:
    strokes.sort(key=lambda stroke: -stroke.weight)
    ends = {end for stroke in strokes for end in (stroke.source, stroke.target)}
    chained = traits_of(of.atlas).chained
    spots = [spot for spot in known.values() if chained or spot.id in ends]
    shown = laid_out(of, ask, spots, strokes)
    legend = dot_colours(of, pair, colours) or sides(pair, colours, facing=True)
    return Drawing(shown, strokes, legend, left_out=left_out)


def dot_colours(of: Study, pair: Pair, colours: Mapping[str, str]) -> dict[str, str]:
    """Colours of the two categories; regions of all others are grey: no line is of them."""
    if not traits_of(of.atlas).holds_documents:
        return {}
    others = {"other categories": NEUTRAL} if len(colours) > len(pair) else {}
    return {**sides(pair, colours, facing=False), **others}


def leaning(finding: Finding, pair: Pair) -> float:
    """Above 0 where the first of the two categories has more: by their shares, of components by the effect."""
    if finding.shares is not None:
        return finding.shares[0] - finding.shares[1]
    return finding.effect if finding.category == pair[0] else -finding.effect


def in_numbers(finding: Finding) -> str:
    """A finding on one line."""
    interval = f"{finding.effect:.2f} ({printed(finding.low, finding.high)})"
    told = f"{finding.category} {finding.finding}: effect {interval}, q {small(finding.q)}"
    return told if finding.stability is None else f"{told}, found again {again(finding.stability)}"


def _shares(shares: tuple[float, float], pair: Pair) -> str:
    return f"{number(shares[0])} of {pair[0]}, {number(shares[1])} of {pair[1]}"


def _tint(lean: float, pair: Pair, colours: Mapping[str, str]) -> str:
    one, other = sides(pair, colours, facing=True).values()
    return NEUTRAL if lean == 0 else (one if lean > 0 else other)
