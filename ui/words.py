"""Shows users' data and errors in the page as plain text, never as markup."""

from __future__ import annotations

import streamlit as st

from mri_core.errors import MriError


def show_error(error: MriError) -> None:
    """An error's one line: what must hold, what was found, what to do."""
    st.error("This did not work.")
    st.text(str(error))
