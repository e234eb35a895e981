"""What a question takes and returns, as the `param` and `returns` lines of its header declare it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from mri_core.records.graph import Unit

STUDY_NAMES = ("study", "other")  # what a parameter of the type study is called
OF_A_STUDY = ("category", "region", "layer", "document")  # types whose values a study holds
OPTIONS = ("store", "format", "timeout", "max_rows", "queries", "help")  # that every question has
IN_ADDRESS = ("question", "cypher", "picked")  # what the page's address tells beside a question's parameters

_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DECLARATION = re.compile(
    r"(?P<name>\S+)\s+(?P<type>\w+)(?:\((?P<choices>[^()\s]+)\))?(?P<null>\??)(?:\s+(?P<rest>.*))?"
)


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


PARAMETER_TYPES: dict[str, Callable[[object], bool]] = {  # which JSON values a default may be
    "study": _is_string,
    "category": _is_string,
    "region": _is_string,
    "layer": _is_int,
    "document": _is_string,
    "string": _is_string,
    "int": _is_int,
    "float": _is_float,
    "bool": _is_bool,
}
NAMED = {  # how a value is named, by its type
    "document": "its place in the corpus (D12) or its own id there; a name that fits two is refused (the full id, "
    "STUDY_ID/D12, is always of the place)",
}
COLUMN_TYPES = (*PARAMETER_TYPES, "list", "object")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question takes; `$name` in its statement, `option` on the command line.

    `choices` are the only texts that a string may be; where there are none, any will do.
    """

    name: str
    type: str
    nullable: bool
    required: bool
    default: Any
    description: str
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The option of the command line: `--first-layer` for `first_layer`."""
        return "--" + self.name.replace("_", "-")

    @property
    def form(self) -> str:
        """What its value looks like: `LAYER`, or `strength|in|out`."""
        return "|".join(self.choices) or self.type.upper()

    @property
    def meaning(self) -> str:
        """What it is, and how it is named."""
        return f"{self.description}: {NAMED[self.type]}" if self.type in NAMED else self.description


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a question returns. A nullable one may be empty; one of a unit is there for such scans alone."""

    name: str
    type: str
    description: str
    nullable: bool = False
    unit: Unit | None = None

    @property
    def meaning(self) -> str:
        """What it is, and of which scans."""
        return self.description if self.unit is None else f"of a scan of {self.unit}s: {self.description}"


class Fault(Exception):  # noqa: N818 - becomes a QueryError where the path is known
    """What is wrong in a line of a template."""

    def __init__(self, line: int, what: str, remedy: str = "") -> None:
        self.line, self.what, self.remedy = line, what, remedy


class _Declaration(NamedTuple):
    """A `param` or `returns` line, its default and description not yet parted."""

    line: int
    name: str
    type: str
    nullable: bool
    choices: tuple[str, ...]
    rest: str


def parse_parameter(line: int, value: str) -> Parameter:
    """What follows `// param:`: a name, a type, perhaps `?`, perhaps `= default` in JSON, and what it is.

    A string that is one of some words is typed `string(one|two)`.

    Raises:
        Fault: the line is not that.
    """
    declared = _declaration(line, value)
    name, type_ = declared.name, declared.type
    if name.replace("-", "_") in OPTIONS:
        raise Fault(line, f"A parameter cannot be called {name!r}: every question has that option", "Rename it")
    if name in IN_ADDRESS:
        raise Fault(line, f"A parameter cannot be called {name!r}: the page's address has that word", "Rename it")
    if not _PARAMETER_NAME.fullmatch(name):
        raise Fault(line, f"A parameter is called by lower-case words joined by _, not {name!r}")
    if type_ not in PARAMETER_TYPES:
        raise Fault(line, f"A parameter has no type {type_!r}", f"The types are {', '.join(PARAMETER_TYPES)}")
    if declared.choices and type_ != "string":
        raise Fault(line, f"Only a string is one of some words, and {name} is of type {type_}")
    required, default = not declared.nullable, None
    if declared.rest.startswith("="):
        required, (default, rest) = False, _default(declared)
        declared = declared._replace(rest=rest)
    return Parameter(name, type_, declared.nullable, required, default, _description(declared), declared.choices)


def parse_column(line: int, value: str, unit: Unit | None = None) -> Column:
    """What follows `// returns:`: a name, a type, perhaps `?`, and what it is.

    Args:
        line: of the header.
        value: what follows.
        unit: of the scans that have it, where `// of-tokens:` or `// of-documents:` says so; None for all.

    Raises:
        Fault: the line is not that.
    """
    declared = _declaration(line, value)
    if declared.choices:
        raise Fault(line, f"Only a parameter is one of some words, and {declared.name} is a column")
    if declared.type not in COLUMN_TYPES:
        raise Fault(line, f"A column has no type {declared.type!r}", f"The types are {', '.join(COLUMN_TYPES)}")
    return Column(declared.name, declared.type, _description(declared), declared.nullable, unit)


def _declaration(line: int, value: str) -> _Declaration:
    match = _DECLARATION.fullmatch(value)
    if not match:
        raise Fault(line, "The line gives a name, a type and a description, separated by blanks")
    choices = tuple(match["choices"].split("|")) if match["choices"] else ()
    return _Declaration(line, match["name"], match["type"], bool(match["null"]), choices, (match["rest"] or "").strip())


def _default(declared: _Declaration) -> tuple[Any, str]:
    """The default, a JSON value, and the description that follows it."""
    given = declared.rest[1:].lstrip()
    try:
        value, end = json.JSONDecoder().raw_decode(given)
    except ValueError:
        value, end = None, -1
    if end < 0 or given[end : end + 1].strip():
        raise Fault(declared.line, f"The default of {declared.name} is not JSON", "A text stands in double quotes")
    if value is None and not declared.nullable:
        what = f"The default of {declared.name} is null, which its type {declared.type} does not allow"
        raise Fault(declared.line, what, f"Declare it {declared.type}?")
    if value is not None and not PARAMETER_TYPES[declared.type](value):
        raise Fault(declared.line, f"The default of {declared.name} is not of its type {declared.type}")
    if value is not None and declared.choices and value not in declared.choices:
        raise Fault(declared.line, f"The default of {declared.name} is none of {', '.join(declared.choices)}")
    return value, given[end:].strip()


def _description(declared: _Declaration) -> str:
    if not declared.rest:
        raise Fault(declared.line, f"The line does not say what {declared.name} is", "Help is made from it")
    return declared.rest
