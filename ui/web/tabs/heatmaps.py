"""The tab Heatmaps: where each category sits in each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.colouring import colouring
from ui.drawing.heatmap import heatmap
from ui.drawing.scene import Spot
from ui.drawing.view import View
from ui.reports.picture_tables import heatmap_table
from ui.web.state import reading
from ui.web.state.scan_choices import bound
from ui.web.widgets.charts import heatmap_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.matrix_chart import matrix_chart
from ui.web.widgets.saving import numbers, offer, pictures
from ui.wording.units import in_unit, unit_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_COLUMNS = 13  # layers side by side on a laptop
CELLS = (
    "A square is a cell of the layer's grid, cut from its first two reduced dimensions. A layer is turned or mirrored "
    "to lie as the layer before, by the documents that go from cell to cell: which way its axes point is arbitrary."
)
MATRICES = (
    "A matrix for each layer: a row is a {row}, a column a region, by its number below, in the same order in every "
    "layer and as in the graph from the top down."
)
SHARES = (
    " **Share**: documents of the {row} that are in the region, divided by all documents of that {row}. The "
    "colour goes by its square root, so that small shares can be distinguished: a quarter of the largest has the "
    "middle colour. **Lift**: that share over the mean of all these shares; 1 is as everyone does."
)


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """The panels, and the numbers behind them."""
    known = picture.columns(study, reading.ask)
    categories = [view.category] if view.category else picture.categories(study, reading.ask)
    span = picture.span(known, view)
    by = colouring(study, reading.ask, view.colour)
    try:
        shown = heatmap(study, reading.ask, categories, span, MOST_COLUMNS, by)
    except UsageError as error:  # this kind of study has none: nothing went wrong
        st.text(str(error))
        return
    names = {column.index: column.name for column in known}
    told, first_box, last_box = st.columns([8, 2, 2], vertical_alignment="bottom")
    some = (
        f" {len(shown.layers)} of {span[1] - span[0] + 1} layers, evenly apart."
        if len(shown.layers) <= span[1] - span[0]
        else ""
    )
    of = f"value of {by.label}" if by.label else "category"
    told.text(f"Where the {unit_word(study)} of each {of} sit in each layer.{some}")
    first_box.selectbox("First layer", list(names)[:-1], format_func=names.__getitem__, **bound("first", span[0]))
    last_box.selectbox("Last layer", list(names)[1:], format_func=names.__getitem__, **bound("last", span[1]))
    st.altair_chart(matrix_chart(shown) if shown.lanes else heatmap_chart(shown), width="content")
    if by.label:
        st.text(f"A row is a value of {by.label}: the {unit_word(study)} of all categories that have it.")
    st.caption(in_unit(study, (MATRICES if shown.lanes else CELLS) + SHARES).format(row=shown.row))

    def figure() -> Figure:
        from ui.drawing.figures.matrix import shares_figure

        return shares_figure(heatmap(study, reading.ask, categories, span, by=by))

    table = heatmap_table(shown)
    offer([*pictures(figure, f"{study.name}-heatmap", study), numbers(table, f"{study.name}-heatmap")])
    with st.expander("The numbers behind the picture"):
        show_frame(table)
