"""The page of a study of components: which of them move together, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mri_core.records import Study, local_id
from ui import picture, reading
from ui.address import View

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
        limit=picture.KNOWN_LINKS,
    ).records()
    rows = [row for row in rows if first <= row["layer"] < last][: view.connections]
    st.text(
        f"Components hold no documents, so there is no picture of how documents flow. {of.documents} documents of "
        f"{of.categories} categories through {of.model}: {len(rows)} connections between components."
    )
    st.dataframe(_table(of, rows), hide_index=True)
    st.caption(EXPLAINED)


def _table(of: Study, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "category": row["category"],
                "from": local_id(of.id, row["source"]),
                "from words": ", ".join(row["source_keywords"]),
                "to": local_id(of.id, row["target"]),
                "to words": ", ".join(row["target_keywords"]),
                "rho": row["rho"],
                "documents": row["documents"],
            }
            for row in rows
        ]
    )
