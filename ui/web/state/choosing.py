"""Choices of a page that stand in its address: the boxes show them and write them back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from ui.web.state import reading

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

STUDY = "study"
CARRIED = (STUDY, "category", "versus", "other", "colour")  # choices that mean the same on every page


def find_study(studies: Sequence[Study], name: str) -> Study:
    """The study of that name or id, the newest where it is ""; `fall_back` has seen to it that there is one.

    Raises:
        StudyGoneError: it went since.
    """
    try:
        return reading.study(name) if name else studies[0]
    except UsageError as error:
        raise reading.StudyGoneError(error.rule, error.fact, error.remedy) from error


def fall_back() -> UsageError | None:
    """Takes a study that is not there out of the address, with all that was asked of it; returns what is wrong.

    The newest study is shown then: the line is there once, the address names what is shown from then on.
    """
    name = st.query_params.get(STUDY, "")
    if not name:
        return None
    try:
        reading.study(name)
    except UsageError as error:
        studies = reading.studies()
        st.query_params.from_dict({STUDY: studies[0].name} if studies else {})
        shown = f" Shown is the newest study, {studies[0].name}." if studies else ""
        return UsageError(str(error).removesuffix(".") + f".{shown}")
    return None


def carried() -> dict[str, str]:
    """What a link to another page takes along from the address."""
    return {name: value for name, value in st.query_params.to_dict().items() if name in CARRIED and value}


def go(address: Mapping[str, str], own: Collection[str] = ()) -> None:
    """Makes a page's choices the address. What other pages chose of the same study stays in it.

    Args:
        address: the page's choices, those at their default left out.
        own: all names that the page has choices for.
    """
    before = carried()
    same = before.get(STUDY, "") == address.get(STUDY, "")
    others = {name: value for name, value in before.items() if same and name not in own}
    st.query_params.from_dict({**others, **address})


def bound(key: str, value: Any, chosen: Callable[[Any], None]) -> dict[str, Any]:
    """Arguments of a control that shows `value`; what is chosen in it goes to `chosen` before the page runs again."""
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: chosen(st.session_state[key])}


def study_box(place: DeltaGenerator, studies: Sequence[Study], binding: Mapping[str, Any]) -> None:
    """The box in which a page's study is chosen.

    Args:
        place: where it stands.
        studies: that there are.
        binding: as `bound` gives it for the name of the study that is shown.
    """
    names = [study.name for study in studies]
    which = "the newest" if st.session_state[binding["key"]] == names[0] else "one"  # the newest is where pages open
    label = f"Study, {which} of {len(names)}" if len(names) > 1 else "Study"
    place.selectbox(label, names, **binding)


def in_session(key: str, value: Any) -> str:
    """The key of a control within a form, which shows `value` anew only when that has changed: typing goes on."""
    seen = f"{key}, as it was"
    if key not in st.session_state or st.session_state.get(seen) != value:
        st.session_state[key] = st.session_state[seen] = value
    return key
