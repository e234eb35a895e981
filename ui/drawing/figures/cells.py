"""The figure of an answer as a heatmap: one column across, one down, a number as colour."""

from __future__ import annotations

from math import ceil

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from ui.drawing.answer_cells import Cells
from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, colour_bar, style
from ui.wording.fitting import breadth, fitted, wrapped

LONGEST = 24  # characters of a name
LINES = 60  # characters of a line that explains the colours
ROW = 1.4 * LINE  # inches of height
EDGE, SCALE = 0.08, 0.09  # inches beside the cells, and of the colours' height


def cells_figure(shown: Cells, explained: str) -> Figure:
    """The cells, their names, and the colours' scale below them.

    Args:
        shown: what is drawn.
        explained: what the colours are.
    """
    names = [fitted(name, LONGEST) for name in shown.down]
    words = wrapped(explained, LINES)
    left = EDGE + (max(map(breadth, names)) + 1) * CHARACTER
    across = [fitted(name, LONGEST) for name in shown.across]
    column = (COLUMN - left - EDGE) / len(across)
    turned = max(map(breadth, across)) * CHARACTER > column
    stride = ceil(LINE / column)  # every how many columns have room for a turned name
    below = EDGE + (max(map(breadth, across)) * CHARACTER if turned else LINE)
    foot = 2.8 * LINE + len(words) * LINE
    height = EDGE + ROW * len(names) + below + foot
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, height))
        place = (left / COLUMN, (below + foot) / height, 1 - (left + EDGE) / COLUMN, ROW * len(names) / height)
        axes = figure.add_axes(place)
        drawn = axes.pcolormesh(_grid(shown), cmap="viridis")
        axes.invert_yaxis()
        places = np.arange(0, len(across), stride) + 0.5
        axes.set_xticks(places, across[::stride], fontsize=SMALL, rotation=90 if turned else 0)
        axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=SMALL)
        axes.tick_params(length=0, pad=2)
        colour_bar(figure, drawn, (0.06, (foot - 1.3 * LINE) / height, 0.88, SCALE / height))
        figure.text(0.02, 0.3 * LINE / height, "\n".join(words), fontsize=SMALL, va="bottom", linespacing=1.25)
    return figure


def _grid(shown: Cells) -> np.ndarray:
    """The values by row and column; masked where there is none."""
    down, across = ({name: i for i, name in enumerate(names)} for names in (shown.down, shown.across))
    grid = np.full((len(down), len(across)), np.nan)
    for (column, row), value in shown.values.items():
        if value is not None:
            grid[down[row], across[column]] = value
    return np.ma.masked_invalid(grid)
