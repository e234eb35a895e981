"""How the scans and interventions stand that were started from the page, on every page that tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ingest.stage import Speed, speed_in_words
from mri_core.records.graph import Study
from mri_core.store import locate
from ui.jobs import access
from ui.jobs.jobs import SCAN, TRIAL, Job, State, jobs
from ui.wording.forms import OF_CATEGORIES, scanned, unchanged
from ui.wording.units import of_tokens

EVERY = 1.0  # seconds between two looks at a job that runs
KEYS = {SCAN: "scan", TRIAL: "trial"}  # of their cards, by command
BEGINS = {
    SCAN: "It begins: the corpus is read and the model loaded.",
    TRIAL: "It begins: the study's activations are read and the model loaded.",
}


def show_jobs(of: Study | None = None) -> None:
    """A card for each job of the store that was not put away; looks again by itself while one runs.

    Args:
        of: the study whose interventions alone are shown; None for all jobs.
    """
    found = _jobs(of)
    runs = any(not job.state().ended for job in found)
    if found:
        st.fragment(_show, run_every=EVERY if runs else None)(of, watching=runs)


def _jobs(of: Study | None) -> list[Job]:
    found = jobs(str(locate()))
    return found if of is None else [job for job in found if (job.command, job.name) == (TRIAL, of.name)]


def _show(of: Study | None, watching: bool) -> None:
    states = [(job, job.state()) for job in _jobs(of)]
    if watching and all(state.ended for _, state in states):
        st.rerun()  # the whole page: there is a study more, or something that was tried
    for job, state in states:
        with st.container(border=True, key=f"{KEYS[job.command]} {job.folder.name}"):
            _show_one(job, state)


def _show_one(job: Job, state: State) -> None:
    words, deed = st.columns([5, 1], vertical_alignment="center")
    with words:
        st.text(f"{job.name}: {job.told}")
        tell = {"running": _tell_progress, "cancelling": _tell_cancelling, "ready": _tell_ready}
        tell.get(state.status, _tell_end)(job, state)
    may_scan = access.may("scan")
    with deed:
        if not state.ended:
            if may_scan:
                _offer_cancel(job, state)
            return
        if state.status == "ready":
            _offer_opening(job, state)
        if may_scan:
            st.button("Put away", key=f"forget {job.folder.name}", on_click=job.forget, width="stretch")


def _offer_opening(job: Job, state: State) -> None:
    """The button that opens what a job made: a study, or the intervention that was tried."""
    title = "See it" if job.command == TRIAL else "Open study"
    if st.button(title, key=f"open {job.folder.name}", type="primary", width="stretch"):
        if access.may("scan"):
            job.forget()
        if job.command == TRIAL:
            st.switch_page("scan.py", query_params=_tried(job, state.outcome))
        st.switch_page("overview.py", query_params={"study": state.outcome["name"]})


def _tried(job: Job, outcome: Mapping[str, Any]) -> dict[str, str]:
    """The address of the intervention on the page Scan."""
    one = outcome["interventions"][0]
    ends = {"source": one["region"], "target": one["towards"]} if one["towards"] else {"region": one["region"]}
    return {"study": job.name, "tab": "cause", "tried": one["key"], **ends}


def _offer_cancel(job: Job, state: State) -> None:
    st.button(
        "Cancel",
        key=f"cancel {job.folder.name}",
        on_click=job.cancel,
        disabled=state.status == "cancelling",
        width="stretch",
    )


def _tell_progress(job: Job, state: State) -> None:
    told = state.progress
    total = told.get("total", 0)
    st.progress(min(told["done"] / total, 1.0) if total else 0.0)
    st.text(progress_in_words(told, BEGINS[job.command]))
    _tell_notes(told)


def _tell_cancelling(job: Job, state: State) -> None:
    st.text("It is being cancelled.")


def _tell_ready(job: Job, state: State) -> None:
    st.text(tried_in_words(state.outcome) if job.command == TRIAL else outcome_in_words(state.outcome))
    _tell_notes(state.progress)


def _tell_end(job: Job, state: State) -> None:
    if state.status == "cancelled":
        st.text("Cancelled. Nothing half-done is visible.")
        return
    st.error("This did not work.")
    st.text(state.line)


def _tell_notes(told: Mapping[str, Any]) -> None:
    if told.get("notes"):
        with st.expander("Its messages"):
            st.text("\n".join(told["notes"]))


def progress_in_words(told: Mapping[str, Any], begins: str = BEGINS[SCAN]) -> str:
    """A stage, what is done of it, how fast it goes and how long it takes; what is told before there is a stage."""
    if "stage" not in told:
        return begins
    speed = None
    if "per_second" in told:
        speed = Speed(told["per_second"], told["per_second_unit"], told["seconds_left"])
    return f"{told['stage']}: {told['done']:,} of {told['total']:,} {told['unit']}, {speed_in_words(speed)}"


def outcome_in_words(outcome: Mapping[str, Any]) -> str:
    """What an ingest came to."""
    if outcome["status"] == "unchanged":
        return unchanged(outcome["name"], outcome["added"])
    placed = f"{outcome['documents']:,} documents"
    if of_tokens(outcome):
        placed = scanned(outcome["documents"], None, outcome["tokens"])
    return (
        f"Ready: {placed}, {outcome['categories']} categories, {outcome['layers']} layers, "
        f"{outcome['regions']:,} regions, {outcome['connections']:,} {OF_CATEGORIES}, "
        f"in {outcome['seconds']['total']:.0f} s."
    )


def tried_in_words(outcome: Mapping[str, Any]) -> str:
    """What interventions came to."""
    tried, causal = outcome["tried"], outcome["stand_out"]
    if tried == 1:
        return "Ready: it has an effect beyond its controls." if causal else "Ready: no effect beyond its controls."
    return f"Ready: {causal} of {tried} interventions have an effect beyond their controls."
