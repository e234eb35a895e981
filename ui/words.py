"""Shows users' data and errors in the page as plain text, never as markup."""

from __future__ import annotations

import streamlit as st

from mri_core.errors import MriError


def show_error(error: MriError) -> None:
    """An error's one line: what must hold, what was found, what to do."""
    st.error("This did not work.")
    st.text(str(error))


def show_first_steps() -> None:
    """What an empty store shows: how to make the first study."""
    st.text("There is no study in this store yet. Make one in a terminal, then reload this page.")
    st.markdown("A small corpus that comes along, scanned in about a minute:")
    st.code("mri demo", language="bash")
    st.markdown("Your own texts, from a CSV file with a column of texts and a column of labels:")
    st.code("mri ingest texts.csv --text text --label label --name my-study", language="bash")
