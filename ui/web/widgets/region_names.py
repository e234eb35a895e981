"""The name and the note that readers gave to a region, and the form that sets them."""

from __future__ import annotations

import streamlit as st

from mri_core.errors import MriError
from mri_core.records.annotations import LONGEST_NAME, LONGEST_NOTE, Annotation
from mri_core.records.graph import Study
from ui.jobs import access
from ui.web.plain import show_error
from ui.web.state import reading

# The fields have no bound of their own: the browser would drop a longer text that is pasted, and say nothing.
PLACE = "Shown first among the region's words, in quotation marks. Stored with the study, apart from what was computed."
HELP = f"{PLACE} Up to {LONGEST_NAME} characters."
NOTE_HELP = f"Up to {LONGEST_NOTE:,} characters."
CHANGED = "Somebody else has changed the name or the note meanwhile; it is shown above."


def show_names(study: Study, region: str) -> None:
    """What readers say of a region, and, for whoever may, the form to say it.

    Args:
        study: that is shown.
        region: within it.
    """
    there = reading.said_of(study, region)
    for text in (there.name, there.note):
        if text:
            st.text(text)
    if access.may("name"):
        with st.expander("Name and note"):
            _show_form(study, there)


def _show_form(study: Study, there: Annotation) -> None:
    """The form begins with what was there when it was first shown: what others say since is not overwritten unseen."""
    seen_at = f"named {study.id}/{there.region}"
    seen: Annotation = st.session_state.setdefault(seen_at, there)
    if seen != there:
        st.text(CHANGED)
        st.button("Go on from that", on_click=lambda: st.session_state.pop(seen_at))
    with st.form(f"form {seen_at} {seen.changed_at}", border=False):
        name = st.text_input("Name", seen.name, help=HELP)
        note = st.text_area("Note", seen.note, help=NOTE_HELP)
        save, remove = st.columns(2)
        saved = save.form_submit_button("Save", type="primary", width="stretch")
        removed = remove.form_submit_button("Remove", disabled=seen.empty, width="stretch")
    if saved or removed:
        try:
            reading.annotate(study, there.region, "" if removed else name, "" if removed else note, seen.changed_at)
        except access.AccessError:
            raise
        except MriError as error:
            show_error(error)
        else:
            del st.session_state[seen_at]
            st.rerun()
