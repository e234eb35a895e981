"""Fields of a form, each an option of a scan: its term, its sentence of help, its bounds and its default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ingest.options import Option
from ingest.request import OPTIONS
from ui.wording.units import in_texts, in_unit

OF_TEXTS = ("id", "group", "limit")  # options whose documents are texts where tokens are placed
EITHER = "documents or tokens"  # the unit of an option that counts what the scan does
ALL_TEXTS = {  # what is said in other words of tokens
    "keep_documents": (
        "Texts in the graph",
        "Most texts that a scan of tokens takes: the graph holds all of them.",
        "",
    ),
}
SHARES = (0.05, 0.95, None, 0.05)  # the least, the most, none to begin with, a step


def pick(name: str, values: Sequence[str] = (), unit: str = "document", **more: Any) -> Any:
    """A box to pick a value from, none of them where the option may be left out.

    Args:
        name: of the option.
        values: to pick from, where the option has no fixed few.
        unit: what is placed, a document or a token.
        more: further arguments of `st.selectbox`.
    """
    option = OPTIONS[name]
    label, help_, unset = _told(option, unit)
    offered = values or option.choices
    index = offered.index(option.default) if option.default in offered else None
    asked = {"help": help_, "placeholder": unset or None, "index": index, **more}
    return st.selectbox(label, offered, **asked)


def pick_several(name: str, values: Sequence[str]) -> list[str]:
    """A box to pick any number of values from."""
    option = OPTIONS[name]
    return st.multiselect(option.label, values, help=option.help, placeholder=option.unset)


def number(name: str, unit: str = "document") -> Any:
    """A number within the option's bounds; None where it is left out.

    Args:
        name: of the option.
        unit: what is placed, a document or a token.
    """
    option = OPTIONS[name]
    called, help_, unset = _told(option, unit)
    of = _unit(option, unit)
    label = f"{called} ({of})" if of else called
    bounds = (option.least, option.most, option.default)
    return st.number_input(label, *bounds, placeholder=unset or None, help=help_)


def share(name: str) -> Any:
    """A share of a whole, neither none nor all of it; None where it is left out."""
    option = OPTIONS[name]
    return st.number_input(option.label, *SHARES, placeholder=option.unset or None, help=option.help)


def of_its_kind(name: str, unit: str) -> Any:
    """A box to pick from where the option is a choice, else a number.

    Args:
        name: of the option.
        unit: what is placed, a document or a token.
    """
    return pick(name, unit=unit) if OPTIONS[name].kind == "choice" else number(name, unit)


def line(name: str, **more: Any) -> str | None:
    """A line of text; None where it is left out.

    Args:
        name: of the option.
        more: further arguments of `st.text_input`.
    """
    option = OPTIONS[name]
    return st.text_input(option.label, placeholder=option.unset or None, help=option.help, **more) or None


def _told(option: Option, unit: str) -> tuple[str, str, str]:
    """The option's term, its sentence of help, and what stands for nothing, in what a scan of such units counts."""
    if unit == "token" and option.name in ALL_TEXTS:
        return ALL_TEXTS[option.name]
    return _said(option, option.label, unit), _said(option, option.help, unit), _said(option, option.unset, unit)


def _unit(option: Option, unit: str) -> str:
    """What a number of the option counts."""
    told = option.unit.replace(EITHER, "documents")
    return "texts" if unit == "token" and option.name in ALL_TEXTS else _said(option, told, unit)


def _said(option: Option, told: str, unit: str) -> str:
    said = in_texts if option.name in OF_TEXTS else in_unit
    return said({"tokens": None if unit == "document" else 1}, told)


def tick(name: str) -> bool:
    """A box to tick."""
    option = OPTIONS[name]
    return st.checkbox(option.label, value=option.default, help=option.help)
