"""The figure of a comparison: connections with the difference of a category as a forest."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mri_core.errors import one_line
from ui.drawing.comparison import Comparison, Contrast
from ui.drawing.figures.frame import CHARACTER, COLUMN, LINE, SMALL, legend, legend_height, style
from ui.drawing.palette import NEUTRAL
from ui.drawing.scene import Key
from ui.wording.fitting import fitted
from ui.wording.labels import short_label
from ui.wording.open_ends import drawn

LABELS = 1.75  # inches of the connections' names
MARGIN = 0.1
AXIS = 0.45  # inches below the forest


def compare_figure(shown: Comparison, keys: Sequence[Key]) -> Figure:
    """A line for each connection: its words, the difference as a dot, its interval where one is known.

    Args:
        shown: what is compared.
        keys: the legend, to whose colours the rows' tints point.
    """
    rows = shown.rows
    heading = 3 * LINE
    forest = (len(rows) + 0.5) * 1.15 * LINE
    height = heading + forest + AXIS + legend_height(keys)
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, height))
        left, bottom = LABELS / COLUMN, (AXIS + legend_height(keys)) / height
        axes = figure.add_axes((left, bottom, 1 - left - MARGIN / COLUMN, forest / height))
        _forest(axes, shown, keys)
        figure.text(0.02, 1 - 0.3 * LINE / height, shown.title, va="top")
        figure.text(0.02, 1 - 1.7 * LINE / height, "layer: region → region", va="top", fontsize=SMALL, color="#555555")
        legend(figure, keys, height)
    return figure


def _forest(axes: Axes, shown: Comparison, keys: Sequence[Key]) -> None:
    rows = shown.rows
    axes.axvline(0, color=NEUTRAL, linewidth=0.6)
    ends = drawn([(row.low, row.high) for row in rows], [row.difference for row in rows])
    for place, (row, span) in enumerate(zip(rows, ends, strict=True)):
        colour = keys[row.tint].colour
        if span[0] < span[1]:
            axes.plot(span, [place, place], color=colour, linewidth=1)
        else:
            axes.plot([0, row.difference], [place, place], color=colour, linewidth=0.6, alpha=0.6)
        axes.plot(row.difference, place, marker=keys[row.tint].marker, markersize=3.5, color=colour, clip_on=False)
    budget = int(LABELS / CHARACTER)
    names = [_named(row, budget) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=SMALL)
    axes.set_ylim(len(rows) - 0.25, -0.75)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=SMALL, length=2, width=0.5)
    axes.spines["left"].set_visible(False)
    one, other = (fitted(name, int(COLUMN / CHARACTER / 2) - 12) for name in shown.sides)
    axes.set_xlabel(shown.unit.format(one, other), fontsize=SMALL, loc="right")


def _named(row: Contrast, budget: int) -> str:
    """Layer of the first region, and both regions by number and words."""
    head = f"{row.source.layer}: "
    room = (budget - len(head) - 3) // 2
    ends = (short_label(end.name, end.words, room) for end in (row.source, row.target))
    return one_line(f"{head}{' → '.join(ends)}")
