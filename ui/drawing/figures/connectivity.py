"""The figure of the connectivity matrix: regions of a layer by regions of the next."""

from __future__ import annotations

from math import ceil

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure

from ui.drawing.connectivity import Connectivity
from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, colour_bar, style
from ui.drawing.figures.heatmap import FRAME, GROUND, SHADES
from ui.drawing.palette import ABOVE, BELOW, ground
from ui.drawing.scene import Spot
from ui.wording.fitting import wrapped
from ui.wording.labels import short_label

LEFT, BELOW_CELLS = 0.95, 0.8  # inches for the names of rows and of columns
EDGE, SCALE = 0.08, 0.07  # inches beside the cells, and of the colours' height
HIGHEST, LOWEST = 1.2 * LINE, 0.06  # inches of a row: one of names, and one of many without
TALLEST = 6.5  # inches that rows may take together
WORDS = int((COLUMN - 2 * EDGE) / CHARACTER)


def connectivity_figure(shown: Connectivity) -> Figure:
    """The cells; grey where no document goes."""
    row = max(min(HIGHEST, TALLEST / len(shown.rows)), LOWEST)
    one = shown.unit.removesuffix("s")
    root = "" if shown.signed else ", by the square root"
    tall = row * len(shown.rows)
    words = wrapped(f"{shown.between}. Colour: {shown.title}{root}; grey: no {one} goes that way.", WORDS)
    foot = BELOW_CELLS + 3.2 * LINE + len(words) * LINE
    height = EDGE + tall + foot
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, height))
        axes = figure.add_axes((LEFT / COLUMN, foot / height, 1 - (LEFT + EDGE) / COLUMN, tall / height))
        axes.set_facecolor(GROUND)
        colours, scale = _scale(shown)
        drawn = axes.pcolormesh(_grid(shown), cmap=colours, norm=scale)
        axes.invert_yaxis()
        axes.spines[:].set(visible=True, color=FRAME)
        _names(axes, shown, row)
        bar = colour_bar(figure, drawn, (0.06, (len(words) * LINE + 1.6 * LINE) / height, 0.88, SCALE / height))
        bar.set_ticks(shown.ticks, labels=[f"{tick:.3g}" for tick in shown.ticks])
        figure.text(0.03, 0.25 * LINE / height, "\n".join(words), fontsize=SMALL, va="bottom", linespacing=1.25)
    return figure


def _scale(shown: Connectivity) -> tuple[str | LinearSegmentedColormap, Normalize]:
    greatest = shown.greatest or 1
    if shown.signed:
        colours = LinearSegmentedColormap.from_list("difference", [BELOW, ground(dark=False), ABOVE])
        return colours, Normalize(-greatest, greatest)
    return SHADES, PowerNorm(0.5, 0, greatest)


def _grid(shown: Connectivity) -> np.ndarray:
    """The numbers by row and column; masked where no document goes."""
    numbers = [[shown.number(row.id, column.id) for column in shown.columns] for row in shown.rows]
    grid = np.array([[np.nan if number is None else number for number in row] for row in numbers], dtype=float)
    drawn = [[shown.drawn(row.id, column.id) for column in shown.columns] for row in shown.rows]
    return np.ma.masked_where(~np.array(drawn, dtype=bool), grid)


def _names(axes: Axes, shown: Connectivity, row: float) -> None:
    """Every so many rows and columns are named as there is room for."""
    wide = (COLUMN - LEFT - EDGE) / len(shown.columns)
    down, across = ceil(0.8 * LINE / row), ceil(0.8 * LINE / wide)
    rows = [_name(shown, spot, LEFT) for spot in shown.rows]
    columns = [_name(shown, spot, BELOW_CELLS) for spot in shown.columns]
    axes.set_yticks(np.arange(0, len(rows), down) + 0.5, rows[::down], fontsize=SMALL)
    axes.set_xticks(np.arange(0, len(columns), across) + 0.5, columns[::across], fontsize=SMALL, rotation=90)
    axes.tick_params(length=0, pad=2)


def _name(shown: Connectivity, spot: Spot, room: float) -> str:
    layer = f"L{spot.layer} " if shown.several else ""
    return layer + short_label(spot.name, spot.words, int(room / CHARACTER) - 1 - len(layer))
