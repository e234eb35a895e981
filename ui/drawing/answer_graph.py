"""An answer drawn over a study's regions: its rows as connections, or its steps as routes through the layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from queries.result import EDGE, ROUTE, STEP, Result
from queries.text import number
from ui.drawing import layout, picture
from ui.drawing.palette import ABOVE, BELOW, NEUTRAL
from ui.drawing.picture import Ask
from ui.drawing.scene import Picture, Spot, Stroke, told
from ui.drawing.view import View

MOST_DRAWN = 300  # connections; more are a hairball, and stand in the table
BACKGROUND = 150  # connections behind a route
FAINT = 0.22  # how opaque these are
COUNTED = ("documents", "weight")  # columns of counts that a width best shows


@dataclass(frozen=True)
class Drawing:
    """What is drawn of an answer.

    Attributes:
        picture: the regions and where they stand.
        strokes: the lines, the first on top.
        legend: colours of categories, signs or the route, by name.
        measure: the column that is the lines' width; "" for routes.
        left_out: connections that are not drawn.
    """

    picture: Picture
    strokes: Sequence[Stroke]
    legend: Mapping[str, str]
    measure: str = ""
    left_out: int = 0


def draw_connections(
    of: Study, ask: Ask, result: Result, colours: Mapping[str, str], category: str = "", versus: str = ""
) -> Drawing | None:
    """The rows of `result` as lines from their source to their target; None where they are no regions of the study.

    Args:
        of: the study.
        ask: gives answers about it.
        result: with columns `source` and `target`, ids of regions.
        colours: colour of each category.
        category: the one asked about, whose colour lines have that no column gives another.
        versus: the one that it is compared with: differences above 0 are the category's, those below its.
    """
    known = {spot.id: spot for spot in picture.spots(of, ask)}
    pairs = _pairs(of, result)
    if not pairs or any(end not in known for pair in pairs for end in pair):
        return None
    measure = _measure(result)
    drawn = dict(list(pairs.items())[:MOST_DRAWN])
    values = [float(row[measure] or 0) for rows in pairs.values() for row in rows] if measure else []
    signed = any(value < 0 for value in values)
    sides = _sides(colours, category, versus)
    above, below = sides or (ABOVE, BELOW)
    tints = {f"{measure} above 0": above, f"{measure} below 0": below} if signed and not sides else colours
    strokes = [
        Stroke(
            id=f"{source}>{target}",
            source=source,
            target=target,
            weight=abs(float(rows[0][measure] or 0)) if measure else 1.0,
            colour=_signed(rows[0][measure], above, below) if signed else _colour(rows[0], result, colours, category),
            told=_told(rows, result),
        )
        for (source, target), rows in drawn.items()
    ]
    ends = {end for pair in drawn for end in pair}
    shown = laid_out(of, ask, [spot for spot in known.values() if spot.id in ends], strokes)
    dots = {} if not traits_of(of.atlas).holds_documents else colours  # components have no category
    return Drawing(shown, strokes, {**dots, **tints}, measure, len(pairs) - len(drawn))


def draw_routes(of: Study, ask: Ask, result: Result, colours: Mapping[str, str], category: str = "") -> Drawing | None:
    """The steps of `result` as routes over the study's most telling connections; None where they are not its regions.

    Args:
        of, ask, colours: as in `draw_connections`.
        result: with columns `layer` and `region`, and `route` where there are several.
        category: whose documents go, whose colour the routes have; the first route is the boldest.
    """
    known = {spot.id: spot for spot in picture.spots(of, ask)}
    routes = _routes(of, result)
    regions = {step["region"] for steps in routes.values() for step in steps}
    if not routes or not regions <= set(known):
        return None
    colour = colours.get(category, ABOVE)
    steps = [
        Stroke(
            id=f"{before['region']}>{step['region']}" + (f"#{place}" if place else ""),
            source=before["region"],
            target=step["region"],
            weight=1 / (1 + place / 2),
            colour=colour,
            told=_told([step], result),
            opacity=0.9 / (1 + place / 2),
        )
        for place, route in enumerate(routes.values())
        for before, step in pairwise(route)
    ]
    own = {} if category in colours else {"the route": colour}
    return over_connections(of, ask, list(known.values()), steps, View(order="shares"), {**colours, **own})


def over_connections(
    of: Study, ask: Ask, known: Sequence[Spot], steps: Sequence[Stroke], view: View, legend: Mapping[str, str]
) -> Drawing:
    """Steps from region to region, over a study's most telling connections.

    Args:
        of, ask: as in `draw_connections`.
        known: the regions that may be drawn.
        steps: the first on top.
        view: chooses the connections behind.
        legend: colour of each category, and of whatever else is named.
    """
    behind = [
        Stroke(f"{link.id}#behind", link.source, link.target, 0.05, NEUTRAL, told(link), FAINT)
        for link in picture.telling(of, ask, view)[:BACKGROUND]
    ]
    lines = [*steps, *behind]
    ends = {end for line in lines for end in (line.source, line.target)}
    spots = [spot for spot in known if traits_of(of.atlas).chained or spot.id in ends]
    return Drawing(laid_out(of, ask, spots, lines), lines, legend)


def picked_connection(stroke: str) -> str:
    """The connection that a drawn line is of: `L3/R5>L4/R2`."""
    return stroke.partition("#")[0]


def _pairs(of: Study, result: Result) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rows by their ends, in the order of the answer."""
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    if set(EDGE) <= set(result.columns):
        for row in result.records():
            source, target = (local_id(of.id, str(row[end])) for end in EDGE)
            pairs.setdefault((source, target), []).append(row)
    return pairs


