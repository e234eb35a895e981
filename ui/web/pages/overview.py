"""The page Overview: what matters first of a study, in words and in two pictures."""

from __future__ import annotations

import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.layer_lines import APART, COUNTED, panels
from ui.drawing.network import build_network, legend
from ui.drawing.palette import category_colours
from ui.drawing.view import View
from ui.reports.measured import measures
from ui.reports.overview import Overview, Told, overview
from ui.web.plain import in_method
from ui.web.state import choosing, reading
from ui.web.state.choosing import STUDY, bound, find_study, study_box
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.web.widgets.graph_component import show_graph
from ui.web.widgets.saving import save_report

GRAPH, PICKED = "overview graph", "picked in the overview"
FARTHER = {  # page: what it is for, as its link says
    "scan.py": "Scan: the graph, click by click",
    "compare.py": "Compare: category by category",
    "questions.py": "Questions: ask anything",
    "trust.py": "Trust: every check and warning",
}
LAYERS = "How far apart the categories sit in each layer's regions."
CHOSEN = "The most stable findings, of as many categories and regions as there are."


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    study = find_study(studies, st.query_params.get(STUDY, ""))
    _open_picked(study)
    box, told = st.columns([3, 9], vertical_alignment="bottom")
    study_box(box, studies, bound("study overlooked", study.name, lambda name: choosing.go({STUDY: name})))
    shown = overview(study, reading.ask, measures(study, reading.ask), studies)
    told.text(shown.scanned)
    words, chart = st.columns([7, 5])
    with words:
        _show_findings(study, shown)
    with chart:
        _show_trust(shown)
        _show_layers(study)
    _show_graph(study)
    _show_next(study, shown)


def _open_picked(study: Study) -> None:
    """A region or connection that was clicked is shown where there is all about it."""
    picked = st.session_state.pop(PICKED, None)
    if picked:
        source, _, target = picked.get("connection", "").partition(">")
        view = {"region": picked.get("region", ""), "source": source, "target": target}
        st.switch_page("scan.py", query_params={STUDY: study.name, **{key: end for key, end in view.items() if end}})


def _pick() -> None:
    st.session_state[PICKED] = st.session_state[GRAPH].picked


def _show_findings(study: Study, shown: Overview) -> None:
    st.text(shown.found)
    for rank, told in enumerate(shown.told, start=1):
        with st.container(border=True):
            _show_finding(study, rank, told)
    if shown.told and study.fdr is not None:
        st.caption(CHOSEN + in_method("Which findings come first"))


def _show_finding(study: Study, rank: int, told: Told) -> None:
    st.text(f"{rank}. {told.sentence}")
    if not traits_of(study.atlas).holds_documents:  # which no graph draws
        return
    typical, link = st.columns([4, 1], vertical_alignment="center")
    if told.text:
        typical.text(f"“{told.line}”")
    ends = {"source": told.source, "target": told.target}
    link.page_link("scan.py", label="In the graph", query_params={STUDY: study.name, **ends})


def _show_trust(shown: Overview) -> None:
    st.markdown("**How far to trust it**")
    for title, line in shown.trust.items():
        st.text(f"{title}: {line}")


def _show_layers(study: Study) -> None:
    """The layers' chart: how far apart the categories sit, or what else is known of them."""
    found = panels(study, reading.ask)
    if not found:
        return
    from ui.web.widgets.charts import lines_chart  # takes longer to import than the words to show

    apart = next((panel for panel in found if panel.title in (APART, COUNTED)), None)
    st.altair_chart(lines_chart(apart or found[0], 0))
    if apart is not None:
        st.caption(LAYERS + in_method("Layer by layer"))


def _show_graph(study: Study) -> None:
    """The findings as a layered graph."""
    if not traits_of(study.atlas).holds_documents:
        return
    view = View()  # as the page Scan opens, whose answers are read ahead
    shown = picture.picture(study, reading.ask, view)
    colours = category_colours(picture.categories(study, reading.ask))
    network = build_network(shown, colours, view.measure, dark=st.context.theme.type == "dark")
    st.text(f"{picture.told(study, view, shown)} A click opens a region or connection on the page Scan.")
    show_graph(network, legend(shown, colours), key=GRAPH, region=None, connection=None, on_picked=_pick)


def _show_next(study: Study, shown: Overview) -> None:
    """Where there is more, on the page, in a file to share, and in a terminal."""
    st.markdown("**What to do next**")
    save_report(study)
    for place, (file, label) in zip(st.columns(len(FARTHER)), FARTHER.items(), strict=True):
        place.page_link(file, label=label, query_params={STUDY: study.name})
    commands = [step.command for step in shown.steps if step.command != "mri ui"]
    st.code("\n".join(commands), language="bash", wrap_lines=True)


main()
