"""The tab Graph: a study's layered graph, and what is behind a region or a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.colouring import colouring, recoloured
from ui.drawing.expanding import expanded_picture
from ui.drawing.network import build_network, legend
from ui.drawing.scene import MEASURES, Picture, Spot
from ui.drawing.view import CONNECTIONS, GREATEST_Q, LEAST_STABILITY, ORDERS, View
from ui.reports.picture_tables import connection_table
from ui.web.state import reading
from ui.web.state.scan_choices import bound, current, go
from ui.web.widgets.component_table import show_components
from ui.web.widgets.expanding import show_collapse_all, show_expanding
from ui.web.widgets.frames import show_frame
from ui.web.widgets.graph_component import show_graph
from ui.web.widgets.panels import show_connection, show_region
from ui.web.widgets.saving import save_graph
from ui.wording.units import in_unit

GRAPH = "graph"
EXPLAINED = (
    "A dot is a region: documents with similar activations in that layer. Its size is their number, its colour the "
    "{what} with the largest share there, which fills it the more the larger that part is, every {what} weighing "
    "alike. A connection is drawn once for all categories that take it. **Share**: "
    "documents of a category that take a connection, divided by all documents of that category (0 to 1). **Difference "
    "of shares**: the largest share minus the smallest; with one category chosen, its share minus the mean of the "
    "others', dashed where it has less. These are counts, described. **Findings** are connections that a category "
    "takes more or less than the others by more than chance: first those that refits of the atlas find again most "
    "often, then those whose interval ends farthest from no difference. Their colour is the category found, dashed "
    "where it takes the connection less; the fainter, the fewer refits find it again. **q** is a connection's p, "
    "adjusted for how many were tested; above 0.05 nothing is found, and what is drawn may be chance. What is found is "
    "told on hovering over a connection, and beside it once it is clicked."
)


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """The choices, the graph, below it the numbers, beside them the panel of what was picked."""
    _controls(study, view, spots)
    if not traits_of(study.atlas).holds_documents:
        show_components(study, view)
        return
    by = colouring(study, reading.ask, view.colour)
    colours = dict(by.colours)
    shown = recoloured(study, reading.ask, expanded_picture(study, reading.ask, view), by, view.category)
    network = build_network(shown, colours, view.measure, dark=st.context.theme.type == "dark")
    st.text(f"{picture.told(study, view, shown)} Click a region or a connection.")
    graph, *panel = st.columns([5, 3] if view.region or view.source else 1)  # columns either way: the graph stays put
    with graph:
        show_graph(
            network,
            legend(shown, colours),
            key=GRAPH,
            region=view.region or None,
            connection=f"{view.source}>{view.target}" if view.source else None,
            on_picked=_picked,
        )
        show_collapse_all(view)
        if by.label:
            st.text(by.told)
        st.caption(in_unit(study, EXPLAINED.format(what="value" if by.label else "category")))
        save_graph(study, view, shown, network, colours)
        with st.expander("The numbers behind the picture"):
            show_frame(connection_table(shown))
    if panel:
        with panel[0]:
            _panel(study, view, spots, shown, by.of_categories)


def _controls(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """One row of choices."""
    layers = picture.columns(study, reading.ask)
    region_box, order_box, q_box, again_box, measure_box, count_box, more_box = st.columns(
        [4, 3, 2, 2, 3, 2, 2], vertical_alignment="bottom"
    )
    names = {column.index: column.name for column in layers}
    titles = {"": "none"} | {spot.id: f"{names[spot.layer]}, {spot.searched}" for spot in spots}
    region_box.selectbox(
        "Region",
        list(titles),
        format_func=titles.__getitem__,
        help="Type a layer, a number or a word.",
        **bound("region", view.region if view.region in titles else ""),
    )
    drawn = traits_of(study.atlas).holds_documents  # these are a table
    _show_order(study, view, order_box, (q_box, again_box), drawn=drawn)
    measure_box.selectbox(
        "Width",
        list(MEASURES),
        format_func=lambda name: in_unit(study, MEASURES[name]),
        disabled=not drawn,
        **bound("measure", view.measure),
    )
    count_box.selectbox("Connections", CONNECTIONS, **bound("connections", view.connections))
    with more_box.popover("More", width="stretch"):
        first, last = picture.span(layers, view)
        st.selectbox("First layer", list(names)[:-1], format_func=names.__getitem__, **bound("first", first))
        st.selectbox("Last layer", list(names)[1:], format_func=names.__getitem__, **bound("last", last))
        st.toggle("Connections that stay in their region", disabled=not drawn, **bound("stay", view.stay))


def _show_order(
    study: Study, view: View, order_box: DeltaGenerator, sure: tuple[DeltaGenerator, DeltaGenerator], *, drawn: bool
) -> None:
    """Which connections are drawn: findings up to a q and from a stability on, or differences of shares."""
    order = picture.order_of(study, view)
    order_box.selectbox(
        "Show",
        list(ORDERS),
        format_func=ORDERS.__getitem__,
        disabled=not drawn or study.fdr is None,
        help="Which connections come first. Findings: only those that differ by more than chance; of tested studies.",
        **bound("order", order),
    )
    q_box, again_box = sure
    q_box.selectbox(
        "Greatest q",
        GREATEST_Q,
        format_func="{:g}".format,
        disabled=not drawn or order != "findings",
        **bound("most_q", view.most_q),
    )
    again_box.selectbox(
        "Found again",
        LEAST_STABILITY,
        format_func=lambda share: f"≥ {share:.0%}" if share else "any",
        disabled=not drawn or order != "findings" or not reading.ask(study, "found-again").records()[0]["refitted"],
        help="The least share of refits of the atlas in which a finding comes back.",
        **bound("least_stability", view.least_stability),
    )


def _panel(study: Study, view: View, spots: Sequence[Spot], shown: Picture, colours: dict[str, str]) -> None:
    known = {spot.id: spot for spot in spots}
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    focus, cause, close = st.columns([3, 4, 2], vertical_alignment="center")
    if study.unit == "document":  # of tokens nothing can be tried
        cause.button("Does the model use it?", on_click=lambda: go(replace(view, tab="cause")), width="stretch")
    close.button("Close", on_click=lambda: go(view.on()), width="stretch")
    if view.region:
        focus.toggle("Focus", help="Only its neighbourhood.", **bound("focus", view.focus))
        show_expanding(study, view, shown)
        show_region(study, known[view.region], known, layers, colours)
    else:
        show_connection(study, known[view.source], known[view.target], layers, colours)


def _picked() -> None:
    """A click on the graph: a region, a connection, or nothing."""
    picked = st.session_state[GRAPH].picked or {}
    source, _, target = picked.get("connection", "").partition(">")
    go(current().on(picked.get("region", ""), source, target))
