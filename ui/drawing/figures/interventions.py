"""The figure of interventions: what each changes layer by layer beside its controls, and by strength."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter

from mri_core.errors import one_line
from ui.drawing.effects import UNIT, Effect
from ui.drawing.figures.frame import CHARACTER, COLUMN, LETTER, SMALL, style
from ui.drawing.palette import COLOURS, NEUTRAL
from ui.wording.fitting import fitted, wrapped

HEIGHT = 1.5  # inches of a row of panels
BAR = 4  # points of the controls' range
ASIDE = 0.06  # layers by which the controls stand to the left, and the direction to the right
NAMES = {
    "effect": "this direction, with its 95 % interval",
    "hollow": "in a layer that does not count",
    "range": "controls, least to most",
    "mean": "controls, mean",
    "probability": "probability of the category",
}


def interventions_figure(effects: Sequence[tuple[str, Effect]]) -> Figure:
    """A row for each: left the change by layer, right by strength.

    Args:
        effects: what was done, in words, and what it changes; at least one.
    """
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, 0.75 + HEIGHT * len(effects)), layout="constrained")
        grid = figure.subplots(len(effects), 2, squeeze=False, sharey="row", width_ratios=(3, 2))
        for (left, right), (name, effect) in zip(grid, effects, strict=True):
            _draw_layers(left, effect)
            _draw_strengths(right, effect)
            left.set_title(_title(name), fontsize=SMALL, loc="left")
            left.set_xlabel("layer", fontsize=SMALL)
            right.set_xlabel(
                "strength" if effect.layer is None else f"strength, in layer {effect.layer}", fontsize=SMALL
            )
            left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.supylabel(UNIT, fontsize=LETTER)
        _legend(figure, grid[0, 0])
    return figure


def _title(name: str) -> str:
    """What was done, on two lines at most."""
    words = int((COLUMN - 0.7) / CHARACTER)
    first, *rest = wrapped(one_line(name), words)
    return "\n".join([first, *([fitted(" ".join(rest), words)] if rest else [])])


def _draw_layers(axes: Axes, effect: Effect) -> None:
    _ground(axes)
    at = [each.layer + ASIDE for each in effect.reaches]
    beside = [each.layer - ASIDE for each in effect.reaches]
    changes = [each.change for each in effect.reaches]
    least, most = [each.least for each in effect.reaches], [each.most for each in effect.reaches]
    axes.vlines(beside, least, most, color=NEUTRAL, alpha=0.4, linewidth=BAR)
    axes.plot(beside, [each.mean for each in effect.reaches], "_", color=NEUTRAL, markersize=BAR + 2)
    axes.plot(at, changes, color=COLOURS[0], linewidth=0.6, alpha=0.6)
    axes.vlines(at, [each.low for each in effect.reaches], [each.high for each in effect.reaches], color=COLOURS[0])
    for each in effect.reaches:
        face = COLOURS[0] if each.counts else "white"
        axes.plot(each.layer + ASIDE, each.change, "o", color=COLOURS[0], markerfacecolor=face, markersize=3.5)
    if at:
        axes.set_xlim(min(beside) - 0.5, max(at) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True) if at else NullLocator())


def _draw_strengths(axes: Axes, effect: Effect) -> None:
    _ground(axes)
    if effect.controls is not None:
        least, mean, most = effect.controls
        axes.vlines([effect.strength], [least], [most], color=NEUTRAL, alpha=0.4, linewidth=BAR)
        axes.plot([effect.strength], [mean], "_", color=NEUTRAL, markersize=BAR + 2)
    if effect.curve:
        axes.plot(*zip(*effect.curve, strict=True), "o-", color=COLOURS[0], markersize=2.5, linewidth=1)
    else:
        axes.set_xticks([])
    if effect.probability:
        axes.plot(*zip(*effect.probability, strict=True), "--", color=COLOURS[1], linewidth=1)
    axes.tick_params(labelleft=False)


def _ground(axes: Axes) -> None:
    axes.axhline(0, color=NEUTRAL, linewidth=0.6)
    axes.tick_params(labelsize=SMALL, length=2, width=0.5)


def _legend(figure: Figure, axes: Axes) -> None:
    signs = {
        "effect": axes.plot([], [], "o-", color=COLOURS[0], markersize=3.5, linewidth=1)[0],
        "hollow": axes.plot([], [], "o", color=COLOURS[0], markerfacecolor="white", markersize=3.5)[0],
        "range": axes.plot([], [], "-", color=NEUTRAL, alpha=0.4, linewidth=BAR)[0],
        "mean": axes.plot([], [], "_", color=NEUTRAL, markersize=BAR + 2)[0],
        "probability": axes.plot([], [], "--", color=COLOURS[1], linewidth=1)[0],
    }
    names = [NAMES[name] for name in signs]
    figure.legend(list(signs.values()), names, loc="outside lower left", ncols=2, fontsize=SMALL, frameon=False)
