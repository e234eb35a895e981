"""The connectivity matrix on the page, with what hovering tells. All names are data, none is part of the chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from ui.drawing.connectivity import Connectivity
from ui.drawing.palette import ABOVE, BELOW, NEUTRAL, ground, ink, translucent
from ui.drawing.scene import Spot
from ui.drawing.view import VALUES
from ui.web.widgets.charts import ACROSS, LEGEND, pixels
from ui.wording.labels import short_label

LEFT, TOP, RIGHT = 190, 118, 80  # pixels for the names of rows, of columns, and for the last of these, which leans over
WIDEST, HIGHEST, LOWEST = 54, 30, 15  # pixels of a cell
CHARACTER = 6.0  # pixels of a letter of a name
LEANING = 17  # pixels of a column whose name may lean; above a narrower one it stands upright
NAMED = 12  # pixels that a name needs
NUMBERED = 34  # pixels of a cell that holds its number
HALFWAY, DARK_INK, LIGHT_INK = 0.55, "#1B1B1B", "#FFFFFF"


@dataclass(frozen=True)
class Grid:
    """Where the cells stand, in pixels from the upper left corner."""

    rows: int
    columns: int

    @property
    def wide(self) -> float:
        """Width of a cell."""
        return min((ACROSS - LEFT - RIGHT) / max(self.columns, 1), WIDEST)

    @property
    def high(self) -> float:
        """Height of a cell."""
        return max(min(self.wide, HIGHEST), LOWEST)

    def box(self, row: int, column: int) -> dict[str, float]:
        """The corners of a cell."""
        x, y = LEFT + column * self.wide, TOP + row * self.high
        return {"x": x, "y": y, "x2": x + self.wide, "y2": y + self.high}

    @property
    def height(self) -> float:
        """Of the whole matrix with its names."""
        return TOP + self.rows * self.high


def connectivity_chart(shown: Connectivity) -> alt.LayerChart | alt.FacetChart:
    """A row for each region that connections leave, a column for each that they reach, the number as colour."""
    grid = Grid(len(shown.rows), len(shown.columns))
    dark = st.context.theme.type == "dark"
    axes = pixels(ACROSS, grid.height)
    cells = _cells(shown, grid, dark=dark)
    layers = [
        alt.Chart(_whole(grid)).mark_rect(fill=translucent(NEUTRAL, 0.1)).encode(**axes, x2="x2", y2="y2"),
        _coloured(shown, cells, axes, dark=dark),
        *_names(shown, grid, axes, dark=dark),
    ]
    if grid.wide >= NUMBERED:
        layers.append(_numbers(cells, axes))
    return alt.layer(*layers).properties(width=ACROSS, height=grid.height + LEGEND).configure_view(stroke=None)


def _whole(grid: Grid) -> pd.DataFrame:
    """The ground, where no document goes."""
    last = grid.box(grid.rows - 1, grid.columns - 1)
    return pd.DataFrame([{**grid.box(0, 0), "x2": last["x2"], "y2": last["y2"]}])


def _cells(shown: Connectivity, grid: Grid, *, dark: bool) -> pd.DataFrame:
    """The cells that are coloured."""
    rows = []
    for row, source in enumerate(shown.rows):
        for column, target in enumerate(shown.columns):
            cell, value = shown.cells.get((source.id, target.id)), shown.number(source.id, target.id)
            if cell is None or value is None or not shown.drawn(source.id, target.id):
                continue
            rows.append(
                {
                    **grid.box(row, column),
                    "from": f"{shown.layers[source.layer]}, {source.title}",
                    "to": f"{shown.layers[target.layer]}, {target.title}",
                    "documents": cell.documents,
                    "part": cell.part,
                    "share": cell.share,
                    "most": cell.most,
                    "spread": cell.spread,
                    "difference": cell.difference,
                    "value": value,
                    "told": written(value),
                    "ink": _ink(value / (shown.greatest or 1), signed=shown.signed, dark=dark),
                }
            )
    return pd.DataFrame(rows, columns=None if rows else ["x", "y", "x2", "y2", "value", "told", "ink"])


def written(value: float) -> str:
    """A cell's number: a count whole, a share with two decimals, or with the first that is not 0."""
    if isinstance(value, int):
        return f"{value:,}"
    short = f"{value:.2f}"
    return (short if value == 0 or float(short) else f"{value:.1g}").replace("-", "−", 1)


