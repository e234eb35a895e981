"""The page Scan: one study as a layered graph, as heatmaps, layer by layer, and in graph measures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

import streamlit as st

from mri_core.errors import UsageError, unknown_name
from mri_core.records.crossed import crossed_labels
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.scene import Spot
from ui.drawing.view import TABS, View
from ui.web.plain import show_error
from ui.web.state import reading
from ui.web.state.choosing import find_study, study_box
from ui.web.state.scan_choices import bound, current
from ui.web.widgets.colour_by import colour_by
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.wording.atlases import fitted_elsewhere
from ui.wording.forms import scanned


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    view = current()
    study = find_study(studies, view.study)
    _head(studies, study, view)
    spots = picture.spots(study, reading.ask)
    view = _checked(study, view, spots)
    tabs = st.tabs(list(TABS.values()), **bound("tab", TABS[view.tab]))
    for name, tab in zip(TABS, tabs, strict=True):
        if name == view.tab:
            with tab:  # what only the others need, as charts, takes longer to import than a graph to draw
                import_module(f"ui.web.tabs.{name}").show(study, view, spots)


def _head(studies: Sequence[Study], study: Study, view: View) -> None:
    """The choices that all tabs share, and what the study is."""
    labels = crossed_labels(study)
    place, category_box, *colour_box, told = st.columns(
        [3, 3, *([2] if labels else []), 8], vertical_alignment="bottom"
    )
    study_box(place, studies, bound("study", study.name))
    categories = {"": "all categories"} | {name: name for name in picture.categories(study, reading.ask)}
    category_box.selectbox(
        "Category",
        list(categories),
        format_func=categories.__getitem__,
        help="Graph: its difference from the others. Matrix, Heatmaps and Metrics: this one. Layers: all together.",
        **bound("category", view.category if view.category in categories else ""),
    )
    for box in colour_box:
        colour_by(box, labels, bound("colour", view.colour if view.colour in labels else ""))
    atlas = f"({study.atlas}){fitted_elsewhere(json.loads(study.report))}"
    told.text(
        f"{study.model}: {study.layers} layers, {study.regions} regions {atlas}. "
        f"{scanned(study.documents, study.documents_stored, study.tokens)} of {study.categories} categories."
    )


def _checked(study: Study, view: View, spots: Sequence[Spot]) -> View:
    """The view without names that the study does not have; says which."""
    categories = picture.categories(study, reading.ask)
    if view.category and view.category not in categories:
        show_error(unknown_name("category", view.category, categories))
        view = replace(view, category="")
    if view.colour and view.colour not in crossed_labels(study):
        show_error(unknown_name("crossed label", view.colour, crossed_labels(study)))
        view = replace(view, colour="")
    known = {spot.id for spot in spots}
    gone = [region for region, _ in view.expanded if region not in known]
    if gone:
        show_error(unknown_name("region", gone[0], known))
        view = view.collapse(*gone)
    for region in (view.region, view.source, view.target):
        if region and region not in known:
            show_error(unknown_name("region", region, known))
            return view.on()
    if not (view.source and view.target):
        return view.on(view.region)
    layers = {spot.id: spot.layer for spot in spots}
    if layers[view.target] != layers[view.source] + 1:
        fact = f"{view.source} and {view.target} are not"
        show_error(UsageError("A connection joins regions of neighbouring layers", fact, "Choose another"))
        return view.on()
    return view.on(view.region, view.source, view.target)


main()
