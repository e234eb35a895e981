"""The layered graph as a pyvis network: how big each part is, in which colour. Positions are fixed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import ceil, sqrt

from pyvis.network import Network

from ui.drawing import layout
from ui.drawing.palette import NEUTRAL, ground, mixed, translucent
from ui.drawing.scene import Column, Key, Picture, Stroke, keys_by_colour, told
from ui.wording.found_again import OFTEN, SELDOM
from ui.wording.labels import short_label

WIDTH = 900  # units across; the component stretches them to its container, the export keeps them as pixels
NARROWEST = 640  # pixels of the narrowest container for which labels are kept apart
MARGIN = 72  # units beside the first and the last column, for half a label
PICTURE = 520  # pixels of height aimed at
LABEL_WIDTH = 76  # pixels that a label needs at least
CHARACTER = 6.2  # pixels of an average character of the label's font
FONT = 11
LABEL_ROW = 26  # pixels between two rows whose labels do not touch
LANES = 29  # rows up to this many are kept far enough apart for labels
LABEL_HEIGHT = 14  # pixels of a label under its dot
SMALLEST, BIGGEST = 2.5, 13  # pixels of a dot's radius
HEADER = 28  # pixels above the first row, for the layers' names
DASHES = [14, 10]  # pixels
PLAIN = 0.62  # opacity of a line of which no stability is known
SURE = ((OFTEN, 0.95), (SELDOM, 0.5), (0.0, 0.28))  # opacity from a share of refits on
STABILITIES = {"80% of refits": OFTEN, "half of refits": SELDOM, "fewer": 0.0}  # at least


def build_network(picture: Picture, colours: Mapping[str, str], measure: str, *, dark: bool = False) -> Network:
    """The picture as a pyvis network: `nodes`, `edges`, `options`; `height` in pixels.

    Args:
        picture: what is drawn.
        colours: colour of each category.
        measure: one of `MEASURES`; the width of a connection.
        dark: whether the ground is.
    """
    return draw_network(picture, strokes(picture, colours, measure), colours, dark=dark)


def strokes(picture: Picture, colours: Mapping[str, str], measure: str) -> list[Stroke]:
    """The connections of a picture as lines; arguments as of `build_network`."""
    return [
        Stroke(
            link.id,
            link.source,
            link.target,
            getattr(link, measure),
            colours.get(link.tint or "", NEUTRAL),
            told(link),
            opacity(link.stability if picture.order == "findings" else None),
            link.less,
        )
        for link in picture.links
    ]


def opacity(stability: float | None) -> float:
    """Of a line: the fainter, the fewer refits find it again."""
    if stability is None:
        return PLAIN
    return next(opaque for least, opaque in SURE if stability >= least)


def legend(picture: Picture, colours: Mapping[str, str]) -> list[Key]:
    """What colours and forms of dots and lines mean.

    Args:
        picture: that is drawn.
        colours: by name, as dots.
    """
    keys = keys_by_colour(colours)
    if any(spot.dominance is not None for spot in picture.spots):
        keys += [Key(f"filled: one {picture.spots[0].alike}", NEUTRAL), Key("hollow: evenly mixed", NEUTRAL, "ring")]
    if any(link.less for link in picture.links):
        keys += [Key("takes more", NEUTRAL, "line"), Key("takes less", NEUTRAL, "dashed")]
    if picture.order == "findings" and any(link.stability is not None for link in picture.links):
        keys += [Key(f"again in {name}", NEUTRAL, "line", opacity(at)) for name, at in STABILITIES.items()]
    return keys


def draw_network(
    picture: Picture, strokes: Sequence[Stroke], colours: Mapping[str, str], *, dark: bool = False
) -> Network:
    """The regions of a picture with any lines between them.

    Args:
        picture: whose regions are drawn, where they are placed.
        strokes: the lines, the most telling first; between regions of the picture.
        colours: colour of each category.
        dark: whether the ground is.
    """
    rows = picture.rows or picture.height
    row_height = min(max(PICTURE / rows, LABEL_ROW if rows <= LANES else 12), 56)
    network = Network(
        height=f"{ceil(HEADER + picture.height * row_height)}px",
        width=f"{WIDTH}px",
        directed=True,
        cdn_resources="in_line",
    )
    network.set_options(json.dumps(_options()))
    across = _across(len(picture.columns))
    gap = NARROWEST * (1 - 2 * MARGIN / WIDTH) / max(len(picture.columns) - 1, 1)
    stride = ceil(LABEL_WIDTH / gap)
    labelled = rows <= LANES
    room = min(row_height - LABEL_HEIGHT if labelled else row_height * 0.8, gap * 0.7, 2 * BIGGEST) / 2
    _add_headers(network, picture.columns, across, stride)
    budget = int(min(stride * gap, 2 * MARGIN * NARROWEST / WIDTH) / CHARACTER)
    largest = max((spot.size for spot in picture.spots), default=1)
    radii = {s.id: round(SMALLEST + (room - SMALLEST) * sqrt(s.size / largest), 2) for s in picture.spots}
    dots: dict[int, list[tuple[float, float]]] = {}
    for spot in picture.spots:
        cell = picture.places[spot.id]
        dots.setdefault(cell.column, []).append((cell.row * row_height, radii[spot.id]))
    names = {column.index: column.name for column in picture.columns}
    below = ground(dark=dark)
    for spot in picture.spots:
        cell = picture.places[spot.id]
        label = " "
        if labelled and cell.column % stride == 0:
            free = layout.free_width(
                cell.column, cell.row * row_height + radii[spot.id], LABEL_HEIGHT, dots, gap, stride
            )
            label = short_label(spot.name, spot.words, min(budget, int(free / CHARACTER)))
        network.add_node(
            spot.id,
            label=label,
            shape="dot",
            color=_dot_colour(colours.get(spot.dominant or "", NEUTRAL), spot.purity, below),
            size=radii[spot.id],
            title=f"{spot.title}\n{names[spot.layer]}\n{spot.told}",
            x=across[cell.column],
            y=round(HEADER + (cell.row + 0.5) * row_height - LABEL_HEIGHT / 2, 1),
        )
    _add_edges(network, picture, strokes)
    return network


def _across(columns: int) -> list[float]:
    """Where the columns stand, evenly between the margins; a single one in the middle."""
    if columns < 2:
        return [WIDTH / 2]
    return [round(MARGIN + i * (WIDTH - 2 * MARGIN) / (columns - 1), 1) for i in range(columns)]


def _add_headers(network: Network, columns: Sequence[Column], across: Sequence[float], stride: int) -> None:
    for position, column in enumerate(columns):
        if position % stride == 0:
            network.add_node(
                f"layer {column.index}",
                label=column.name,
                shape="text",
                x=across[position],
                y=12,
                chosen=False,
            )


def _add_edges(network: Network, picture: Picture, strokes: Sequence[Stroke]) -> None:
    titles = {spot.id: spot.title for spot in picture.spots}
    greatest = max((stroke.weight for stroke in strokes), default=1) or 1
    for stroke in reversed(strokes):  # the most telling are drawn last, on top
        straight = picture.places[stroke.source].row == picture.places[stroke.target].row
        network.add_edge(
            stroke.source,
            stroke.target,
            id=stroke.id,
            arrows="",
            width=round(0.8 + 7 * stroke.weight / greatest, 2),
            dashes=DASHES if stroke.dashed else False,
            color={
                "color": translucent(stroke.colour, stroke.opacity),
                "hover": stroke.colour,
                "highlight": stroke.colour,
            },
            smooth=not straight and {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal"},
            title=f"{titles[stroke.source]} → {titles[stroke.target]}\n{stroke.told}",
        )


def _dot_colour(colour: str, purity: float, below: str) -> dict[str, object]:
    """A ring in the category's colour, filled the more the purer it is."""
    fill = mixed(colour, below, purity)
    picked = {"background": fill, "border": NEUTRAL}
    return {"background": fill, "border": colour, "hover": picked, "highlight": picked}


def _options() -> dict[str, object]:
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "nodes": {"font": {"size": FONT, "vadjust": -7}, "borderWidth": 1.5, "borderWidthSelected": 4, "fixed": True},
        "edges": {"selectionWidth": 2, "hoverWidth": 1},
        "interaction": {"hover": True, "tooltipDelay": 120, "selectConnectedEdges": False, "dragNodes": False},
    }