def _ink(part: float, *, signed: bool, dark: bool) -> str:
    """Of a number on its cell: part of the greatest, below 0 for a negative one."""
    if signed:
        return LIGHT_INK if dark or abs(part) > HALFWAY else DARK_INK
    return LIGHT_INK if (sqrt(part) > HALFWAY) is not dark else DARK_INK


def _coloured(shown: Connectivity, cells: pd.DataFrame, axes: Mapping[str, Any], *, dark: bool) -> alt.Chart:
    greatest = shown.greatest or 1
    told = [
        *(alt.Tooltip(f"{name}:N") for name in ("from", "to")),
        alt.Tooltip("documents:Q", title=alt.Undefined if shown.unit == "documents" else shown.unit, format=","),
        alt.Tooltip("part:Q", title="share of the source region", format=".3f"),
        alt.Tooltip("share:Q", title="share of the category" if shown.category else "largest share", format=".3f"),
        alt.Tooltip("most:N", title="largest share of"),
        alt.Tooltip("spread:Q", title="largest − smallest share", format=".3f"),
        *([alt.Tooltip("difference:Q", title="difference of shares", format="+.3f")] if shown.category else []),
    ]
    if shown.signed:
        scale = alt.Scale(domain=[-greatest, 0, greatest], range=[BELOW, ground(dark=dark), ABOVE], interpolate="rgb")
    else:
        scale = alt.Scale(type="sqrt", scheme="cividis", reverse=not dark, domain=[0, greatest])
    value = shown.unit if shown.value == "documents" else VALUES[shown.value]
    title = value + ("" if shown.signed else ", colour by the square root")
    legend = alt.Legend(
        title=title, orient="bottom", gradientLength=260, titleLimit=360, values=shown.ticks, format=".3~g"
    )
    colour = alt.Color("value:Q", scale=scale, legend=legend)
    return alt.Chart(cells).mark_rect().encode(**axes, x2="x2", y2="y2", color=colour, tooltip=told)


def _numbers(cells: pd.DataFrame, axes: Mapping[str, Any]) -> alt.Chart:
    """The numbers, in the middle of their cells."""
    middles = cells.assign(x=(cells["x"] + cells["x2"]) / 2, y=(cells["y"] + cells["y2"]) / 2)
    numbers = alt.Chart(middles[["x", "y", "told", "ink"]]).mark_text(fontSize=10)
    return numbers.encode(**axes, text="told:N", color=alt.Color("ink:N", scale=None))


def _names(shown: Connectivity, grid: Grid, axes: Mapping[str, Any], *, dark: bool) -> Iterator[alt.Chart]:
    """Names of rows left of the cells, of columns above them: all of them, or every so many where there is no room."""
    down, across = (range(0, count, ceil(NAMED / side)) for count, side in _sides(grid))
    rows = [
        {"x": LEFT - 6, "y": grid.box(row, 0)["y"] + grid.high / 2, "name": _name(shown, shown.rows[row], LEFT)}
        for row in down
    ]
    leaning = grid.wide >= LEANING
    room = TOP * sqrt(2) - 20 if leaning else TOP
    columns = [
        {"x": grid.box(0, column)["x"] + grid.wide / 2, "y": TOP - 6, "name": _name(shown, shown.columns[column], room)}
        for column in across
    ]
    colour = ink(dark=dark)
    yield alt.Chart(pd.DataFrame(rows)).mark_text(align="right", color=colour).encode(**axes, text="name:N")
    lean: dict[str, Any] = {"align": "left", "angle": 315 if leaning else 270, "color": colour}
    yield alt.Chart(pd.DataFrame(columns)).mark_text(**lean).encode(**axes, text="name:N")


def _sides(grid: Grid) -> tuple[tuple[int, float], tuple[int, float]]:
    return (grid.rows, grid.high), (grid.columns, grid.wide)


def _name(shown: Connectivity, spot: Spot, room: float) -> str:
    """A region's number and first words; before it its layer, where there are several."""
    layer = f"L{spot.layer} " if shown.several else ""
    return layer + short_label(spot.name, spot.words, int(room / CHARACTER) - 2 - len(layer))
