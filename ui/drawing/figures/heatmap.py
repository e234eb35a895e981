"""The figure of where each category sits in each layer of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, colour_bar, style
from ui.drawing.heatmap import Heatmap, Mark
from ui.wording.fitting import fitted

MARGIN = 0.06  # inches at every side
GAP = 0.12  # of a panel's width, between panels
WIDEST = 0.9  # inches of a panel
HEAD = 1.3 * LINE  # inches above a row of panels, for the category's name
SCALE = 0.6  # inches below the panels, for the colours' scale
SHADES = "cividis_r"  # made for colour-blind eyes; the least is light, as paper is
GROUND, FRAME = "#F2F2F2", "#B0B0B0"


@dataclass(frozen=True)
class Panels:
    """Where the panels stand, in inches from the upper left corner."""

    side: float
    rows: int

    def corner(self, column: int, row: int) -> tuple[float, float]:
        """Upper left corner of a panel."""
        return MARGIN + column * (1 + GAP) * self.side, MARGIN + LINE + row * (self.side + HEAD) + HEAD

    def inside(self, column: int, row: int, x: float, y: float) -> tuple[float, float]:
        """A place within a panel."""
        left, top = self.corner(column, row)
        return left + x * self.side, top + y * self.side

    @property
    def height(self) -> float:
        """Of the whole picture."""
        return MARGIN + LINE + self.rows * (self.side + HEAD) + SCALE


def heatmap_figure(shown: Heatmap) -> Figure:
    """A row of panels for each category, headed by its name; the colour is the share of its documents."""
    side = min((COLUMN - 2 * MARGIN) / (len(shown.layers) * (1 + GAP) - GAP), WIDEST)
    panels = Panels(side, len(shown.categories))
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, panels.height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, COLUMN), ylim=(panels.height, 0))
        axes.axis("off")
        _names(axes, shown, panels)
        _grounds(axes, shown, panels)
        side = (shown.side or 0) * panels.side
        drawn = shaded([_cell(mark, side, panels) for mark in shown.marks], shown)
        axes.add_collection(drawn)
        draw_scale(figure, drawn, shown, panels.height)
    return figure


def _names(axes: Axes, shown: Heatmap, panels: Panels) -> None:
    budget = max(int(panels.side * (1 + GAP) / CHARACTER), 3)
    for column, layer in enumerate(shown.layers):
        name = layer.name if len(layer.name) <= budget + 1 else fitted(layer.name.replace("block ", ""), budget)
        middle = panels.corner(column, 0)[0] + panels.side / 2
        axes.text(middle, MARGIN, name, fontsize=SMALL, ha="center", va="top")
    for row, category in enumerate(shown.categories):
        left, top = panels.corner(0, row)
        name = fitted(category, int((COLUMN - 2 * MARGIN) / CHARACTER))
        axes.text(left, top - 0.02, name, fontsize=SMALL + 0.5, va="bottom")


def _grounds(axes: Axes, shown: Heatmap, panels: Panels) -> None:
    """The panels."""
    rows, columns = range(len(shown.categories)), range(len(shown.layers))
    grounds = [Rectangle(panels.corner(column, row), panels.side, panels.side) for row in rows for column in columns]
    axes.add_collection(PatchCollection(grounds, facecolor=GROUND, edgecolor=FRAME, linewidth=0.3))


def _cell(mark: Mark, side: float, panels: Panels) -> Rectangle:
    x, y = panels.inside(mark.column, mark.row, mark.x, mark.y)
    return Rectangle((x - side / 2, y - side / 2), side, side)


def shaded(cells: Sequence[Rectangle], shown: Heatmap) -> PatchCollection:
    """Cells in the colour of the share of their mark, in the order of the marks."""
    drawn = PatchCollection(cells, cmap=SHADES, norm=PowerNorm(0.5, 0, shown.greatest), edgecolor="none", linewidth=0)
    drawn.set_array([mark.share for mark in shown.marks])
    return drawn


def draw_scale(figure: Figure, drawn: PatchCollection, shown: Heatmap, height: float) -> None:
    """The colours' scale along the lower edge."""
    greatest = shown.greatest
    bar = colour_bar(figure, drawn, (0.05, 0.32 / height, 0.9, 0.07 / height))
    bar.set_ticks([0, greatest / 4, greatest], labels=["0", f"{greatest / 4:.2g}", f"{greatest:.2g}"])
    bar.set_label(f"{shown.share_title} in the region, by its square root", fontsize=SMALL, labelpad=1)
