"""What an empty store shows: how to make the first study."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ingest.corpus.demo import demo_corpus
from ingest.request import Request
from mri_core.records.graph import Study
from mri_core.store import locate
from ui.jobs import access
from ui.jobs.jobs import jobs
from ui.jobs.scans import start
from ui.web.state import reading


def studies_or_first_steps() -> Sequence[Study]:
    """The store's studies; where there are none, the page shows how to make the first."""
    studies = reading.studies()
    if not studies:
        show_first_steps()
    return studies


def show_first_steps() -> None:
    """Two buttons, and the commands that do the same."""
    st.text("There is no study in this store yet.")
    if not access.may("scan"):
        return
    demo, own = st.columns(2, border=True)
    with demo:
        st.text("A small corpus that comes along: 300 texts in six categories, scanned in about a minute.")
        if st.button("Run the demo", type="primary", disabled=_is_busy()):
            start(Request(name="demo", corpus=demo_corpus(), replace=True), str(locate()))
            st.rerun()
        st.code("mri demo", language="bash")
    with own:
        st.text("Your own texts, from a file with a column of texts and a column of labels.")
        if st.button("New scan …"):
            st.switch_page("new_scan.py")
        st.code("mri ingest texts.csv --text text --label label --name my-study", language="bash", wrap_lines=True)


def _is_busy() -> bool:
    """Whether a first study is on its way."""
    return any(not job.state().ended for job in jobs(str(locate())))
