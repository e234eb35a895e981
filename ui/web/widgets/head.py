"""A page's head: one line that says what it answers."""

from __future__ import annotations

import streamlit as st

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
    """The page's name and what it answers.

    Args:
        title: of the page.
    """
    st.caption(f"**{title}.** {ANSWERS[title]}")
