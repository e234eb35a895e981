"""The tab "Two categories" of the page Compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mri_core.records import Study
from ui import contrasts, picture, reading
from ui.answer_view import show_drawing
from ui.beside import FINDINGS, ORDERS, Beside
from ui.charts import lines_chart
from ui.contrast_graph import components_told, draw_component, draw_findings, leaning
from ui.contrasts import Evidence, Finding
from ui.forest import ROWS, forest_chart, small
from ui.graph_view import Spot
from ui.layer_lines import Panel, Point
from ui.palette import category_colours
from ui.saving import numbers, offer
from ui.words import in_method

GRAPH = (
    "A line is a connection that is found to differ, its width the difference of the two categories' shares. A dot "
    "is a region, its size its documents, its colour the category with the largest share. Hovering tells effect, "
    "interval and q; click a region or a connection."
)
COMPONENT = (
    "A component of the Network-Based Statistic is a global test, not a location: documents chain connections by "
    "construction, so that one unusual document makes a path. It says that something differs, not which of these "
    "connections do."
)
FOREST = (
    "Dot: effect; line: its interval, at the level that holds for what is listed; q: chance of the connection, "
    "adjusted for how many were tested; found again: share of refits of the whole atlas in which the same finding "
    "comes back."
)
APART = (
    "How far apart all the study's categories sit in the regions of a layer (generalised Jensen–Shannon "
    "divergence), less what shuffled labels give; the band is its interval. Layer 0 knows the words: look at the "
    "gain over it and over the same model with re-initialised blocks."
)
LAYER_COLUMNS = {
    "name": "layer",
    "divergence": "divergence (bits)",
    "ci_low": "low",
    "ci_high": "high",
    "random_blocks": "random blocks",
}
Chosen = Callable[..., None]


def show(study: Study, chosen: Beside, pair: tuple[str, str], go: Chosen, bound: Callable[[str, Any], Any]) -> None:
    """The sentence, the graph, the forest, the layers and the global tests.

    Args:
        study: that is read.
        chosen: what the address says.
        pair: the categories, which the study has.
        go: called with changed choices.
        bound: arguments of a box that shows a choice.
    """
    known = {spot.id: spot for spot in picture.spots(study, reading.ask)}
    evidence = contrasts.stored(study, reading.ask, known, pair)
    st.text(contrasts.told(evidence, pair))
    if evidence.overall is not None:
        st.text(f"Any difference at all between the study's categories: p {small(evidence.overall['p'])}, one test.")
    findings = contrasts.ordered(evidence.findings, chosen.order)
    _show_graph(study, chosen, pair, evidence, findings, known, go, bound)
    if findings:
        _show_forest(study, chosen, pair, findings, evidence.facing, bound)
    _show_layers(study)
    _show_components(evidence, known)


def _show_graph(
    study: Study,
    chosen: Beside,
    pair: tuple[str, str],
    evidence: Evidence,
    findings: Sequence[Finding],
    known: Mapping[str, Spot],
    go: Chosen,
    bound: Callable[[str, Any], Any],
) -> None:
    """What is found, or a component: the reader chooses."""
    components = components_told(evidence)
    offered = {**({FINDINGS: "findings"} if findings else {}), **{key: f"component at {key}" for key in components}}
    if not offered:
        return
    drawn = chosen.drawn if chosen.drawn in offered else next(iter(offered))
    heading, box = st.columns([6, 3], vertical_alignment="bottom")
    heading.markdown("**Where they differ**")
    box.selectbox("Drawn", list(offered), format_func=offered.__getitem__, **bound("drawn", drawn))
    colours = category_colours(picture.categories(study, reading.ask))
    if drawn == FINDINGS:
        drawing, explained = draw_findings(study, reading.ask, known, findings, pair, colours), GRAPH
        if drawing.left_out:
            explained += f" {drawing.left_out} more are in the table only."
    else:
        shares = contrasts.shares_of(study, reading.ask, pair)
        drawing = draw_component(study, reading.ask, known, components[drawn], shares, pair, colours)
        explained = f"{_component_in_words(components[drawn])} {COMPONENT}"
    show_drawing(f"{study.name}-difference", study, drawing, explained, chosen.picked, lambda at: go(picked=at))


def _show_forest(
    study: Study,
    chosen: Beside,
    pair: tuple[str, str],
    findings: Sequence[Finding],
    facing: bool,
    bound: Callable[[str, Any], Any],
) -> None:
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    heading, box = st.columns([6, 3], vertical_alignment="bottom")
    heading.markdown("**How much, and how sure**")
    box.selectbox("First", list(ORDERS), format_func=ORDERS.__getitem__, **bound("order", chosen.order))
    shown = findings[:ROWS]
    if len(findings) > len(shown):
        st.text(f"The first {len(shown)} of {len(findings)} findings; all are in the table.")
    all_colours = category_colours(picture.categories(study, reading.ask))
    colours = {name: all_colours[name] for name in pair if any(row.category == name for row in findings)}
    rest = pair[1] if facing else "the others"
    effect = "Fisher's z" if study.atlas == "components" else "log odds"
    unit = f"{effect} of the category, less that of {rest}"
    st.altair_chart(forest_chart(shown, layers, colours, unit, dark=st.context.theme.type == "dark"), width="content")
    st.caption(FOREST + in_method("Of a connection, a region, a route"))
    table = findings_table(findings, layers, pair)
    offer([numbers(table, f"{study.name}-findings")])
    with st.expander("The numbers behind both pictures"):
        st.dataframe(table, hide_index=True)


def findings_table(findings: Sequence[Finding], layers: Mapping[int, str], pair: tuple[str, str]) -> pd.DataFrame:
    """A row for each finding."""
    return pd.DataFrame(
        [
            {
                "leaves": layers[row.source.layer],
                "from words": ", ".join(row.source.keywords),
                "to words": ", ".join(row.target.keywords),
                "category": row.category,
                "finding": row.finding,
                "effect": row.effect,
                "low": row.low,
                "high": row.high,
                "q": row.q,
                "found again": row.stability,
                f"share of {pair[0]}": row.shares and row.shares[0],
                f"share of {pair[1]}": row.shares and row.shares[1],
                "difference": leaning(row, pair),
                "from region": row.source.name,
                "to region": row.target.name,
            }
            for row in findings
        ]
    )


def _show_layers(study: Study) -> None:
    """The divergence by layer beside random blocks."""
    rows = [row for row in reading.ask(study, "layer-differences").records() if row["divergence"] is not None]
    if not rows:
        return
    st.markdown("**Layer by layer**")
    lines = {"this model": [Point(row["layer"], row["divergence"], row["ci_low"], row["ci_high"]) for row in rows]}
    controls = [Point(row["layer"], row["random_blocks"]) for row in rows if row["random_blocks"] is not None]
    if controls:
        lines["random blocks"] = controls
    chart, table = st.columns([5, 4])
    chart.altair_chart(lines_chart(Panel("Divergence above chance, all categories", "bits", lines, {}), 0))
    frame = pd.DataFrame(rows).drop(columns="layer").rename(columns=LAYER_COLUMNS)
    with table:
        st.dataframe(frame, hide_index=True)
        offer([numbers(frame, f"{study.name}-layer-differences")])
    missing = "" if controls else " There is no control yet: `mri ingest … --controls` adds it."
    st.caption(APART + missing + in_method("Layer by layer"))


def _show_components(evidence: Evidence, known: Mapping[str, Spot]) -> None:
    """The network-based statistic in words."""
    if not evidence.components:
        return
    st.markdown("**The whole graph**")
    for row in evidence.components:
        st.text(_component_in_words(row))
    st.caption(COMPONENT + in_method("The whole graph"))


def _component_in_words(row: Mapping[str, Any]) -> str:
    details = json.loads(row["details"])
    beyond = row["other"]
    if not details["connections"]:
        return f"At {beyond}: no connection of any category is so far from the rest."
    return (
        f"At {beyond}: the largest component is of {row['category']}, {len(details['connections'])} connections that "
        f"it takes {details['finding']} than the rest; p {small(row['p'])} for the whole graph, of all categories."
    )
