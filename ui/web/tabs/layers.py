"""The tab Layers: what is known of a study layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from mri_core.records.measures import ATLAS_SPREAD
from ui.drawing import picture
from ui.drawing.layer_lines import AGREEMENT, APART, PROBING, panels
from ui.drawing.scene import Spot
from ui.drawing.view import View
from ui.reports import atlas_quality
from ui.reports.measured import measures
from ui.reports.over_atlases import BOTH, NONE, both_intervals, with_both
from ui.reports.picture_tables import layer_table
from ui.web.plain import in_method
from ui.web.state import reading
from ui.web.widgets.charts import lines_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer, pictures
from ui.wording.units import in_unit, unit_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPLAINED = (
    "**Variance explained by the reduced space**: share of the activations' variance on the axes that regions are cut "
    "from. **Entropy**: how mixed the categories are in a region, mean over the documents; 0 says that no region holds "
    "two. **Divergence**: how far apart the categories sit (generalised Jensen–Shannon), at most log2 of their number"
)
TESTED = (
    "; above chance is less what shuffled labels give, the band its interval. Random blocks: the same model with "
    "re-initialised blocks, which knows the words and nothing more, the mean of several and their range"
)
UNTESTED = "; few documents over many regions raise it"
OVER_CHANCE = {
    "layer": "layer",
    "name": "name",
    "over_chance": "over chance",
    "ci_low": "from",
    "ci_high": "to",
    "p": "p",
}
PROBED = (
    " **Category read from a layer**: balanced accuracy on documents held out, of a classifier on the full activations "
    "and on the regions alone; the band is its interval. "
)
BASELINES = {"document": "Token embeddings, averaged, are the baseline.", "token": "Its own embedding is the baseline."}
AGREE = (
    " **Agreement of the regions**: how similarly other fits partition the documents (adjusted Rand index, 1 the same, "
    "0 as by chance): the refits, from the least to the most, and k-means from random starts; and how alike a layer's "
    "regions are to the next layer's, chained as they are and from random starts in both."
)


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """A chart for each quantity, and the numbers."""
    found = panels(study, reading.ask)
    st.text(
        f"How each layer represents the {unit_word(study)}: how much variance the regions cover, and how well they "
        "separate the categories."
    )
    if not found:
        st.text("Nothing is known of these layers: UMAP explains no variance, and components hold no documents.")
        return
    places = st.columns(2)
    for i, panel in enumerate(found):
        places[i % 2].altair_chart(lines_chart(panel, i))
    titles = {panel.title for panel in found}
    apart = TESTED if APART in titles else UNTESTED
    probed = PROBED + BASELINES[study.unit] if PROBING in titles else ""
    st.caption(in_unit(study, f"{EXPLAINED}{apart}.{probed}{AGREE if AGREEMENT in titles else ''}"))
    for line in atlas_quality.chained(reading.ask(study, "atlas-quality").records()):
        st.text(in_unit(study, line))

    def figure() -> Figure:
        from ui.drawing.figures.layers import layers_figure

        return layers_figure(found)

    table = layer_table(picture.columns(study, reading.ask), found)
    offer([*pictures(figure, f"{study.name}-layers", study), numbers(table, f"{study.name}-layers")])
    with st.expander("The numbers behind the picture"):
        show_frame(table)
    _show_over_chance(study)


def _show_over_chance(study: Study) -> None:
    """The divergence over chance with its interval: for both errors where the atlas was fitted again."""
    spreads = [asdict(measure) for measure in measures(study, reading.ask) if measure.kind == ATLAS_SPREAD]
    rows = with_both(reading.ask(study, "layer-differences").records(), spreads)
    if not rows:
        return
    known = both_intervals(spreads)
    st.markdown("**Divergence over chance**")
    shown = [{title: row[key] for key, title in OVER_CHANCE.items()} for row in rows]
    show_frame(pd.DataFrame(shown))
    of = BOTH if known else f"for the error of the documents alone. {NONE}"
    told = in_unit(study, f"Bits, less what shuffled labels give, with its 95 % interval {of}")
    st.caption(told + in_method("Layer by layer"))
