"""The figure of where each category sits in each layer of clusters: a matrix of categories and regions a layer."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, style
from ui.drawing.figures.heatmap import FRAME, GROUND, MARGIN, SCALE, draw_scale, heatmap_figure, shaded
from ui.drawing.heatmap import Heatmap
from ui.drawing.matrix import Matrices, matrices
from ui.wording.fitting import fitted

LEFT, WIDEST, GAP = 0.95, 0.115, 0.1  # inches
LENGTHS = {
    "room": COLUMN - 2 * MARGIN,
    "left": LEFT,
    "widest": WIDEST,
    "high": LINE,
    "head": 1.4 * LINE,
    "foot": LINE,
    "gap": GAP,
}


def shares_figure(shown: Heatmap) -> Figure:
    """A heatmap as its atlas asks: of a grid its cells, of clusters matrices."""
    return matrix_figure(shown) if shown.lanes else heatmap_figure(shown)


def matrix_figure(shown: Heatmap) -> Figure:
    """The matrices of the layers; the colour of a cell is the share of its category's documents in its region."""
    places = matrices(shown, **LENGTHS)
    height = MARGIN + places.height + SCALE
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-MARGIN, COLUMN - MARGIN), ylim=(height - MARGIN, -MARGIN))
        axes.axis("off")
        _names(axes, shown, places)
        grounds = [
            Rectangle(places.at(layer, row, lane), places.wide, places.high)
            for layer, lane in sorted(shown.present)
            for row in range(places.rows)
        ]
        axes.add_collection(PatchCollection(grounds, facecolor=GROUND, edgecolor=FRAME, linewidth=0.3))
        cells = [Rectangle(places.at(m.column, m.row, m.x), places.wide, places.high) for m in shown.marks]
        drawn = shaded(cells, shown)
        axes.add_collection(drawn)
        draw_scale(figure, drawn, shown, height)
    return figure


def _names(axes: Axes, shown: Heatmap, places: Matrices) -> None:
    for layer, column in enumerate(shown.layers):
        x, y = places.at(layer, 0, 0)
        budget = int((places.lanes * places.wide + places.gap) / CHARACTER)
        axes.text(x, y - 0.02, fitted(column.name, max(budget, 3)), fontsize=SMALL, va="bottom")
        for lane in places.named(2.5 * CHARACTER):
            x, y = places.at(layer, places.rows, lane + 0.5)
            axes.text(x, y + 0.01, shown.lanes[lane], fontsize=SMALL - 1, ha="center", va="top", color="#555555")
    for layer in places.beginnings():
        for row, category in enumerate(shown.categories):
            x, y = places.at(layer, row + 0.5, 0)
            axes.text(x - 0.04, y, fitted(category, int(LEFT / CHARACTER) - 1), fontsize=SMALL, ha="right", va="center")
