"""How the scans stand that were started from the page, on every page that tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mri_core.store import locate
from ui.jobs import access
from ui.jobs.scans import Scan, State, scans
from ui.jobs.stage import Speed, speed_in_words
from ui.wording.forms import OF_CATEGORIES, unchanged

EVERY = 1.0  # seconds between two looks at a scan that runs


def show_scans() -> None:
    """A card for each scan of the store that was not put away; looks again by itself while one runs."""
    found = scans(str(locate()))
    runs = any(not scan.state().ended for scan in found)
    if found:
        st.fragment(_show, run_every=EVERY if runs else None)(watching=runs)


def _show(watching: bool) -> None:
    states = [(scan, scan.state()) for scan in scans(str(locate()))]
    if watching and all(state.ended for _, state in states):
        st.rerun()  # the whole page: there is a study more
    for scan, state in states:
        with st.container(border=True, key=f"scan {scan.folder.name}"):
            _show_one(scan, state)


def _show_one(scan: Scan, state: State) -> None:
    words, deed = st.columns([5, 1], vertical_alignment="center")
    with words:
        st.text(f"{scan.name}: {scan.corpus} through {scan.model}")
        {"running": _tell_progress, "cancelling": _tell_cancelling, "ready": _tell_ready}.get(state.status, _tell_end)(
            state
        )
    may_scan = access.may("scan")
    with deed:
        if not state.ended:
            if may_scan:
                _offer_cancel(scan, state)
            return
        if state.status == "ready" and st.button(
            "Open study", key=f"open {scan.folder.name}", type="primary", width="stretch"
        ):
            if may_scan:
                scan.forget()
            st.switch_page("overview.py", query_params={"study": state.outcome["name"]})
        if may_scan:
            st.button("Put away", key=f"forget {scan.folder.name}", on_click=scan.forget, width="stretch")


def _offer_cancel(scan: Scan, state: State) -> None:
    st.button(
        "Cancel",
        key=f"cancel {scan.folder.name}",
        on_click=scan.cancel,
        disabled=state.status == "cancelling",
        width="stretch",
    )


def _tell_progress(state: State) -> None:
    told = state.progress
    total = told.get("total", 0)
    st.progress(min(told["done"] / total, 1.0) if total else 0.0)
    st.text(progress_in_words(told))
    _tell_notes(told)


def _tell_cancelling(state: State) -> None:
    st.text("It is being cancelled.")


def _tell_ready(state: State) -> None:
    st.text(outcome_in_words(state.outcome))
    _tell_notes(state.progress)


def _tell_end(state: State) -> None:
    if state.status == "cancelled":
        st.text("Cancelled. Nothing half-done is visible.")
        return
    st.error("This did not work.")
    st.text(state.line)


def _tell_notes(told: Mapping[str, Any]) -> None:
    if told.get("notes"):
        with st.expander("Its messages"):
            st.text("\n".join(told["notes"]))


def progress_in_words(told: Mapping[str, Any]) -> str:
    """A stage, what is done of it, how fast it goes and how long it takes."""
    if "stage" not in told:
        return "It begins: the corpus is read and the model loaded."
    speed = None
    if "per_second" in told:
        speed = Speed(told["per_second"], told["per_second_unit"], told["seconds_left"])
    return f"{told['stage']}: {told['done']:,} of {told['total']:,} {told['unit']}, {speed_in_words(speed)}"


def outcome_in_words(outcome: Mapping[str, Any]) -> str:
    """What an ingest came to."""
    if outcome["status"] == "unchanged":
        return unchanged(outcome["name"], outcome["added"])
    return (
        f"Ready: {outcome['documents']:,} documents, {outcome['categories']} categories, {outcome['layers']} layers, "
        f"{outcome['regions']:,} regions, {outcome['connections']:,} {OF_CATEGORIES}, "
        f"in {outcome['seconds']['total']:.0f} s."
    )
