"""The page Scan: one study's layered graph, and what is behind a region or a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from mri_core.errors import UsageError, unknown_name
from mri_core.records import Study
from ui import address, picture, reading
from ui.address import View
from ui.choosing import find_study
from ui.component_table import show_components
from ui.export import as_html
from ui.first_steps import show_first_steps
from ui.graph_component import show_graph
from ui.graph_view import MEASURES, Column, Spot, build_network
from ui.palette import COLOURS, category_colours
from ui.panels import show_connection, show_region
from ui.tables import connection_table
from ui.words import show_error

GRAPH = "graph"
EXPLAINED = (
    "A dot is a region: documents that the model holds alike in that layer. Its size is their number, its colour the "
    "category with the largest share there. A connection is drawn once for all categories that take it. **Share**: "
    "documents of a category that take a connection, divided by all documents of that category (0 to 1). **Difference "
    "of shares**: the largest share minus the smallest; with one category chosen, its share minus the mean of the "
    "others', grey where it has less. These are counts, described: this version has no test of whether a difference is "
    "more than chance."
)
COLOURS_REPEAT = f" There are more categories than colours ({len(COLOURS)}): colours come round again."


def main() -> None:
    """Draws the page."""
    studies = reading.studies()
    if not studies:
        show_first_steps()
        return
    view = _view()
    study, problem = find_study(studies, view.study)
    layers, spots = (picture.columns(study, reading.ask), picture.spots(study, reading.ask)) if study else ([], [])
    _controls(studies, study, view, layers, spots)
    if problem is not None:
        show_error(problem)
    if study is None:
        return
    view = _checked(study, view, spots)
    if study.atlas == "components":
        show_components(study, view)
    else:
        _show(study, view, spots)


def _show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """The graph, beside it the panel of what was picked, below it the numbers."""
    shown = picture.picture(study, reading.ask, view)
    colours = category_colours(picture.categories(study, reading.ask))
    network = build_network(shown, colours, view.measure)
    st.text(f"{picture.told(study, view, shown)} Click a region or a connection.")
    graph, *panel = st.columns([5, 3] if view.region or view.source else 1)  # columns either way: the graph stays put
    with graph:
        show_graph(
            network,
            colours,
            key=GRAPH,
            region=view.region or None,
            connection=f"{view.source}>{view.target}" if view.source else None,
            on_picked=_picked,
        )
        st.caption(EXPLAINED + (COLOURS_REPEAT if len(colours) > len(COLOURS) else ""))
    if panel:
        with panel[0]:
            _panel(study, view, spots, colours)
    with st.expander("The numbers behind the picture"):
        table = connection_table(shown, spots)
        st.dataframe(table, hide_index=True)
        numbers, file, _ = st.columns([1, 1, 2])
        numbers.download_button(
            "Download as CSV", table.to_csv(index=False), f"{study.name}-connections.csv", "text/csv", width="stretch"
        )
        file.download_button(
            "Save the picture as HTML",
            as_html(network, study.name, picture.told(study, view, shown), colours),
            f"{study.name}.html",
            "text/html",
            width="stretch",
        )


def _panel(study: Study, view: View, spots: Sequence[Spot], colours: dict[str, str]) -> None:
    known = {spot.id: spot for spot in spots}
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    focus, close = st.columns([3, 1], vertical_alignment="center")
    close.button("Close", on_click=lambda: _go(view.on()), width="stretch")
    if view.region:
        focus.toggle("Focus: only its neighbourhood", **_bound("focus", view.focus))
        show_region(study, known[view.region], known, layers, colours)
    else:
        show_connection(study, known[view.source], known[view.target], layers, colours)


def _controls(
    studies: Sequence[Study], study: Study | None, view: View, layers: Sequence[Column], spots: Sequence[Spot]
) -> None:
    """One row of choices. Each stands in the address; the boxes follow it."""
    study_box, region_box, category_box, measure_box, count_box, more_box = st.columns(
        [3, 4, 3, 3, 2, 2], vertical_alignment="bottom"
    )
    study_box.selectbox(
        "Study",
        [other.name for other in studies],
        placeholder="Choose a study",
        **_bound("study", study.name if study else None),
    )
    if study is None:
        return
    names = {column.index: column.name for column in layers}
    titles = {"": "none", **{spot.id: f"{names[spot.layer]}, {spot.title}" for spot in spots}}
    region_box.selectbox(
        "Region", list(titles), format_func=titles.__getitem__, **_bound("region", _offered(view.region, titles))
    )
    categories = {"": "all categories"} | {name: name for name in picture.categories(study, reading.ask)}
    category_box.selectbox(
        "Differences of",
        list(categories),
        format_func=categories.__getitem__,
        **_bound("category", _offered(view.category, categories)),
    )
    drawn = study.atlas != "components"  # these are a table
    measure_box.selectbox(
        "Width",
        list(MEASURES),
        format_func=MEASURES.__getitem__,
        disabled=not drawn,
        **_bound("measure", view.measure),
    )
    count_box.selectbox("Connections", address.CONNECTIONS, **_bound("connections", view.connections))
    with more_box.popover("More", width="stretch"):
        first, last = picture.span(layers, view)
        st.selectbox("First layer", list(names)[:-1], format_func=names.__getitem__, **_bound("first", first))
        st.selectbox("Last layer", list(names)[1:], format_func=names.__getitem__, **_bound("last", last))
        st.toggle("Connections that stay in their region", disabled=not drawn, **_bound("stay", view.stay))


def _checked(study: Study, view: View, spots: Sequence[Spot]) -> View:
    """The view without names that the study does not have; says which."""
    categories = picture.categories(study, reading.ask)
    if view.category and view.category not in categories:
        show_error(unknown_name("category", view.category, categories))
        view = replace(view, category="")
    known = {spot.id for spot in spots}
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


def _view() -> View:
    return address.read(st.query_params.to_dict())


def _go(view: View) -> None:
    st.query_params.from_dict(address.write(view))


def _picked() -> None:
    """A click on the graph: a region, a connection, or nothing."""
    picked = st.session_state[GRAPH].picked or {}
    source, _, target = picked.get("connection", "").partition(">")
    _go(_view().on(picked.get("region", ""), source, target))


def _bound(name: str, value: Any) -> dict[str, Any]:
    """Arguments of a control that shows a choice of the address and writes it back."""
    key = f"choice of {name}"
    st.session_state[key] = value
    return {"key": key, "on_change": _chosen, "args": (name, key)}


def _chosen(name: str, key: str) -> None:
    value, view = st.session_state[key], _view()
    if name == "study":
        _go(View(study=value, measure=view.measure, connections=view.connections))
    elif name == "region":
        _go(view.on(value))
    else:
        _go(replace(view, **{name: value}))


def _offered(value: str, offered: dict[str, str]) -> str:
    return value if value in offered else ""


main()
