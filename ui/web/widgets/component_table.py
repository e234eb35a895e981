"""The page of a study of components: which of them move together, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from queries.text import words_told
from ui.drawing import picture
from ui.drawing.scene import KNOWN_LINKS
from ui.drawing.view import View
from ui.web.state import reading
from ui.web.widgets.frames import show_frame
from ui.wording.labels import end_words, reader_names, with_names

EXPLAINED = (
    "Each layer's activations were reduced to a few components, common to all documents. **rho** is Spearman's, of a "
    "component with one of the next layer, over the documents of a category: above 0 the two rise together, below 0 "
    "the one falls where the other rises. Components are told by the words of the documents that score highest on "
    "them. What was measured is shown, the largest |rho| first; which of it differs between categories by more than "
    "chance is told by the question *findings*."
)


def show_components(of: Study, view: View) -> None:
    """The connections that the view chooses: its category, layers, component, and how many."""
    first, last = picture.span(picture.columns(of, reading.ask), view)
    rows = reading.ask(
        of,
        "components",
        category=view.category or None,
        region=f"{of.id}/{view.region}" if view.region else None,
        limit=KNOWN_LINKS,
    ).records()
    rows = [row for row in rows if first <= row["layer"] < last][: view.connections]
    st.text(
        f"Components hold no documents, so there is no picture of how documents flow. {of.documents} documents of "
        f"{of.categories} categories through {of.model}: {len(rows)} connections between components."
    )
    layers = {column.index: column.name for column in picture.columns(of, reading.ask)}
    show_frame(_table(with_names(rows, reader_names(of, reading.ask)), layers))
    st.caption(EXPLAINED)


def _table(rows: Sequence[Mapping[str, Any]], layers: Mapping[int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "category": row["category"],
                "from": _component(row["source"], layers[row["layer"]]),
                "from words": words_told(end_words(row, "source")),
                "to": _component(row["target"], layers[row["layer"] + 1]),
                "to words": words_told(end_words(row, "target")),
                "rho": row["rho"],
                "documents": row["documents"],
            }
            for row in rows
        ]
    )


def _component(region: str, layer: str) -> str:
    return f"{layer}, component {region.rpartition('/R')[2]}"
