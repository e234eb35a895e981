"""Pictures of a study as files, wide as one column of print. Only `mri plot` imports it: it needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mri_core.errors import UsageError
from ui.palette import COLOURS

COLUMN = 3.4  # inches
PANEL = 1.15  # inches of height
STYLE = {"font.size": 7, "pdf.fonttype": 42, "svg.fonttype": "none", "text.parse_math": False}
PANELS = (  # key, title, unit of the vertical axis
    ("explained_variance", "Variance that the reduced space keeps", "share"),
    ("entropy", "Mean entropy of the regions", "bits"),
    ("divergence", "Divergence of the categories", "bits"),
)


def layers_figure(layers: Sequence[Mapping[str, Any]], divergence: Sequence[Mapping[str, Any]]) -> Figure:
    """A panel for each quantity by layer; one of which nothing is known is left out.

    Args:
        layers: rows of the question `layers`.
        divergence: rows of the question `divergence`.

    Raises:
        UsageError: nothing is known of any layer, as of components of UMAP.
    """
    apart = {row["layer"]: row["divergence"] for row in divergence}
    rows = [{**row, "divergence": apart.get(row["layer"])} for row in layers]
    known = [panel for panel in PANELS if any(row[panel[0]] is not None for row in rows)]
    if not known:
        raise UsageError("A picture shows what is known", "Nothing that it would show is known of these layers")
    with rc_context(STYLE):
        figure = Figure(figsize=(COLUMN, 0.4 + PANEL * len(known)), layout="constrained")
        for i, (key, title, unit) in enumerate(known):
            axes = figure.add_subplot(len(known), 1, i + 1)
            points = [(row["layer"], row[key]) for row in rows if row[key] is not None]
            axes.plot(*zip(*points, strict=True), color=COLOURS[i], marker="o", markersize=3, linewidth=1)
            axes.set_title(title, fontsize=7, loc="left")
            axes.set_ylabel(unit)
            axes.set_ylim(0, 1.1 * max(value for _, value in points) or 1)  # room for the highest marker
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("layer")
    return figure


def save(figure: Figure, file: Path) -> None:
    """Writes PNG (300 dots an inch), SVG or PDF, as the name ends; a file that is there is replaced."""
    with rc_context(STYLE):
        figure.savefig(file, format=file.suffix[1:].lower(), dpi=300)