def _routes(of: Study, result: Result) -> dict[Any, list[dict[str, Any]]]:
    routes: dict[Any, list[dict[str, Any]]] = {}
    if set(STEP) <= set(result.columns):
        for row in sorted(result.records(), key=lambda row: row["layer"]):
            step = {**row, "region": local_id(of.id, str(row["region"]))}
            routes.setdefault(row.get(ROUTE), []).append(step)
    return routes if None in routes else dict(sorted(routes.items()))


def _measure(result: Result) -> str:
    """The column that tells most: the first that is no whole number, else a count of documents, else any number."""
    typed = dict(zip(result.columns, result.types, strict=True))
    numbers = [name for name, kind in typed.items() if kind == "float"]
    counts = [name for name, kind in typed.items() if kind == "int"]
    return next(iter([*numbers, *(name for name in COUNTED if name in counts), *counts]), "")


def _colour(
    row: Mapping[str, Any],
    result: Result,
    colours: Mapping[str, str],
    category: str,
) -> str:
    column = next((name for name, kind in zip(result.columns, result.types, strict=True) if kind == "category"), None)
    return colours.get(str(row[column]) if column else category, NEUTRAL)


def _sides(colours: Mapping[str, str], category: str, versus: str) -> tuple[str, str] | None:
    """The colours of two categories that are compared; None where there are no two of different colour."""
    if category not in colours or versus not in colours or colours[category] == colours[versus]:
        return None
    return colours[category], colours[versus]


def _signed(value: float | None, above: str, below: str) -> str:
    return above if (value or 0) >= 0 else below


def _told(rows: Sequence[Mapping[str, Any]], result: Result) -> str:
    """The numbers and categories of the rows, a line each."""
    kept = [
        name
        for name, kind in zip(result.columns, result.types, strict=True)
        if kind in ("int", "float", "category", "bool") and name != "layer"
    ]
    return "\n".join(", ".join(f"{name} {_value(row[name])}" for name in kept if row[name] is not None) for row in rows)


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def laid_out(of: Study, ask: Ask, spots: Sequence[Spot], strokes: Iterable[Stroke]) -> Picture:
    """Where some regions of a study stand with these lines between them."""
    if traits_of(of.atlas).chained:
        places = picture.in_lanes(of, ask, spots, picture.spots(of, ask))
    else:
        regions = {spot.id: (spot.layer, spot.name) for spot in spots}
        places = layout.stacks(regions, {(stroke.source, stroke.target): stroke.weight for stroke in strokes})
    present = {spot.layer for spot in spots}
    return Picture([column for column in picture.columns(of, ask) if column.index in present], spots, [], places)
