"""The layered graph as a pyvis network: what is drawn, how big, in which colour. Positions are fixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from math import ceil, sqrt

from pyvis.network import Network

from queries.text import number
from ui import layout
from ui.fitting import breadth, cut
from ui.palette import NEUTRAL, translucent

WIDTH = 900  # units across; the component stretches them to its container, the export keeps them as pixels
NARROWEST = 640  # pixels of the narrowest container for which labels are kept apart
MARGIN = 72  # units beside the first and the last column, for half a label
PICTURE = 520  # pixels of height aimed at
LABEL_WIDTH = 76  # pixels that a label needs at least
CHARACTER = 6.2  # pixels of an average character of the label's font
FONT = 11
LEAST_WORD = 4  # characters with a space and an ellipsis: less of a word says nothing
LABEL_ROW = 26  # pixels between two rows whose labels do not touch
LANES = 29  # rows up to this many are kept far enough apart for labels
LABEL_HEIGHT = 14  # pixels of a label under its dot
SMALLEST, BIGGEST = 2.5, 13  # pixels of a dot's radius
HEADER = 28  # pixels above the first row, for the layers' names
MEASURES = {
    "spread": "difference of shares",
    "documents": "documents",
    "share": "largest share",
}
TIE = 1e-9  # shares are sums of few fractions: what differs less is equal


@dataclass(frozen=True, slots=True)
class Column:
    """A layer as it is drawn."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A region as it is drawn.

    Attributes:
        keywords: its words, most telling first.
        documents, dominant: None of a component, which holds no documents.
        dominant: the category with the largest share here.
    """

    id: str
    layer: int
    name: str
    documents: int | None
    dominant: str | None
    keywords: tuple[str, ...]

    @property
    def title(self) -> str:
        """Number and first words: what a person calls it."""
        return self._told(3)

    @property
    def searched(self) -> str:
        """Number and all words: by what a person finds it."""
        return self._told(len(self.keywords))

    def _told(self, count: int) -> str:
        words = ", ".join(self.keywords[:count])
        return f"region {self.name}: {words}" if words else f"region {self.name}"

    @property
    def size(self) -> int:
        """What the area of its dot is: its documents; components are all alike."""
        return 1 if self.documents is None else self.documents

    @property
    def told(self) -> str:
        """Its documents, where it holds any, on one line."""
        if self.documents is None:
            return "a component, which holds no documents"
        return f"{self.documents} documents, largest share: {self.dominant}"


@dataclass(frozen=True, slots=True)
class Link:
    """A connection as it is drawn, all categories together.

    Attributes:
        documents: of all categories.
        spread: largest minus smallest share of a category; where one category is asked for, the distance of its share
            from the mean of the others' shares.
        most: the category with the largest share.
        share: that share.
        tint: the category whose colour it has; None where the category asked for has less than the others.
        found: categories that are found to take it more or less than the others by more than chance, as words.
        q: its chance, adjusted for how many were tested; None where nothing was.
        stability: share of refits in which its most stable finding is found again; None where there is none.
        nearer: how large its largest finding is at the least; None where there is none.
    """

    source: str
    target: str
    documents: int
    spread: float
    most: str
    share: float
    tint: str | None
    found: tuple[str, ...] = ()
    q: float | None = None
    stability: float | None = None
    nearer: float | None = None

    @property
    def id(self) -> str:
        """Key of the drawn edge."""
        return f"{self.source}>{self.target}"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line from region to region as it is drawn.

    Attributes:
        weight: what its width is.
        colour: `#RRGGBB`.
        told: what hovering tells, beside its ends.
        opacity: from 0 to 1.
    """

    id: str
    source: str
    target: str
    weight: float
    colour: str
    told: str
    opacity: float = 0.62


@dataclass(frozen=True)
class Picture:
    """What is drawn: `places` has a cell for every region of `spots`.

    `ties` counts connections left out that stand as high as the last one drawn; `order` is theirs, one of
    `address.ORDERS`.
    """

    columns: Sequence[Column]
    spots: Sequence[Spot]
    links: Sequence[Link]
    places: Mapping[str, layout.Cell]
    ties: int = 0
    order: str = "shares"


def by_shares(link: Link) -> tuple[float, ...]:
    """How high a connection stands among differences of shares."""
    return (link.spread,)


def by_evidence(link: Link) -> tuple[float, ...]:
    """How high it stands among findings: how often it is found again, how large it is at the least, its q."""
    again = -1.0 if link.stability is None else link.stability
    return again, -1e6 if link.nearer is None else link.nearer, -2.0 if link.q is None else -link.q


def foremost(
    links: Sequence[Link], layers: Mapping[str, int], count: int, height: Callable[[Link], tuple[float, ...]]
) -> tuple[list[Link], int]:
    """The first links, and how many that tie with the last of them are left out.

    Of those that tie, every layer gets as many as any other while it has them: cut in the order of the layers, a tie
    would look as if the flow ran dry.

    Args:
        links: the highest first.
        layers: layer of each region.
        count: links wanted.
        height: by what they are ordered.
    """
    if len(links) <= count:
        return list(links), 0
    last = height(links[count - 1])

    def ties(link: Link) -> bool:
        return all(abs(mine - other) <= TIE for mine, other in zip(height(link), last, strict=True))

    ahead = list(takewhile(lambda link: not ties(link), links))
    turns: dict[int, list[Link]] = {}
    for link in takewhile(ties, links[len(ahead) :]):
        turns.setdefault(layers[link.source], []).append(link)
    tied = [link for turn in zip_longest(*turns.values()) for link in turn if link is not None]
    return [*ahead, *tied[: count - len(ahead)]], len(ahead) + len(tied) - count


