"""Two studies of other documents in one atlas, on the page Compare: each category against its namesake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from mri_core.records.graph import Study
from ui.drawing import picture
from ui.web.plain import in_method
from ui.web.state import reading
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer, save_comparison

if TYPE_CHECKING:
    from mri_core.studies.other_documents import OtherDocuments


def show(base: Study, other: Study, asked: str, bound: Callable[[str, Any], Any]) -> None:
    """The counts by category, what else differs, and the connections of a category.

    Args:
        base, other: the studies.
        asked: category of the address; the last family for any other.
        bound: arguments of a box that shows a choice.
    """
    from ui.reports import other_documents
    from ui.reports.comparison_tables import COUNTS, counts_table

    compared = reading.compare_other_documents(base, other)
    st.text(f"{other.name} against {base.name}, other documents in one atlas; q by {compared.fdr}.")
    st.text(other_documents.headline(compared))
    if compared.left_out:
        st.text(other_documents.left_out(compared))
    for line in compared.warnings:
        st.text(line)
    if told := other_documents.fitted_to_one(compared):
        st.text(told)
    save_comparison(base, other)
    counted = counts_table(compared)
    show_frame(counted)
    st.caption(COUNTS + in_method("Other documents, one model"))
    if told := other_documents.interaction(compared):
        st.text(told)
    offer([numbers(counted, f"{base.name}-{other.name}-counts")])
    _show_found(compared, asked, bound)


def _show_found(compared: OtherDocuments, asked: str, bound: Callable[[str, Any], Any]) -> None:
    from ui.reports.comparison_tables import NO_DIFFERENCES, found_table, found_told
    from ui.reports.other_documents import ALL

    base, other = compared.base, compared.other
    names = [ALL, *compared.categories]
    category = asked if asked in names else ALL
    box, _ = st.columns([5, 7])
    box.selectbox("Connections that differ in", names, **bound("category", category))
    layers = {column.index: column.name for column in picture.columns(base, reading.ask)}
    table = found_table(compared, (names.index(category) - 1) % len(names), layers)
    if table.empty:
        st.text(NO_DIFFERENCES)
        return
    show_frame(table)
    st.caption(found_told(compared) + in_method("Other documents, one model"))
    offer([numbers(table, f"{base.name}-{other.name}-differences")])
