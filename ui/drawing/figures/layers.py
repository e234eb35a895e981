"""The figure of a study layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mri_core.errors import UsageError
from ui.drawing.figures.frame import CHARACTER, COLUMN, LETTER, SMALL, style
from ui.drawing.layer_lines import Panel
from ui.drawing.palette import COLOURS, NEUTRAL
from ui.wording.fitting import breadth

HEIGHT = 1.15  # inches of a panel
LEGEND = 0.16  # inches of a row of a legend
SIGN = 6  # characters that the sign before a name takes
BESIDE = 0.45  # inches beside the panels
DASHES = ("--", ":", "-.")  # of what is of no layer
SMALLER: dict[str, Any] = {"fontsize": SMALL, "frameon": False, "borderaxespad": 0.2}


def layers_figure(panels: Sequence[Panel]) -> Figure:
    """The panels, one below the other.

    Raises:
        UsageError: there is none, as nothing is known of components of UMAP.
    """
    if not panels:
        raise UsageError("A picture shows what is known", "Nothing that it would show is known of these layers")
    named = sum(-(-_names(panel) // _columns(panel)) for panel in panels if _names(panel) > 1)
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, 0.4 + HEIGHT * len(panels) + LEGEND * named), layout="constrained")
        grid = figure.add_gridspec(len(panels), 1)
        axes = [figure.add_subplot(grid[i]) for i in range(len(panels))]
        for i, (panel, place) in enumerate(zip(panels, axes, strict=True)):
            _draw(place, panel, i)
            if _names(panel) > 1:
                place.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=_columns(panel), **SMALLER)
        figure.supxlabel("layer", fontsize=LETTER)
    return figure


def _draw(axes: Axes, panel: Panel, first: int) -> None:
    ends = [*panel.levels.values()]
    for i, (name, points) in enumerate(panel.lines.items()):
        layers, values = [p.layer for p in points], [p.value for p in points]
        colour = COLOURS[(first + i) % len(COLOURS)]
        axes.plot(layers, values, color=colour, marker="os^D"[i % 4], markersize=3, linewidth=1, label=name or None)
        banded = [(p.layer, p.low, p.high) for p in points if p.low is not None and p.high is not None]
        if banded:
            at, low, high = zip(*banded, strict=True)
            axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
        ends += [end for p in points for end in (p.value, p.low, p.high) if end is not None]
    for (name, level), dashes in zip(panel.levels.items(), DASHES[: len(panel.levels)], strict=True):
        axes.axhline(level, color=NEUTRAL, linewidth=0.8, linestyle=dashes, label=name)
    axes.set_title(panel.title, fontsize=LETTER, loc="left")
    axes.set_ylabel(panel.unit)
    bottom, top = min([0.0, *ends]), max(ends)
    room = 0.1 * (top - bottom) or 1  # for the outermost markers
    axes.set_ylim(bottom - room if bottom < 0 or bottom in panel.levels.values() else 0, top + room)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _columns(panel: Panel) -> int:
    """Names in a row of the legend: two, where the longest one leaves room for another."""
    longest = max(map(breadth, (*panel.lines, *panel.levels)))
    return 2 if 2 * (longest + SIGN) * CHARACTER <= COLUMN - BESIDE else 1


def _names(panel: Panel) -> int:
    """How many lines there are to be told apart."""
    return len(panel.lines) + len(panel.levels)
