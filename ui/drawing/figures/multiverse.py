"""The figure of a multiverse: each headline number in all universes, from the least to the most."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mri_core.records.measures import Measure
from ui.drawing.figures.frame import COLUMN, LETTER, SMALL, style
from ui.drawing.palette import COLOURS, NEUTRAL
from ui.drawing.universes import NAMES, by_number

HEIGHT = 0.85  # inches of a panel


def multiverse_figure(measures: Sequence[Measure]) -> Figure:
    """A panel for each number, a dot for each universe, coloured by its clusters; a ring is the study's own."""
    found = {name: rows for name, rows in by_number(measures).items() if any(row.value is not None for row in rows)}
    clusters = sorted({row.details["clusters"] for rows in found.values() for row in rows})
    colours = dict(zip(clusters, COLOURS * len(clusters), strict=False))
    with rc_context(style()):
        figure = Figure(figsize=(COLUMN, 0.5 + HEIGHT * len(found)), layout="constrained")
        places = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for axes, (name, rows) in zip(places, found.items(), strict=True):
            _draw(axes, rows, colours)
            axes.set_title(NAMES[name], fontsize=LETTER, loc="left")
        places[-1].set_xlabel("universes, from the least to the most")
        named = [f"{count} clusters" for count in clusters] + ["the study's own"]
        dots = [places[0].plot([], [], "o", markersize=3, color=colours[count])[0] for count in clusters]
        dots.append(places[0].plot([], [], "o", markersize=6, fillstyle="none", color=NEUTRAL)[0])
        figure.legend(dots, named, loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    return figure


def _draw(axes: Axes, rows: Sequence[Measure], colours: dict[int, str]) -> None:
    known = [(row.value, row.details["universe"], row.details["clusters"]) for row in rows if row.value is not None]
    for place, (value, universe, clusters) in enumerate(sorted(known)):
        axes.plot(place, value, "o", markersize=3, color=colours[clusters])
        if universe == 0:
            axes.plot(place, value, "o", markersize=6, fillstyle="none", color=NEUTRAL)
    axes.set_xticks([])
