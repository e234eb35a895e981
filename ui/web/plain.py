"""Shows users' data and errors in the page as plain text, never as markup."""

from __future__ import annotations

import re

import streamlit as st

from mri_core.errors import MriError

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")  # what Markdown lets a backslash stand before


def unmarked(text: str) -> str:
    """A text for where Streamlit reads Markdown, such as a label: all of it stands as it is.

    A word joiner keeps `:smile:` from becoming a picture.
    """
    return _MARKS.sub(r"\\\1", text).replace(":", ":\u2060")


def show_error(error: MriError) -> None:
    """An error's one line: what must hold, what was found, what to do."""
    st.error("This did not work.")
    st.text(str(error))


def in_method(heading: str) -> str:
    """Where a caption's number is explained: a heading of the documentation's page on method."""
    return f" More: docs/method.md, *{heading}*."
