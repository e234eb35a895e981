"""The tab Metrics: the graph measures that are kept in a study."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from queries.text import in_words
from ui.drawing import picture
from ui.drawing.scene import Spot
from ui.drawing.view import View
from ui.reports.measure_tables import GROUPS, KINDS
from ui.reports.picture_tables import measures_by_group, measures_by_layer
from ui.web.state import reading
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.wording.units import in_unit

EXPLAINED = {
    "Degree and strength": "Moments over the regions of how many connections a region has (degree) and how many "
    "documents take them (strength), in and out together. Assortativity: whether strong regions lead to strong "
    "ones, −1 to 1.",
    "Shape": "Density: connections over all ordered pairs of regions; layered density: over the pairs that "
    "neighbouring layers allow. Centres: where regions, and the spread of strengths, lie from the middle layer.",
    "Paths and communities": "Betweenness: share of the shortest paths through a region, a connection being 1 / weight "
    "long. Modularity: how far the graph falls into communities (Leiden). Participation: how evenly a region's "
    "strength is spread over them.",
    "Against random graphs of the same layers and degrees": "Rich club: connections among the regions of the highest "
    "degrees; small-worldness: clustering over path length; each over its mean in random graphs, so that 1 is chance.",
}
JOINED = (
    "Two regions are joined by the neighbours they share. Clustering is high by itself, as a region joins all its "
    "neighbours."
)


MOST_MEASURES = 1_000_000


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """Tables by group, a column for the whole and for each category; or how to make them."""
    st.text("The graph in numbers: that of all categories together, and that of each.")
    rows = [row for row in reading.ask(study, "measures", limit=MOST_MEASURES).records() if row["kind"] in KINDS]
    if not rows:
        st.text("This study has not been measured yet. Measure it in a terminal, then reload this page:")
        st.code(f"mri metrics {study.name}", language="bash")
        return
    categories = [view.category] if view.category else picture.categories(study, reading.ask)
    for title, kinds in GROUPS.items():
        st.markdown(f"**{title}**")
        show_frame(measures_by_group(rows, kinds, categories))
        st.caption(in_unit(study, EXPLAINED.get(title, JOINED)))
    st.markdown("**By layer**")
    show_frame(measures_by_layer(rows, view.category or None))
    st.caption("Mean degree of a layer's regions; clustering and path length among them, joined by what they share.")
    told = sorted({reason for row in rows if (reason := row["details"].get("undefined"))})
    if told:
        st.text("– where it is not defined: " + "; ".join(told))
    table = pd.DataFrame([{**row, "details": in_words(row["details"])} for row in rows])
    offer([numbers(table, f"{study.name}-measures")])
