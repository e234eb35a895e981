"""Fields of a form, each an option of a scan: its term, its sentence of help, its bounds and its default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ingest.request import OPTIONS

SHARES = (0.05, 0.95, None, 0.05)  # the least, the most, none to begin with, a step


def pick(name: str, values: Sequence[str] = (), **more: Any) -> Any:
    """A box to pick a value from, none of them where the option may be left out.

    Args:
        name: of the option.
        values: to pick from, where the option has no fixed few.
        more: further arguments of `st.selectbox`.
    """
    option = OPTIONS[name]
    offered = values or option.choices
    index = offered.index(option.default) if option.default in offered else None
    asked = {"help": option.help, "placeholder": option.unset or None, "index": index, **more}
    return st.selectbox(option.label, offered, **asked)


def pick_several(name: str, values: Sequence[str]) -> list[str]:
    """A box to pick any number of values from."""
    option = OPTIONS[name]
    return st.multiselect(option.label, values, help=option.help, placeholder=option.unset)


def number(name: str) -> Any:
    """A number within the option's bounds; None where it is left out."""
    option = OPTIONS[name]
    label = f"{option.label} ({option.unit})" if option.unit else option.label
    bounds = (option.least, option.most, option.default)
    return st.number_input(label, *bounds, placeholder=option.unset or None, help=option.help)


def share(name: str) -> Any:
    """A share of a whole, neither none nor all of it; None where it is left out."""
    option = OPTIONS[name]
    return st.number_input(option.label, *SHARES, placeholder=option.unset or None, help=option.help)


def of_its_kind(name: str) -> Any:
    """A box to pick from where the option is a choice, else a number."""
    return pick(name) if OPTIONS[name].kind == "choice" else number(name)


def line(name: str, **more: Any) -> str | None:
    """A line of text; None where it is left out.

    Args:
        name: of the option.
        more: further arguments of `st.text_input`.
    """
    option = OPTIONS[name]
    return st.text_input(option.label, placeholder=option.unset or None, help=option.help, **more) or None


def tick(name: str) -> bool:
    """A box to tick."""
    option = OPTIONS[name]
    return st.checkbox(option.label, value=option.default, help=option.help)
