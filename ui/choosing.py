"""Choices of a page that stand in its address: the boxes show them and write them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mri_core.errors import UsageError
from mri_core.records import Study
from ui import reading

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def find_study(studies: Sequence[Study], name: str) -> tuple[Study | None, UsageError | None]:
    """The study of that name or id, the newest where it is "", and what is wrong with the name."""
    if not name:
        return studies[0], None
    try:
        return reading.study(name), None
    except UsageError as error:
        return None, error


def bound(key: str, value: Any, chosen: Callable[[Any], None]) -> dict[str, Any]:
    """Arguments of a control that shows `value`; what is chosen in it goes to `chosen` before the page runs again."""
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: chosen(st.session_state[key])}


def study_box(place: DeltaGenerator, studies: Sequence[Study], binding: Mapping[str, Any]) -> None:
    """The box in which a page's study is chosen.

    Args:
        place: where it stands.
        studies: that there are.
        binding: as `bound` gives it for the name of the study that is shown, None where there is none.
    """
    names = [study.name for study in studies]
    which = "the newest" if st.session_state[binding["key"]] == names[0] else "one"  # the newest is where pages open
    label = f"Study, {which} of {len(names)}" if len(names) > 1 else "Study"
    place.selectbox(label, names, placeholder="Choose a study", **binding)


def in_session(key: str, value: Any) -> str:
    """The key of a control within a form, which shows `value` anew only when that has changed: typing goes on."""
    seen = f"{key}, as it was"
    if key not in st.session_state or st.session_state.get(seen) != value:
        st.session_state[key] = st.session_state[seen] = value
    return key
