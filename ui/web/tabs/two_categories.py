"""The tab "Two categories" of the page Compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from queries.text import words_told
from ui.drawing import layer_lines, picture
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.palette import category_colours
from ui.drawing.scene import Spot, keys_of
from ui.reports import contrasts
from ui.reports.comparison import of_findings
from ui.reports.contrasts import Evidence, Finding, Pair, signs
from ui.reports.evidence_summary import detectable
from ui.web.plain import in_method, show_error
from ui.web.state import reading
from ui.web.state.beside import FINDINGS, ORDERS, Beside
from ui.web.widgets.answer_view import show_drawing
from ui.web.widgets.charts import lines_chart
from ui.web.widgets.contrast_graph import draw_component, draw_findings, leaning
from ui.web.widgets.forest import ROWS, forest_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer, pictures
from ui.wording.evidence import any_difference, probability
from ui.wording.units import in_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRAPH = (
    "A line is a connection that is found to differ, its width the difference of the two categories' shares, its "
    "colour the category that takes it more; the fainter, the fewer refits find it again. A dot is a region, its size "
    "its documents, its colour the category with the largest share, which fills it as far as it outweighs the others."
)
OF_COMPONENTS = (
    "A line is a connection between components that is found to differ, its width the effect, its colour the category "
    "in which they move together more. A dot is a component."
)
COMPONENT = (
    "A component of the Network-Based Statistic is a global test, not a location: documents chain connections by "
    "construction, so that one unusual document makes a path. It says that something differs, not which of these "
    "connections do."
)
FOREST = (
    "Dot: effect; line: its interval, at the level that holds for what is listed; q: p of the connection, "
    "adjusted for how many were tested; found again: share of refits of the whole atlas in which the same finding "
    "comes back."
)
APART = (
    "How far apart categories sit in the regions of a layer (generalised Jensen–Shannon "
    "divergence), less what shuffled labels give; the band is its interval. Look at the gain over layer 0, which in "
    "the residual stream is the embedding and knows the words, and over the same model with re-initialised blocks."
)
NO_CONTROL = " There is no control yet: `mri ingest … --controls` adds it."
ALL_COLUMNS = {
    "over_chance": "all categories (bits)",
    "ci_low": "low, all",
    "ci_high": "high, all",
    "p": "p, all",
    "random_blocks": "random blocks (bits)",
}
FACING = " Of two tested alone, found again is that of the same finding against all other categories."
Chosen = Callable[..., None]


def show(study: Study, chosen: Beside, pair: Pair, go: Chosen, bound: Callable[[str, Any], Any]) -> None:
    """The sentence, the graph, the forest, the layers and the global tests.

    Args:
        study: that is read.
        chosen: what the address says.
        pair: the categories, which the study has.
        go: called with changed choices.
        bound: arguments of a box that shows a choice.
    """
    known = {spot.id: spot for spot in picture.spots(study, reading.ask)}
    evidence = _evidence(study, chosen, pair, known)
    st.text(contrasts.told(evidence, pair, matched=traits_of(study.atlas).chained))
    for line in _of_the_whole(evidence):
        st.text(in_unit(study, line))
    findings = contrasts.ordered(evidence.findings, chosen.order)
    _show_graph(study, chosen, pair, evidence, findings, known, go, bound)
    if findings:
        _show_forest(study, chosen, pair, findings, evidence, bound)
    _show_layers(study, pair, evidence)
    _show_components(study, evidence)


def _evidence(study: Study, chosen: Beside, pair: Pair, known: Mapping[str, Spot]) -> Evidence:
    """Of the two alone, unless the study holds it or it is asked against all others; what cannot be tested is told."""
    if chosen.against == "one" and not contrasts.is_stored(study):
        try:
            return contrasts.face_to_face(study, reading.ask, known, pair, reading.compare(study, pair))
        except UsageError as error:
            show_error(error)
    return contrasts.stored(study, reading.ask, known, pair)


def _of_the_whole(evidence: Evidence) -> list[str]:
    """The one test of any difference, and, where nothing is found, what could have been."""
    lines = [any_difference(evidence.measures)]
    if not evidence.findings:
        lines.append(detectable([asdict(measure) for measure in evidence.of_kind("detectable")]))
    return [line for line in lines if line]


def _show_graph(
    study: Study,
    chosen: Beside,
    pair: Pair,
    evidence: Evidence,
    findings: Sequence[Finding],
    known: Mapping[str, Spot],
    go: Chosen,
    bound: Callable[[str, Any], Any],
) -> None:
    """What is found, or a component: the reader chooses."""
    components = {str(m.other): m for m in evidence.of_kind("nbs") if m.details["connections"]}
    offered = {**({FINDINGS: "findings"} if findings else {}), **{key: f"component at {key}" for key in components}}
    if not offered:
        return
    drawn = chosen.drawn if chosen.drawn in offered else next(iter(offered))
    heading, box = st.columns([6, 3], vertical_alignment="bottom")
    heading.markdown("**Where they differ**")
    box.selectbox("Drawn", list(offered), format_func=offered.__getitem__, **bound("drawn", drawn))
    colours = category_colours(picture.categories(study, reading.ask))
    if drawn == FINDINGS:
        drawing = draw_findings(study, reading.ask, known, findings, pair, colours)
        explained = OF_COMPONENTS if not traits_of(study.atlas).holds_documents else in_unit(study, GRAPH)
    else:
        shares = contrasts.shares_of(study, reading.ask, pair)
        drawing = draw_component(study, reading.ask, known, components[drawn], shares, pair, colours)
        explained = f"{_component_in_words(components[drawn])} {in_unit(study, COMPONENT)}"
    if drawing.left_out:
        where = "are in the table only" if drawn == FINDINGS else "are not drawn"
        explained += f" {drawing.left_out} more {where}."
    show_drawing(f"{study.name}-difference", study, drawing, explained, chosen.picked, lambda at: go(picked=at))


def _show_forest(
    study: Study,
    chosen: Beside,
    pair: Pair,
    findings: Sequence[Finding],
    evidence: Evidence,
    bound: Callable[[str, Any], Any],
) -> None:
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    heading, box = st.columns([6, 3], vertical_alignment="bottom")
    heading.markdown("**How much, and how sure**")
    box.selectbox("First", list(ORDERS), format_func=ORDERS.__getitem__, **bound("order", chosen.order))
    shown = findings[:ROWS]
    if len(findings) > len(shown):
        st.text(f"The first {len(shown)} of {len(findings)} findings; all are in the table.")
    colours = contrasts.sides(pair, category_colours(picture.categories(study, reading.ask)), facing=evidence.facing)
    rest = pair[1] if evidence.facing else "the others"
    fisher = not traits_of(study.atlas).holds_documents
    unit = f"Fisher's z of the category, less that of {rest}" if fisher else f"log odds ratio of the category to {rest}"
    dark = st.context.theme.type == "dark"
    tint = (lambda row: signs(pair)[leaning(row, pair) < 0]) if evidence.facing else (lambda row: row.category)
    st.altair_chart(forest_chart(shown, layers, tint, colours, unit, dark=dark), width="content")
    alone = evidence.facing and not contrasts.is_stored(study)
    st.caption(FOREST + (FACING if alone else "") + in_method("Of a connection, a region, a route"))

    def figure() -> Figure:
        from ui.drawing.figures.compare import compare_figure

        compared = of_findings(study, shown, pair, chosen.order, facing=evidence.facing)
        return compare_figure(compared, keys_of(colours))

    table = findings_table(findings, layers, pair)
    offer([*pictures(figure, f"{study.name}-forest", study), numbers(table, f"{study.name}-findings")])
    with st.expander("The numbers behind both pictures"):
        show_frame(table)


def findings_table(findings: Sequence[Finding], layers: Mapping[int, str], pair: Pair) -> pd.DataFrame:
    """A row for each finding."""
    return pd.DataFrame(
        [
            {
                "leaves": layers[row.source.layer],
                "from words": words_told(row.source.words),
                "to words": words_told(row.target.words),
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


def _show_layers(study: Study, pair: Pair, evidence: Evidence) -> None:
    """The divergence by layer: of the two where they were tested alone, of all categories beside random blocks."""
    rows = [row for row in reading.ask(study, "layer-differences").records() if row["over_chance"] is not None]
    whole = layer_lines.divergence(rows)
    own = evidence.of_kind("divergence") if evidence.facing and study.categories > 2 else []
    if not rows and not own:
        return
    st.markdown("**Layer by layer**")
    alone = [Point(m.layer or 0, m.value or 0.0, m.ci_low, m.ci_high) for m in own]
    title = f"{pair[0]} and {pair[1]}, above chance"
    panels = [Panel(title, "bits", {"": alone}, {layer_lines.SHUFFLED: 0.0})] if alone else []
    if whole:
        panels.append(replace(whole, title="All categories, above chance"))
    for place, panel in zip(st.columns(2), panels, strict=False):
        place.altair_chart(lines_chart(panel, 0))
    missing = "" if whole is None or layer_lines.BLOCKS in whole.lines else NO_CONTROL
    st.caption(APART + missing + in_method("Layer by layer"))
    table = _layer_table(study, rows, own)
    offer([numbers(table, f"{study.name}-layer-differences")])
    with st.expander("The numbers behind the layers"):
        show_frame(table)


def _layer_table(study: Study, rows: Sequence[Mapping[str, Any]], own: Sequence[Measure]) -> pd.DataFrame:
    """A row for each layer: of the two alone, then of all."""
    frame = pd.DataFrame({"layer": [column.name for column in picture.columns(study, reading.ask)]})
    if own:
        alone = {measure.layer: measure for measure in own}
        for title, key in (("these two (bits)", "value"), ("low", "ci_low"), ("high", "ci_high"), ("p", "p")):
            frame[f"{title}"] = [getattr(alone.get(layer), key, None) for layer in range(len(frame))]
    known = {row["layer"]: row for row in rows}
    for key, title in ALL_COLUMNS.items():
        frame[title] = [known.get(layer, {}).get(key) for layer in range(len(frame))]
    return frame


def _show_components(study: Study, evidence: Evidence) -> None:
    """The network-based statistic in words."""
    components = sorted(evidence.of_kind("nbs"), key=lambda component: component.details["threshold"])
    if not components:
        return
    st.markdown("**The whole graph**")
    for component in components:
        st.text(_component_in_words(component))
    st.caption(in_unit(study, COMPONENT) + in_method("The whole graph"))


def _component_in_words(component: Measure) -> str:
    connections = component.details["connections"]
    if not connections or component.p is None:
        return f"At {component.other}: no connection of any category is so far from the rest."
    return (
        f"At {component.other}: the largest component is of {component.category}, {len(connections)} connections that "
        f"it takes {component.details['finding']} than the rest; p {probability(component.p)} for the whole graph."
    )
