"""A page's head: one line that says what it answers."""

from __future__ import annotations

import streamlit as st

from ui.web.state import reading

EVERY = 0.5  # seconds between two looks whether the engine answers
STARTING = " *The store is starting: this is what it held at the last visit.*"
ANSWERS = {  # by the page's title
    "Studies": "Which studies are there? A model scanned over a corpus each, the newest first.",
    "New scan": "How does a model treat my texts? Scan labelled texts, and store what is found as a study.",
    "Overview": "What was found, how far can it be trusted, and what is next?",
    "Scan": "Which regions light up for which texts, and how do documents flow from layer to layer?",
    "Compare": "Is one category, or one study, different from another by more than chance?",
    "Questions": "What else can be asked of the graph? Every question with a form, and Cypher of one's own.",
    "Documents": "Which way does a text go, and which texts go the same way?",
    "Live scan": "Where would the model of a study place a new text?",
    "Trust": "How far can a study be trusted? Its findings next to their controls, and the evidence against it.",
}


def show_head(title: str) -> None:
    """The page's name and what it answers; while the engine starts, that all is as of the last visit.

    Args:
        title: of the page.
    """
    if reading.is_starting():
        st.fragment(_show_until_started, run_every=EVERY)(title)
    else:
        st.caption(_told(title))


def _show_until_started(title: str) -> None:
    """Runs the whole page again once the engine has answered: it then shows what is there now."""
    if not reading.is_starting():
        st.rerun()
    st.caption(_told(title) + STARTING)


def _told(title: str) -> str:
    return f"**{title}.** {ANSWERS[title]}"
