"""The layered graph as marks of an SVG picture that can be clicked, walked through by keyboard, and printed.

Places, sizes and labels are those of the page's graph (`ui.drawing.network`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.drawing.network import WIDTH, draw_network
from ui.drawing.palette import NEUTRAL
from ui.drawing.scene import Picture, Stroke

DASHES = "14 10"


@dataclass(frozen=True, slots=True)
class Line:
    """A connection: its path, and what hovering tells."""

    key: str
    source: str
    target: str
    path: str
    width: float
    colour: str
    opacity: float
    dashed: bool
    told: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A region: a ring, filled the more the purer it is."""

    key: str
    x: float
    y: float
    radius: float
    colour: str
    purity: float
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a layer above its column."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """The marks of a graph, in the order in which they are drawn.

    Attributes:
        width, height: of the picture's own units.
    """

    width: float
    height: float
    lines: Sequence[Line]
    dots: Sequence[Dot]
    headings: Sequence[Heading]


def drawing(shown: Picture, strokes: Sequence[Stroke], colours: Mapping[str, str]) -> Drawing:
    """The marks of a picture.

    Args:
        shown: what is drawn.
        strokes: its connections, the most telling first.
        colours: colour of each category.
    """
    network = draw_network(shown, strokes, colours)
    nodes = {node["id"]: node for node in network.nodes}
    spots = {spot.id: spot for spot in shown.spots}
    by_id = {stroke.id: stroke for stroke in strokes}
    lines = [
        Line(
            edge["id"],
            edge["from"],
            edge["to"],
            _path(nodes[edge["from"]], nodes[edge["to"]]),
            edge["width"],
            by_id[edge["id"]].colour,
            by_id[edge["id"]].opacity,
            by_id[edge["id"]].dashed,
            edge["title"],
        )
        for edge in network.edges
    ]
    dots = [
        Dot(
            key,
            node["x"],
            node["y"],
            node["size"],
            colours.get(spots[key].dominant or "", NEUTRAL),
            spots[key].purity,
            node["label"].strip(),
            node["title"],
        )
        for key, node in nodes.items()
        if key in spots
    ]
    headings = [Heading(node["label"], node["x"], node["y"]) for key, node in nodes.items() if key not in spots]
    return Drawing(WIDTH, float(network.height.removesuffix("px")), lines, dots, headings)


def _path(source: Mapping[str, float], target: Mapping[str, float]) -> str:
    """Straight within a row, else a curve that leaves and arrives level."""
    start, end = f"{source['x']:g} {source['y']:g}", f"{target['x']:g} {target['y']:g}"
    if source["y"] == target["y"]:
        return f"M{start}L{end}"
    middle = f"{(source['x'] + target['x']) / 2:g}"
    return f"M{start}C{middle} {source['y']:g} {middle} {target['y']:g} {end}"
