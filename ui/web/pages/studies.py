"""The page Studies: what is there; a study is opened or deleted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from ui.jobs import access
from ui.reports.names import lost_with
from ui.web.state import reading
from ui.web.state.choosing import STUDY, bound, carried, find_study, go
from ui.web.widgets.first_steps import show_first_steps
from ui.web.widgets.frames import show_frame
from ui.web.widgets.job_cards import show_jobs
from ui.wording.forms import OF_CATEGORIES, scanned

SHOWN = (
    "name",
    "model",
    "corpus",
    "documents",
    "tokens",
    "categories",
    "layers",
    "regions",
    "connections",
    "atlas",
    "status",
    "created_at",
)
LISTED, OPENED = "studies listed", "study opened"


def main() -> None:
    """Draws the page."""
    studies = reading.studies()
    for line in reading.unreadable():
        st.warning(line)
    if not studies:
        show_first_steps()
        show_jobs()
        return
    words, new = st.columns([5, 1], vertical_alignment="center")
    words.text("A click on a row opens the study.")
    if access.may("scan") and new.button("New scan …", width="stretch"):
        st.switch_page("new_scan.py", query_params=carried())
    show_jobs()
    if (opened := st.session_state.pop(OPENED, None)) is not None and opened < len(studies):
        st.switch_page("overview.py", query_params={**carried(), STUDY: studies[opened].name})
    table = pd.DataFrame([{name: getattr(study, name) for name in SHOWN} for study in studies])
    if table["tokens"].isna().all():
        del table["tokens"]
    table["created_at"] = pd.to_datetime(table["created_at"])
    show_frame(
        table,
        key=LISTED,
        on_select=_picked,
        selection_mode="single-cell",
        columns={
            "tokens": st.column_config.NumberColumn(
                help="of scans of tokens, those that are placed; documents are texts"
            ),
            "categories": st.column_config.NumberColumn(help="kinds of documents that are compared"),
            "regions": st.column_config.NumberColumn(help="regions with a document in them, all layers together"),
            "connections": st.column_config.NumberColumn(
                help="a pair of regions counts once for each category that takes it"
            ),
            "created_at": st.column_config.DatetimeColumn("made (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC"),
        },
    )
    _act(studies)


def _picked() -> None:
    """A click on a row: that study is opened when the page runs again."""
    st.session_state[OPENED] = next((row for row, _ in st.session_state[LISTED].selection.cells), None)


def _act(studies: Sequence[Study]) -> None:
    """Open or delete the chosen study; viewers open it."""
    names = {study.id: study.name for study in studies}
    choice, opening, deleting = st.columns([3, 1, 1], vertical_alignment="bottom")
    chosen = choice.selectbox(
        "Study",
        list(names),
        format_func=lambda key: names.get(key, key),
        **bound(
            "study chosen", find_study(studies, st.query_params.get(STUDY, "")).id, lambda key: go({STUDY: names[key]})
        ),
    )
    if opening.button("Open study", type="primary", width="stretch"):
        st.switch_page("overview.py", query_params={**carried(), STUDY: names[chosen]})
    if not access.may("delete"):
        return
    if deleting.button("Delete study …", width="stretch"):
        st.session_state["doomed"] = chosen
    doomed = next((study for study in studies if study.id == st.session_state.get("doomed")), None)
    if doomed is not None and doomed.id == chosen:
        _ask_twice(doomed)


def _ask_twice(doomed: Study) -> None:
    with st.container(border=True):
        st.text(
            f"Delete {doomed.name}: {scanned(doomed.documents, None, doomed.tokens)}, {doomed.regions} regions, "
            f"{doomed.connections} {OF_CATEGORIES}?{lost_with(reading.all_said(doomed))} This cannot be undone."
        )
        yes, no, _ = st.columns([1, 1, 4])
        if yes.button("Delete it", type="primary", width="stretch"):
            del st.session_state["doomed"]
            reading.delete(doomed)
            st.query_params.clear()  # the address may name it
            st.rerun()
        if no.button("Keep it", width="stretch"):
            del st.session_state["doomed"]
            st.rerun()


main()
