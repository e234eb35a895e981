"""The figure of the layered graph: the page's picture, for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from mri_core.errors import one_line
from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, legend, legend_height, style
from ui.drawing.layout import Cell
from ui.drawing.network import LANES, strokes
from ui.drawing.network import legend as key_of
from ui.drawing.palette import NEUTRAL, ground, mixed, repeated
from ui.drawing.scene import MEASURES, Column, Picture, Spot, Stroke
from ui.drawing.view import View
from ui.wording.fitting import breadth, fitted, wrapped
from ui.wording.labels import short_label

MARGIN = 0.42  # inches beside the first and the last column, for half a label
LABEL = 0.55  # inches that a label needs at least
ROOM = 2.6  # inches of height aimed at
TALLEST = 6.5  # inches that rows without labels may take together
THINNEST, THICKEST = 0.25, 2.4  # points of a line
SMALLEST, BIGGEST = 0.018, 0.075  # inches of a dot's radius
WORDS = int((COLUMN - 0.12) / CHARACTER) + 7  # characters of a line of words, which need no room between them
DASHES = (0, (3, 2))  # of a line, in its widths
PAPER = ground(dark=False)
STEPS = 24  # straight pieces of a curve


@dataclass(frozen=True)
class Frame:
    """Where things stand, in inches from the upper left corner.

    Attributes:
        across: of each column.
        row: height of a row.
        stride: every how many columns the regions are labelled.
    """

    across: Sequence[float]
    row: float
    rows: float
    stride: int

    @property
    def labelled(self) -> bool:
        """Whether there is room for labels."""
        return self.rows <= LANES

    @property
    def gap(self) -> float:
        """From a column to the next."""
        return self.across[1] - self.across[0] if len(self.across) > 1 else COLUMN

    @property
    def budget(self) -> int:
        """Characters of a label."""
        return int(min(self.stride * self.gap, 2 * MARGIN) / CHARACTER)

    def down(self, row: float) -> float:
        """Of a row's dots."""
        return 1.6 * LINE + (row + 0.5) * self.row - (LINE / 2 if self.labelled else 0)

    def at(self, cell: Cell) -> tuple[float, float]:
        """Middle of a dot."""
        return self.across[cell.column], self.down(cell.row)


def graph_figure(shown: Picture, colours: Mapping[str, str], view: View) -> Figure:
    """The connections of a study.

    Args:
        shown: what is drawn.
        colours: colour of each category.
        view: says which measure is the width of a connection, and the category whose difference is shown.
    """
    words = " ".join(
        part
        for part in (
            shown.nothing,
            explained(shown, view),
            shown.left_out,
            repeated(len(colours), "values" if view.colour else "categories"),
        )
        if part
    )
    return drawn_figure(shown, strokes(shown, colours, view.measure), colours, words)


def drawn_figure(shown: Picture, lines: Sequence[Stroke], colours: Mapping[str, str], explained: str) -> Figure:
    """Layers from left to right, regions as dots, any lines between them.

    Args:
        shown: the regions, and where they stand.
        lines: the most telling first.
        colours: colour of each category and of whatever else the legend names.
        explained: what dots and lines mean.
    """
    frame = _frame(shown)
    keys = key_of(shown, colours)
    words = wrapped(explained, WORDS)
    notes = len(words) * LINE
    height = frame.down(frame.rows - 0.5) + 0.05 + legend_height(keys) + notes
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, COLUMN), ylim=(height, 0))
        axes.axis("off")
        for column, name in _titles(shown.columns, frame.gap):
            axes.text(frame.across[column], 0.05, name, fontsize=SMALL, ha="center", va="top")
        _lines(axes, shown, frame, lines)
        _dots(axes, shown, frame, colours)
        below = height - legend_height(keys) - notes + 0.02
        axes.text(0.06, below, "\n".join(words), fontsize=SMALL, va="top", linespacing=1.25)
        legend(figure, keys, height)
    return figure


def _frame(shown: Picture) -> Frame:
    rows = shown.height
    gap = (COLUMN - 2 * MARGIN) / max(len(shown.columns) - 1, 1)
    across = [MARGIN + i * gap for i in range(len(shown.columns))] if len(shown.columns) > 1 else [COLUMN / 2]
    row = max(min(ROOM / rows, 0.3), 2 * LINE) if rows <= LANES else min(TALLEST / rows, 0.1)
    return Frame(across, row, rows, ceil(LABEL / gap))


