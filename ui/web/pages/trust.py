"""The page Trust: how far to believe a study."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from ui.drawing import picture
from ui.drawing.layer_lines import Panel
from ui.drawing.palette import COLOURS
from ui.reports import cause, placed, trust
from ui.reports.contrasts import ALL
from ui.reports.interventions import MODEST
from ui.reports.measured import measures
from ui.reports.picture_tables import controls_table, layer_table, stability_table
from ui.web.plain import in_method
from ui.web.state import choosing, reading
from ui.web.state.choosing import bound, find_study, study_box
from ui.web.widgets.charts import lines_chart
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.web.widgets.forest import ROWS
from ui.web.widgets.frames import show_frame
from ui.web.widgets.replication_chart import replication_chart
from ui.web.widgets.saving import numbers, offer
from ui.wording import found_again
from ui.wording.checks import CONFOUNDS, CONTROLS, FIT, OF_TOKENS, REPLICATION, STABLE, panel_told
from ui.wording.units import in_texts, in_unit, of_tokens

UNTESTED = "Nothing was tested in this study: it was made before there were tests. Scan the corpus again to have them."
MARKS = " Diamond: the effect as it was found; dot: on these documents, with its 95 % interval."
BARS = 300  # pixels of height of the findings found again


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    study = find_study(studies, st.query_params.get("study", ""))
    box, _ = st.columns([3, 9])
    study_box(box, studies, bound("trusted study", study.name, _go))
    _show(study)


def _show(study: Study) -> None:
    held = measures(study, reading.ask)
    _show_headlines(study, held)
    _show_warnings(study, held)
    _show_confounds(study, held)
    _show_cause(study)
    _show_stability(study, held)
    _show_atlas_fit(study, held)
    _show_replication(study, held)
    found = trust.panels(study, reading.ask, held)
    places = st.columns(2)
    for i, (name, panel) in enumerate(found.items()):
        with places[i % 2]:
            st.altair_chart(lines_chart(panel, 0))
            text, heading = panel_told(study, name)
            st.caption(text + in_method(heading))
    _show_numbers(study, list(found.values()))


def _show_headlines(study: Study, held: Sequence[Measure]) -> None:
    """What is found, and how much of it where there is nothing to find."""
    rows = reading.ask(study, "controls", limit=ALL).records()
    if not rows:
        st.text(UNTESTED)
        return
    again = found_again.stored(reading.ask(study, "found-again").records()[0])
    for line in (*trust.headlines(study, rows, again, held), trust.could_show(held)):
        if line:
            st.text(line)
    table = controls_table(rows)
    show_frame(table)
    st.caption(CONTROLS + in_method("Is a difference real?"))
    offer([numbers(table, f"{study.name}-controls")])


def _show_warnings(study: Study, held: Sequence[Measure]) -> None:
    lines, checks = trust.warnings(study, reading.ask), trust.checks(study, held)
    against, checked = st.columns(2, border=True)
    with against:
        st.markdown("**To beware of**")
        for line in lines or [trust.nothing_told(checks)]:
            st.text(line)
    with checked:
        st.markdown("**What was checked**")
        if done := [trust.done_told(check) for check in checks if check.done]:
            st.text(f"Checked: {', '.join(done)}.")
        for check in checks:
            if not check.done:
                _show_lacking(check)


def _show_lacking(check: trust.Check) -> None:
    """What was not checked, and how it is."""
    st.text(f"{'Not checked' if check.possible else 'Cannot be checked'}: {check.name}. {check.told}")
    if check.command:
        st.code(check.command, language="bash", wrap_lines=True)


def _show_confounds(study: Study, held: Sequence[Measure]) -> None:
    """Length, form, repetition and number of the categories."""
    rows = trust.confounds(held)
    if not rows:
        return
    st.markdown("**Is it something else than what the texts say?**")
    table = pd.DataFrame(rows)
    show_frame(table)
    st.caption((OF_TOKENS if of_tokens(study) else CONFOUNDS) + in_method("Confounds"))
    offer([numbers(table, f"{study.name}-confounds")])


def _show_stability(study: Study, held: Sequence[Measure]) -> None:
    """How often findings come back."""
    refits = trust.refits(held)
    rows = reading.ask(study, "findings", limit=ALL).records()
    shares = trust.stabilities(rows)
    if refits is None or not shares:
        return
    st.markdown("**Are findings found again?**")
    st.text(found_again.told(found_again.counted(((share, False) for share in shares), matched=False), "findings"))
    table = stability_table(shares)
    x = alt.X(
        "found again:O", axis=alt.Axis(format=".0%", labelAngle=0), title="share of refits in which it comes back"
    )
    bars = alt.Chart(table).mark_bar(color=COLOURS[0]).encode(x=x, y="findings:Q", tooltip=["found again", "findings"])
    chart, numbers_of = st.columns([5, 3])
    chart.altair_chart(bars.properties(height=BARS))
    with numbers_of:
        percent = {"found again": st.column_config.NumberColumn(format="percent")}
        show_frame(table, columns=percent, height=BARS - 60)
        offer([numbers(table, f"{study.name}-stability")])
    st.caption(in_texts(study, STABLE) + in_method("Found again"))


def _show_cause(study: Study) -> None:
    """How many of the findings that were tried have an effect, and the way to them."""
    told = cause.line(study, reading.ask)
    if told:
        st.markdown("**Cause**")
        words, link = st.columns([5, 1], vertical_alignment="center")
        words.text(told)
        link.page_link("scan.py", label="See what was tried", query_params={"study": study.name, "tab": "cause"})
        st.caption(MODEST + in_method("Cause"))


def _show_atlas_fit(study: Study, held: Sequence[Measure]) -> None:
    """How well the atlas of another study describes the documents."""
    if not placed.fits(held):
        return
    st.markdown("**Atlas fit**")
    st.text(f"In the atlas of {placed.atlas_owner(study)}. {placed.fit_told(study, held)}")
    panels = placed.fit_panels(study, held)
    for place, panel in zip(st.columns(2), panels, strict=True):
        place.altair_chart(lines_chart(panel, 0))
    st.caption(in_unit(study, FIT) + in_method("One atlas, many scans"))
    table = layer_table(picture.columns(study, reading.ask), panels)
    offer([numbers(table, f"{study.name}-atlas-fit")])
    with st.expander("The numbers behind the atlas fit"):
        show_frame(table)


def _show_replication(study: Study, held: Sequence[Measure]) -> None:
    """The findings of another study that were tested on these documents."""
    whole = placed.replication(held)
    if whole is None:
        return
    st.markdown("**Replication**")
    base = placed.name_of(study, whole.details["base"])
    st.text(f"{placed.replicated(whole, base)} {placed.slope_told(whole)}")
    words = {spot.id: spot.title for spot in picture.spots(study, reading.ask)}
    rows = placed.claim_rows(held, words)
    if len(rows) > ROWS:
        st.text(f"The first {ROWS} of {len(rows)} findings; all are in the table.")
    st.altair_chart(replication_chart(rows[:ROWS], dark=st.context.theme.type == "dark"), width="content")
    st.caption(REPLICATION + MARKS + in_method("Confirmation"))
    table = pd.DataFrame(rows)
    offer([numbers(table, f"{study.name}-replication")])
    with st.expander("The numbers behind the replication"):
        show_frame(table)


def _show_numbers(study: Study, panels: Sequence[Panel]) -> None:
    if not panels:
        return
    table = layer_table(picture.columns(study, reading.ask), panels)
    offer([numbers(table, f"{study.name}-trust")])
    with st.expander("The numbers behind the pictures"):
        show_frame(table)


def _go(name: str) -> None:
    choosing.go({"study": name})


main()
