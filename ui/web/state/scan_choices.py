"""The choices of the page Scan: they stand in the address; controls show them and write them back."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import Any

import streamlit as st

from ui.drawing.view import TABS, View
from ui.web.state import address, choosing

OWN = tuple(field.name for field in fields(View))
KEPT = (
    "tab",
    "order",
    "most_q",
    "least_stability",
    "measure",
    "connections",
    "value",
    "sort",
)  # choices that mean the same of any study


def current() -> View:
    """The view of the address."""
    return address.read(st.query_params.to_dict())


def go(view: View) -> None:
    """Makes it the address."""
    choosing.go(address.write(view), OWN)


def bound(name: str, value: Any) -> dict[str, Any]:
    """Arguments of a control that shows a choice of the address and writes it back.

    Args:
        name: a field of `View`.
        value: what is shown.
    """
    return choosing.bound(f"choice of {name}", value, partial(_chosen, name))


def _chosen(name: str, value: Any) -> None:
    view = current()
    if name == "study":
        kept = {field: getattr(view, field) for field in KEPT}
        go(View(study=value, **kept))
    elif name == "region":
        go(view.on(value))
    elif name == "tab":
        go(replace(view, tab=next(tab for tab, title in TABS.items() if title == value)))
    else:
        go(replace(view, **{name: value}))
