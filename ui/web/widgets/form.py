"""A question's form, made from its header: a control for each parameter, filled with what the study offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from mri_core.errors import MriError, UsageError, unknown_name
from queries.fields import Parameter
from queries.template import Template
from queries.values import coerce
from ui.web.plain import unmarked
from ui.web.state.choosing import bound
from ui.web.state.offers import Offers

A_ROW = 4  # controls side by side
LARGEST = 2**53 - 1  # whole number that a browser keeps exactly
Chosen = Callable[[str, str | None], None]


def usable(template: Template, given: Mapping[str, str], offered: Offers) -> tuple[dict[str, str], list[MriError]]:
    """Of the values given those that the question can take and the study offers, and what is wrong with the others."""
    good: dict[str, str] = {}
    wrong: list[MriError] = []
    for parameter in template.parameters:
        if parameter.name in given and parameter.name != "study":
            try:
                good[parameter.name] = _checked(parameter, given[parameter.name], offered.get(parameter.name))
            except MriError as error:
                wrong.append(error)
    return good, wrong


def show_form(template: Template, values: Mapping[str, str], offered: Offers, on_chosen: Chosen) -> None:
    """The controls, in rows.

    Args:
        template: the question.
        values: of its parameters, as text; what is not there has its default.
        offered: the choices there are.
        on_chosen: called with a parameter's name and its new value, None for its default.
    """
    shown = [parameter for parameter in template.parameters if parameter.name != "study"]
    for first in range(0, len(shown), A_ROW):
        columns = st.columns(A_ROW, vertical_alignment="bottom")
        for column, parameter in zip(columns, shown[first : first + A_ROW], strict=False):
            with column:
                _show(template, parameter, values, offered.get(parameter.name), on_chosen)


def missing(template: Template, values: Mapping[str, str]) -> list[Parameter]:
    """What the question must have and has not."""
    return [p for p in template.parameters if p.required and p.type != "study" and p.name not in values]


def _checked(parameter: Parameter, value: str, choices: Mapping[str, str] | None) -> str:
    read = coerce(parameter, value)
    if isinstance(read, int | float) and abs(read) > LARGEST:
        raise UsageError(f"The page takes numbers up to {LARGEST}", f"{parameter.name} is {value}")
    if parameter.type == "bool":
        return str(read).lower()
    if choices is not None and parameter.type != "document" and value not in choices:
        raise unknown_name(parameter.type, value, choices)
    return value


def _show(
    template: Template,
    parameter: Parameter,
    values: Mapping[str, str],
    choices: Mapping[str, str] | None,
    on_chosen: Chosen,
) -> None:
    label = f"**{parameter.name.replace('_', ' ')}**: {unmarked(parameter.description)}"
    key = f"{template.name} {parameter.name}"
    text = values.get(parameter.name, None if parameter.default is None else _word(parameter.default))

    def chosen(value: Any) -> None:
        word = None if value is None or value == "" else _word(value)
        on_chosen(parameter.name, word)

    if choices is not None:
        _show_choices(parameter, label, choices, bound(key, text, chosen))
    elif parameter.type in ("int", "float"):
        _show_number(parameter, label, key, text, chosen)
    else:
        st.text_input(label, placeholder=_placeholder(parameter), **bound(key, text or "", chosen))


def _show_choices(parameter: Parameter, label: str, choices: Mapping[str, str], bindings: dict[str, Any]) -> None:
    """A box; a document that it does not list may be typed by its number."""
    st.selectbox(
        label,
        _options(choices, st.session_state[bindings["key"]]),
        index=None if parameter.nullable else 0,  # then it can be emptied
        format_func=lambda choice: choices.get(choice, choice),
        accept_new_options=parameter.type == "document",
        placeholder=_placeholder(parameter) or "Choose one",
        **bindings,
    )


def _options(choices: Mapping[str, str], value: str | None) -> Sequence[str]:
    return [*([value] if value and value not in choices else []), *choices]


def _show_number(parameter: Parameter, label: str, key: str, text: str | None, chosen: Callable[[Any], None]) -> None:
    whole = parameter.type == "int"
    value = None if text is None else int(text) if whole else float(text)
    st.number_input(
        label,
        step=1 if whole else 0.05,
        format="%d" if whole else "%.6g",
        placeholder=_placeholder(parameter),
        **bound(key, value, chosen),
    )


def _placeholder(parameter: Parameter) -> str:
    return "any" if parameter.nullable else ""


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