def place(spots: Sequence[Spot], links: Sequence[Link], *, chained: bool) -> dict[str, layout.Cell]:
    """Cells of all regions: lanes where the atlas is chained, else stacks."""
    regions = {spot.id: (spot.layer, spot.name) for spot in spots}
    known = [link for link in links if link.source in regions and link.target in regions]
    if not chained:
        return layout.stacks(regions, {(link.source, link.target): link.documents for link in known})
    moves: dict[tuple[str, str], float] = {}
    for link in known:
        step = regions[link.source][1], regions[link.target][1]
        moves[step] = moves.get(step, 0) + link.documents
    return layout.lanes(regions, layout.lane_order((spot.name for spot in spots), moves))


def build_network(picture: Picture, colours: Mapping[str, str], measure: str) -> Network:
    """The picture as a pyvis network: `nodes`, `edges`, `options`; `height` in pixels.

    Args:
        picture: what is drawn.
        colours: colour of each category.
        measure: one of `MEASURES`; the width of a connection.
    """
    strokes = [
        Stroke(
            link.id, link.source, link.target, getattr(link, measure), colours.get(link.tint or "", NEUTRAL), told(link)
        )
        for link in picture.links
    ]
    return draw_network(picture, strokes, colours)


def draw_network(picture: Picture, strokes: Sequence[Stroke], colours: Mapping[str, str]) -> Network:
    """The regions of a picture with any lines between them.

    Args:
        picture: whose regions are drawn, where they are placed.
        strokes: the lines, the most telling first; between regions of the picture.
        colours: colour of each category.
    """
    rows = 1 + max((cell.row for cell in picture.places.values()), default=0)
    row_height = min(max(PICTURE / rows, LABEL_ROW if rows <= LANES else 12), 56)
    network = Network(
        height=f"{ceil(HEADER + rows * row_height)}px", width=f"{WIDTH}px", directed=True, cdn_resources="in_line"
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
    for spot in picture.spots:
        cell = picture.places[spot.id]
        label = " "
        if labelled and cell.column % stride == 0:
            free = layout.free_width(
                cell.column, cell.row * row_height + radii[spot.id], LABEL_HEIGHT, dots, gap, stride
            )
            label = short_label(spot, min(budget, int(free / CHARACTER)))
        network.add_node(
            spot.id,
            label=label,
            shape="dot",
            color=_dot_colour(colours.get(spot.dominant or "", NEUTRAL)),
            size=radii[spot.id],
            title=f"{spot.title}\n{names[spot.layer]}\n{spot.told}",
            x=across[cell.column],
            y=round(HEADER + (cell.row + 0.5) * row_height - LABEL_HEIGHT / 2, 1),
        )
    _add_edges(network, picture, strokes)
    return network


def short_label(spot: Spot, budget: int) -> str:
    """The region's number and as many of its first words as `budget` characters hold."""
    label = spot.name
    if breadth(label) + LEAST_WORD > budget:
        return label
    for word in spot.keywords[:3]:
        longer = f"{label} {word}"
        if breadth(longer) > budget:
            break
        label = longer
    if label == spot.name and spot.keywords:
        return cut(f"{label} {spot.keywords[0]}", budget)
    return label


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
            color={
                "color": translucent(stroke.colour, stroke.opacity),
                "hover": stroke.colour,
                "highlight": stroke.colour,
            },
            smooth=not straight and {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal"},
            title=f"{titles[stroke.source]} → {titles[stroke.target]}\n{stroke.told}",
        )


def told(link: Link) -> str:
    """A connection in numbers: what was counted, and below it what is found."""
    counted = (
        f"{link.documents} documents, largest share {link.share:.2f} ({link.most}), "
        f"difference of shares {link.spread:.2f}"
    )
    if not link.found:
        return counted
    sure = [f"found: {', '.join(link.found)}"]
    if link.q is not None:
        sure.append(f"q {number(link.q)}")
    if link.stability is not None:
        sure.append(f"found again in {link.stability:.0%} of refits")
    return f"{counted}\n{'; '.join(sure)}"


def _dot_colour(colour: str) -> dict[str, object]:
    ring = {"background": colour, "border": NEUTRAL}
    return {"background": colour, "border": translucent(NEUTRAL, 0.7), "hover": ring, "highlight": ring}


def _options() -> dict[str, object]:
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "nodes": {"font": {"size": FONT, "vadjust": -7}, "borderWidth": 1, "borderWidthSelected": 4, "fixed": True},
        "edges": {"selectionWidth": 2, "hoverWidth": 1},
        "interaction": {"hover": True, "tooltipDelay": 120, "selectConnectedEdges": False, "dragNodes": False},
    }
