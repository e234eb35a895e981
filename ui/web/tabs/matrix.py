"""The tab Matrix: how many documents go from each region of a layer to each region of the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.connectivity import Connectivity, Matrix, connectivity, first_step, of_most_documents, steps
from ui.drawing.scene import Spot
from ui.drawing.view import SORTS, VALUES, View
from ui.reports.matrix_tables import matrix_table, pairs_table
from ui.web.state import reading
from ui.web.state.scan_choices import bound
from ui.web.widgets.connectivity_chart import connectivity_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer, pictures
from ui.wording.units import in_unit, unit_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALIKE = "By similarity: regions from which documents go to the same regions are neighbours (average linkage)."
EXPLAINED = (
    "A row is a region that documents leave, a column one that they reach in the next layer; grey: no document goes "
    "that way. **Documents** counts them, of the category chosen above or of all. **Share of the source region**: "
    "these divided by all documents of the row's region: a row adds up to 1. **Share of the category**: divided by "
    "all documents of the category; of all categories the largest such share. **Difference of shares**: the largest "
    "share minus the smallest; with a category chosen, its share minus that of another or the mean of the others'. "
    "These are counts as the graph has them, and no tests: the tab Graph shows which connections differ by more than "
    "chance."
)


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """The choices, the matrix, and the numbers behind it."""
    try:
        wanted = _controls(study, view)
        whole = connectivity(study, reading.ask, wanted)
    except UsageError as error:  # this kind of study has none: nothing went wrong
        st.text(str(error))
        return
    shown = of_most_documents(whole)
    st.text(told(shown))
    st.altair_chart(connectivity_chart(shown), width="content")
    st.caption(in_unit(study, EXPLAINED))

    def figure() -> Figure:
        from ui.drawing.figures.connectivity import connectivity_figure

        return connectivity_figure(shown)

    table, pairs = matrix_table(whole), pairs_table(whole)
    name = f"{study.name}-matrix"
    offer(
        [
            *pictures(figure, name, study),
            numbers(table, name),
            numbers(pairs, f"{name}-long", "CSV, a row for each pair"),
        ]
    )
    with st.expander(f"The matrix as a table: a row for each region that {unit_word(study)} leave"):
        show_frame(matrix_table(shown))
    with st.expander("The numbers behind the picture"):
        show_frame(pairs)


def told(shown: Connectivity) -> str:
    """What the matrix is of, in a sentence."""
    return f"{shown.between}; the numbers are: {shown.title}. {shown.left_out}".strip()


def _controls(study: Study, view: View) -> Matrix:
    """One row of choices, and what they come to."""
    offered = steps(study, reading.ask)
    step = view.step if view.step in offered else first_step(study, reading.ask)
    others = {"": "the mean of the others"} | {
        name: name for name in picture.categories(study, reading.ask) if name != view.category
    }
    versus = view.versus if view.versus in others and view.category else ""
    step_box, value_box, versus_box, sort_box = st.columns([3, 3, 3, 3], vertical_alignment="bottom")
    step_box.selectbox(
        "Layers",
        list(offered),
        format_func=lambda name: offered.get(name, name),
        help="By default those between which most connections are findings.",
        **bound("step", step),
    )
    value_box.selectbox(
        "Value", list(VALUES), format_func=lambda name: in_unit(study, VALUES[name]), **bound("value", view.value)
    )
    versus_box.selectbox(
        "Subtract",
        list(others),
        format_func=others.__getitem__,
        disabled=not view.category or view.value != "spread",
        help="What is subtracted from the share of the category chosen above, in a difference of shares.",
        **bound("versus", versus),
    )
    sort_box.selectbox(
        "Rows and columns",
        list(SORTS),
        format_func=SORTS.__getitem__,
        help=in_unit(study, ALIKE),
        **bound("sort", view.sort),
    )
    return Matrix(step, view.value, view.category, versus, view.sort)
