"""The heatmap of clusters on the page: a matrix of categories and regions for each layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from ui.drawing.heatmap import Heatmap
from ui.drawing.matrix import Matrices, matrices
from ui.drawing.palette import NEUTRAL, ink, translucent
from ui.web.widgets.charts import ACROSS, LEGEND, pixels, shaded

LENGTHS = {"room": ACROSS, "left": 150, "widest": 17, "high": 17, "head": 30, "foot": 16, "gap": 18}  # pixels
NAME = 15  # pixels that a region's number needs


def matrix_chart(shown: Heatmap) -> alt.LayerChart | alt.FacetChart:
    """The matrices in one view, so that thousands of cells stay quick."""
    places = matrices(shown, **LENGTHS)
    dark = st.context.theme.type == "dark"
    axes = pixels(ACROSS, places.height)
    tint: dict[str, Any] = {"fill": translucent(NEUTRAL, 0.08), "stroke": translucent(NEUTRAL, 0.4), "strokeWidth": 0.5}
    empty = pd.DataFrame(
        [_box(places, layer, row, lane) for layer, lane in sorted(shown.present) for row in range(places.rows)]
    )
    cells = shaded(shown, [_box(places, m.column, m.row, m.x) for m in shown.marks], dark=dark)
    return (
        alt.layer(
            alt.Chart(empty).mark_rect(**tint).encode(**axes, x2="x2", y2="y2"),
            cells.encode(**axes),
            *_names(shown, places, axes, dark=dark),
        )
        .properties(width=ACROSS, height=places.height + LEGEND)
        .configure_view(stroke=None)
    )


def _box(places: Matrices, layer: int, row: int, lane: float) -> dict[str, float]:
    left, top = places.at(layer, row, lane)
    return {"x": left, "y": top, "x2": left + places.wide, "y2": top + places.high}


def _names(shown: Heatmap, places: Matrices, axes: dict[str, Any], *, dark: bool) -> Iterator[alt.Chart]:
    """Layers above the matrices, categories left of them, numbers of regions below."""
    layers = [(places.at(layer, 0, 0), column.name) for layer, column in enumerate(shown.layers)]
    categories = [
        (places.at(layer, row + 0.5, 0), name)
        for layer in places.beginnings()
        for row, name in enumerate(shown.categories)
    ]
    numbers = [
        (places.at(layer, places.rows, lane + 0.5), shown.lanes[lane])
        for layer in range(places.layers)
        for lane in places.named(NAME)
    ]
    styles: tuple[dict[str, Any], ...] = (
        {"align": "left", "dy": -9, "fontWeight": 600},
        {"align": "right", "dx": -8, "limit": LENGTHS["left"] - 10},
        {"align": "center", "dy": 8, "fontSize": 9},
    )
    for texts, style in zip((layers, categories, numbers), styles, strict=True):
        rows = pd.DataFrame([{"x": x, "y": y, "name": name} for (x, y), name in texts])
        yield alt.Chart(rows).mark_text(color=ink(dark=dark), **style).encode(**axes, text="name:N")
