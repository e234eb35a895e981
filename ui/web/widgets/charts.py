"""Larger charts of the page, with what hovering tells: heatmaps of the categories, and lines by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from ui.drawing.heatmap import Heatmap
from ui.drawing.layer_lines import Panel
from ui.drawing.palette import COLOURS, NEUTRAL, ink, translucent

LONGEST = 38  # characters of a line's name that a legend of three columns has room for
ACROSS = 1120  # pixels that a row of panels may take on a laptop
WIDEST, GAP, HEAD = 130, 0.1, 26  # pixels of a panel, part of it between panels, pixels above it for a name
LEGEND = 90  # pixels below the panels
LINES, NAMES, LEVELS = 250, 90, 25  # pixels of height of a panel of lines, of the names below it, of a level
DASHES = [[6, 4], [2, 3], [9, 3, 2, 3]]  # of what is of no layer
SOLID = [1, 0]
MARKERS = ["circle", "square", "triangle-up", "diamond"]


@dataclass(frozen=True)
class Panels:
    """Where the panels of a heatmap stand, in pixels from the upper left corner."""

    columns: int
    rows: int

    @property
    def side(self) -> int:
        """Of a panel."""
        return min(int(ACROSS / self.columns / (1 + GAP)), WIDEST)

    @property
    def width(self) -> float:
        """Of all panels."""
        return self.columns * self.side * (1 + GAP)

    @property
    def height(self) -> float:
        """Of all panels and names."""
        return HEAD + self.rows * (self.side + HEAD)

    def at(self, column: int, row: int, x: float = 0, y: float = 0) -> tuple[float, float]:
        """A place within a panel, its upper left corner unless given."""
        left, top = column * self.side * (1 + GAP), HEAD + row * (self.side + HEAD) + HEAD
        return left + x * self.side, top + y * self.side

    def box(self, column: int, row: int, x: float, y: float, side: float) -> dict[str, float]:
        """A square of a panel, by its middle and its side."""
        (left, top), (right, bottom) = (self.at(column, row, x + d, y + d) for d in (-side / 2, side / 2))
        return {"x": left, "y": top, "x2": right, "y2": bottom}

    def axes(self) -> dict[str, Any]:
        """How pixels are placed."""
        return pixels(self.width, self.height)


def pixels(width: float, height: float) -> dict[str, Any]:
    """Axes on which pixels are placed, from the upper left corner."""
    across = alt.Scale(domain=[0, width], nice=False)
    down = alt.Scale(domain=[0, height], nice=False, reverse=True)
    return {"x": alt.X("x:Q", scale=across, axis=None), "y": alt.Y("y:Q", scale=down, axis=None)}


def heatmap_chart(shown: Heatmap) -> alt.LayerChart | alt.FacetChart:
    """The cells of a grid: rows of panels as in print, in one view, so that thousands of regions stay quick."""
    panels = Panels(len(shown.layers), len(shown.categories))
    dark = st.context.theme.type == "dark"
    return (
        alt.layer(_grounds(shown, panels), _regions(shown, panels, dark=dark), *_names(shown, panels, dark=dark))
        .properties(width=panels.width, height=panels.height + LEGEND)
        .configure_view(stroke=None)
    )


def _grounds(shown: Heatmap, panels: Panels) -> alt.Chart:
    """The panels."""
    rows, columns = range(len(shown.categories)), range(len(shown.layers))
    boxes = _frame(panels.box(column, row, 0.5, 0.5, 1) for row in rows for column in columns)
    tint: dict[str, Any] = {"fill": translucent(NEUTRAL, 0.08), "stroke": translucent(NEUTRAL, 0.5), "strokeWidth": 0.5}
    return alt.Chart(boxes).mark_rect(**tint).encode(**panels.axes(), x2="x2", y2="y2")


def _names(shown: Heatmap, panels: Panels, *, dark: bool) -> list[alt.Chart]:
    layers = _frame(
        {"x": panels.at(column, 0, 0.5)[0], "y": HEAD / 2, "name": layer.name}
        for column, layer in enumerate(shown.layers)
    )
    categories = _frame(
        {"x": 0, "y": panels.at(0, row)[1] - HEAD * 0.4, "name": name} for row, name in enumerate(shown.categories)
    )
    words: dict[str, Any] = {**panels.axes(), "text": "name:N"}
    bold: dict[str, Any] = {"align": "left", "fontWeight": 600, "limit": panels.width}
    return [
        alt.Chart(layers).mark_text(color=ink(dark=dark), limit=panels.side * (1 + GAP)).encode(**words),
        alt.Chart(categories).mark_text(color=ink(dark=dark), **bold).encode(**words),
    ]


def _regions(shown: Heatmap, panels: Panels, *, dark: bool) -> alt.Chart:
    boxes = [panels.box(mark.column, mark.row, mark.x, mark.y, shown.side or 0) for mark in shown.marks]
    return shaded(shown, boxes, dark=dark).encode(**panels.axes())


def shaded(shown: Heatmap, boxes: Sequence[Mapping[str, float]], *, dark: bool) -> alt.Chart:
    """Cells in the colour of the share of their mark, with what hovering tells.

    Args:
        shown: whose marks they are.
        boxes: `x`, `y`, `x2`, `y2` of each mark.
        dark: whether the page is.
    """
    rows = _frame(
        {
            **box,
            shown.row: shown.categories[mark.row],
            "layer": shown.layers[mark.column].name,
            "region": mark.name,
            "words": ", ".join(mark.words[:5]),
            "share": mark.share,
            "lift": mark.lift,
        }
        for box, mark in zip(boxes, shown.marks, strict=True)
    )
    told = [
        *(alt.Tooltip(f"{name}:N") for name in (shown.row, "layer", "region", "words")),
        alt.Tooltip("share:Q", format=".3f"),
        alt.Tooltip("lift:Q", format=".2f"),
    ]
    ticks = [0, shown.greatest / 4, shown.greatest]
    legend = alt.Legend(
        title=f"{shown.share_title}, by its square root", orient="bottom", gradientLength=260,
        titleLimit=360, values=ticks, format=".2~g",
    )  # fmt: skip
    scale = alt.Scale(type="sqrt", scheme="cividis", reverse=not dark, domain=[0, shown.greatest])
    colour = alt.Color("share:Q", scale=scale, legend=legend)
    return alt.Chart(rows).mark_rect().encode(color=colour, tooltip=told, x2="x2", y2="y2")


def lines_chart(panel: Panel, first: int) -> alt.LayerChart | alt.FacetChart:
    """The lines of a panel by layer, with intervals and levels.

    Args:
        panel: what is drawn.
        first: place of its first line's colour in the palette.
    """
    names = list(panel.lines)
    rows = _frame(
        {"layer": p.layer, "value": p.value, "low": p.low, "high": p.high, "line": name}
        for name, points in panel.lines.items()
        for p in points
    )
    several = len(names) > 1
    wide = any(len(name) > LONGEST for name in names)
    legend = alt.Legend(
        title=None, orient="bottom", columns=1 if wide else 3, labelLimit=400 if wide else 200, symbolOpacity=1
    )
    if panel.dashed:  # a marker would hide how a line is dashed
        legend.symbolType, legend.symbolSize, legend.symbolStrokeWidth = "stroke", 250, 2
    colours = [COLOURS[(first + i) % len(COLOURS)] for i in range(len(names))]
    scale = alt.Scale(domain=names, range=colours)
    colour = alt.Color("line:N", scale=scale, legend=legend if several else None)
    shape = alt.Shape("line:N", scale=alt.Scale(domain=names, range=MARKERS[: len(names)]), legend=None)
    marked = {} if panel.dashed else {"shape": shape}
    # Streamlit's theme moves the first and the last number into the axis, onto their neighbours.
    x = alt.X("layer:Q", axis=alt.Axis(tickMinStep=1, format="d", title="layer", labelFlush=False))
    y = alt.Y("value:Q", title=panel.unit, scale=alt.Scale(zero=True), axis=alt.Axis(labelFlush=False))
    told = [alt.Tooltip("line:N")] if several else []
    told += [alt.Tooltip("layer:Q"), *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "low", "high"))]
    base = alt.Chart(rows)
    parts = [base.mark_line().encode(x=x, y=y, color=colour, **_dashes(panel))]
    if rows["low"].notna().any():
        parts.insert(0, base.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour))
    parts += _levels(panel, y)
    parts.append(base.mark_point(filled=True, size=45).encode(x=x, y=y, color=colour, tooltip=told, **marked))
    height = LINES + (NAMES if several else 0) + LEVELS * len(panel.levels)
    return alt.layer(*parts).properties(title=panel.title, height=height)


def _dashes(panel: Panel) -> dict[str, alt.StrokeDash]:
    """Lines that the others are compared with are dashed, each in a way of its own."""
    if not panel.dashed:
        return {}
    names = list(panel.lines)
    ways = cycle(DASHES)
    scale = alt.Scale(domain=names, range=[next(ways) if name in panel.dashed else SOLID for name in names])
    return {"strokeDash": alt.StrokeDash("line:N", scale=scale, legend=None)}


def _levels(panel: Panel, y: alt.Y) -> list[alt.Chart]:
    """What is of no layer: dashed, each in a way of its own."""
    if not panel.levels:
        return []
    rows = alt.Chart(_frame({"value": value, "level": name} for name, value in panel.levels.items()))
    legend = alt.Legend(
        title=None, orient="bottom", columns=1, symbolType="stroke", symbolSize=400, symbolStrokeColor=NEUTRAL
    )
    scale = alt.Scale(domain=list(panel.levels), range=DASHES[: len(panel.levels)])
    dashes = alt.StrokeDash("level:N", scale=scale, legend=legend)
    return [
        rows.mark_rule(color=NEUTRAL, strokeWidth=1.5).encode(y=y, strokeDash=dashes, tooltip=["level:N", "value:Q"])
    ]


def _frame(rows: object) -> pd.DataFrame:
    return pd.DataFrame(list(rows))  # type: ignore[call-overload]