def _titles(columns: Sequence[Column], gap: float) -> list[tuple[int, str]]:
    """The layers that are named, all of them where their names do not touch; each by its place, with its name."""
    names = [fitted(layer.name, int(2 * MARGIN / CHARACTER)) for layer in columns]
    for stride in range(1, len(names)):
        apart = [(breadth(one) + breadth(other)) / 2 + 0.5 for one, other in pairwise(names[::stride])]
        if max(apart) * CHARACTER <= stride * gap:
            return list(enumerate(names))[::stride]
    return list(enumerate(names))[:1]


def _lines(axes: Axes, shown: Picture, frame: Frame, lines: Sequence[Stroke]) -> None:
    greatest = max((line.weight for line in lines), default=1) or 1
    last_first = lines[::-1]  # the most telling are drawn last, on top
    axes.add_collection(
        LineCollection(
            [_curve(frame.at(shown.places[line.source]), frame.at(shown.places[line.target])) for line in last_first],
            linewidths=[THINNEST + (THICKEST - THINNEST) * line.weight / greatest for line in last_first],
            colors=[to_rgba(line.colour, line.opacity) for line in last_first],
            linestyles=[DASHES if line.dashed else "-" for line in last_first],
            zorder=1,
        )
    )


def _curve(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """A line that leaves and arrives level, as a cubic curve whose middle points lie halfway across."""
    t = np.linspace(0, 1, 2 if start[1] == end[1] else STEPS)
    x = start[0] + (end[0] - start[0]) * (1.5 * t * (1 - t) + t**3)
    y = start[1] + (end[1] - start[1]) * (3 * t**2 - 2 * t**3)
    return np.column_stack([x, y])


def _dots(axes: Axes, shown: Picture, frame: Frame, colours: Mapping[str, str]) -> None:
    room = min(BIGGEST, frame.gap * 0.35, frame.row / 2 - LINE / 2 if frame.labelled else frame.row * 0.4)
    largest = max((spot.size for spot in shown.spots), default=1)
    dots = []
    for spot in shown.spots:
        radius = min(SMALLEST, room) + max(room - SMALLEST, 0) * sqrt(spot.size / largest)
        dots.append(Circle(frame.at(shown.places[spot.id]), radius))
    rings = [colours.get(spot.dominant or "", NEUTRAL) for spot in shown.spots]
    faces = [mixed(ring, PAPER, spot.purity) for ring, spot in zip(rings, shown.spots, strict=True)]
    axes.add_collection(PatchCollection(dots, facecolors=faces, edgecolors=rings, linewidths=0.6, zorder=3))
    if frame.labelled:
        for spot, dot in zip(shown.spots, dots, strict=True):
            if shown.places[spot.id].column % frame.stride == 0:
                _label(axes, spot, dot, [other for other in dots if other is not dot], frame)


def _label(axes: Axes, spot: Spot, dot: Circle, others: Sequence[Circle], frame: Frame) -> None:
    """A region's number and first words under its dot, as many as other dots leave room for."""
    x, y = dot.center
    top = y + dot.radius + 0.012
    near = [
        abs(o.center[0] - x) - o.radius for o in others if top < o.center[1] + o.radius and o.center[1] < top + LINE
    ]
    budget = min(frame.budget, int(2 * min(near, default=COLUMN) / CHARACTER))
    if breadth(spot.name) > budget:
        return
    label = one_line(short_label(spot.name, spot.words, budget))
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3}
    axes.text(x, top, label, fontsize=SMALL, ha="center", va="top", bbox=ground, zorder=2)


def explained(shown: Picture, view: View) -> str:
    """What dots and lines mean.

    Args:
        shown: what is drawn.
        view: as of `graph_figure`.
    """
    width = f"width is {shown.unit if view.measure == 'documents' else MEASURES[view.measure]}"
    what = f"value of {fitted(view.colour, 24)}" if view.colour else "category"
    if shown.order == "findings":
        whose = f"{what} of the category" if view.colour else what
        lines = f"Line: {width}, colour the {whose} that is found to take it more or, dashed, less."
    elif view.category:
        lines = f"Line: {width}, {fitted(view.category, 24)} against the others; dashed: less."
    else:
        lines = f"Line: {width}, colour the {what} that has most."
    return f"Dot: size is {shown.unit}, colour the {what} with the largest share, paler the less it outweighs. {lines}"
