"""The options of `mri ingest`, made from the fields of a `Request`."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial, reduce
from typing import Any, TypeVar

import click

from ingest.options import Option
from ingest.request import OPTIONS
from mri_core.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
MORE = {  # what an option says of how it is given
    "repeated": " May be given more than once.",
    "list": " Separate them by commas, and put one with a comma in double quotes.",
}


def ingest_options(function: F) -> F:
    """An option for each field of a `Request` but its corpus, which is the argument; each gives the field's value."""
    flags = [click_option(option) for name, option in OPTIONS.items() if name != "corpus"]
    return reduce(lambda wrapped, flag: flag(wrapped), reversed(flags), function)


def click_option(option: Option) -> Callable[[F], F]:
    """A field's option; `Request.check` refuses a value that it cannot have, and names near ones."""
    return click.option(
        option.flag,
        option.name,
        help=_help(option) + MORE.get(option.kind, ""),
        show_default=_shown_default(option),
        envvar=option.variable or None,
        show_envvar=bool(option.variable),
        **_default(option),
        **_value(option),
    )


def _default(option: Option) -> dict[str, Any]:
    if option.required:
        return {"required": True}
    # Click 8.3.0 to 8.3.2 take the default of a switch that turns something off for its value: `_value` turns it round.
    return {"default": False if option.kind == "switch" else option.default}  # a default of None is one too


def _help(option: Option) -> str:
    """What the flag does: of a switch that is on unless switched off, that it is not done."""
    return f"Do not {option.help[0].lower()}{option.help[1:]}" if option.default is True else option.help


def _shown_default(option: Option) -> bool | str:
    if option.default is not None:
        return option.kind != "switch"
    return f"{option.word}: {option.unset}" if option.word else option.unset or True


def _value(option: Option) -> dict[str, Any]:
    """How `click` reads it."""
    if option.kind == "switch":
        return {"is_flag": True, **({"callback": _turned_off} if option.default is True else {})}
    if option.kind == "choice":
        return {"type": _Name(option.choices)}
    if option.kind == "integer":
        if option.word:
            metavar = option.metavar or f"{option.word}|N"
            return {"type": str, "callback": partial(_count, option.word), "metavar": metavar}
        return {"type": int, "metavar": "N"}
    if option.kind == "number":
        return {"type": float, "metavar": "X"}
    more: dict[str, dict[str, Any]] = {
        "repeated": {"multiple": True, "callback": _one_or_several},
        "list": {"callback": _names},
    }
    return {"metavar": option.metavar or None, **more.get(option.kind, {})}


def _turned_off(context: click.Context, parameter: click.Parameter, given: bool) -> bool:
    return not given


def _one_or_several(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> str | tuple[str, ...] | None:
    return values if len(values) > 1 else next(iter(values), None)


def _count(word: str, context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A whole number; None for the option's word. Raises `UsageError` for any other word."""
    if value is None or value == word:
        return None
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"{parameter.opts[0]} is {word!r} or a whole number", f"It is {value!r}") from None


def _names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """The names on a line of CSV; raises `UsageError` where there is none, or it cannot be read."""
    if value is None:
        return None
    rule = f"{parameter.opts[0]} lists names, separated by commas"
    try:
        listed = next(csv.reader([value], skipinitialspace=True), [])
    except csv.Error:
        remedy = "Put a name with a comma or a line break in double quotes"
        raise UsageError(rule, f"{value!r} cannot be taken apart", remedy) from None
    names = tuple(part.strip() for part in listed if part.strip())
    if not names:
        raise UsageError(rule, f"{value!r} names none")
    return names


class _Name(click.Choice[str]):
    """A name that the shell completes and the help lists; `Request.check` refuses others."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it is."""
        return str(value)
