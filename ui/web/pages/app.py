"""The web page, as Streamlit runs it: the navigation between the pages beside this file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mri_core.errors import MriError, StoreError
from ui.jobs import access
from ui.web.account import admitted, show_account
from ui.web.plain import show_error
from ui.web.state.choosing import carried
from ui.web.state.reading import StudyGoneError
from ui.web.widgets.head import show_head
from ui.web.widgets.links import show_links

PAGES = Path(__file__).parent

st.set_page_config(page_title="LLM-MRI Graph", layout="wide")
st.html("<style>.stMainBlockContainer {padding-top: 4rem}</style>")  # a laptop's screen is low
if not admitted():
    st.stop()
first = st.Page(PAGES / "studies.py", title="Studies", url_path="", default=True)
by_name = st.Page(PAGES / "studies.py", title="Studies", url_path="studies", visibility="hidden")
pages = [
    first,
    *([st.Page(PAGES / "new_scan.py", title="New scan", url_path="new-scan")] if access.may("scan") else []),
    st.Page(PAGES / "overview.py", title="Overview", url_path="overview"),
    st.Page(PAGES / "scan.py", title="Scan", url_path="scan"),
    st.Page(PAGES / "compare.py", title="Compare", url_path="compare"),
    st.Page(PAGES / "questions.py", title="Questions", url_path="questions"),
    st.Page(PAGES / "documents.py", title="Documents", url_path="documents"),
    *([st.Page(PAGES / "live.py", title="Live scan", url_path="live")] if access.may("live") else []),
    st.Page(PAGES / "trust.py", title="Trust", url_path="trust"),
]
page = st.navigation([*pages, by_name], position="hidden")
if page == by_name:  # as the others are called; Streamlit knows a first page by no name
    st.switch_page(first, query_params=carried())
try:
    show_links(pages)
    show_head(page.title)
    page.run()
except StudyGoneError:
    st.rerun()  # what has taken its name is shown, or that there is no such study
except MriError as error:
    show_error(error)
    if isinstance(error, StoreError):  # the page's own controls are not there to be pressed
        st.button("Try again")
show_account()
