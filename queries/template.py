"""A question: one file with a header that says what it asks, and one Cypher statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mri_core.errors import QueryError
from mri_core.records.graph import Unit
from queries.fields import OF_A_STUDY, STUDY_NAMES, Column, Fault, Parameter, parse_column, parse_parameter
from queries.statement import StatementError, parameters, returned_columns, tokens, without_semicolon

__all__ = ["GROUPS", "VIEWS", "Column", "Parameter", "Template", "parse_template"]

GROUPS = ("study", "regions", "connections", "routes", "documents", "across", "cause", "motifs")
VIEWS = ("table", "graph", "path", "heatmap")
COLUMNS: dict[str, Unit | None] = {"returns": None, "of-documents": "document", "of-tokens": "token"}  # by their key
UNITS: dict[str, Unit] = {"documents": "document", "tokens": "token"}

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER_LINE = re.compile(r"//\s*(?P<key>[^\s:]+)\s*:\s*(?P<value>.*)")


class Only(NamedTuple):
    """The unit of the scans that a question can be asked about, why, and the question that asks others, "" if none."""

    unit: Unit
    why: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A question as its file tells it. `notes` are for the reader, lines of text.

    `only` is why it can be asked about scans of one unit alone, None if about all.
    """

    name: str
    title: str
    group: str
    question: str
    parameters: tuple[Parameter, ...]
    returns: tuple[Column, ...]
    view: str
    notes: str
    statement: str
    path: Path
    only: Only | None = None

    @property
    def scope(self) -> str:
        """Says of which scans alone it can be asked, and why; "" if of all."""
        if self.only is None:
            return ""
        other = f" Of others, ask {self.only.instead}." if self.only.instead else ""
        return f"Of scans of {self.only.unit}s alone: {self.name} {self.only.why}.{other}"


class _Entry(NamedTuple):
    """A line of the header."""

    line: int
    key: str
    value: str


def parse_template(path: Path) -> Template:
    """Reads and checks one template file; its stem is the question's name.

    Raises:
        QueryError: `path:line: what is wrong`.
    """
    try:
        return _parse(path, _read(path))
    except Fault as fault:
        raise QueryError(f"{path}:{fault.line}: {fault.what}", remedy=fault.remedy) from None


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(1, f"The file cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Fault(line, "A template is UTF-8 text, and this line is not", "Save it as UTF-8") from None


@lru_cache(maxsize=256)  # the page and a notebook read the project's questions again and again
def _parse(path: Path, text: str) -> Template:
    if not _NAME.fullmatch(path.stem):
        what = f"A question is called by its file, in lower-case words joined by -, not {path.stem!r}"
        raise Fault(1, what, "Rename the file")
    entries, notes, body, first_line = _split(text)
    single = _single_values(entries)
    given = {entry.line: parse_parameter(entry.line, entry.value) for entry in entries if entry.key == "param"}
    columns = {e.line: parse_column(e.line, e.value, COLUMNS[e.key]) for e in entries if e.key in COLUMNS}
    _check_unique(given)
    _check_unique(columns)
    _check_studies(given)
    try:
        statement = _single_statement(body)
        _check_parameters(statement, given)
        _check_columns(statement, columns)
    except StatementError as error:
        raise Fault(first_line + body.count("\n", 0, error.position), str(error)) from None
    return Template(
        name=path.stem,
        title=single["title"],
        group=single["group"],
        question=single["question"],
        parameters=tuple(given.values()),
        returns=tuple(columns.values()),
        view=single.get("view", "table"),
        notes=notes,
        statement=statement.strip(),
        path=path,
        only=_only(entries),
    )


def _only(entries: list[_Entry]) -> Only | None:
    """What `// only: UNITS WHY` and `// instead: QUESTION` say."""
    found = {entry.key: entry for entry in entries if entry.key in ("only", "instead")}
    if "only" not in found:
        if "instead" in found:
            raise Fault(found["instead"].line, "instead names the question for those whom only leaves out")
        return None
    units, _, why = found["only"].value.partition(" ")
    if units not in UNITS or not why.strip():
        raise Fault(found["only"].line, "only says which scans, documents or tokens, and then why")
    return Only(UNITS[units], why.strip(), found["instead"].value if "instead" in found else "")


def _split(text: str) -> tuple[list[_Entry], str, str, int]:
    """The header's entries, the notes, the statement and the statement's first line."""
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    head, body = lines[:end], "\n".join(lines[end + 1 :])
    for number, line in enumerate(head, 1):
        if not line.startswith("//"):
            raise Fault(number, "A header is made of // lines and ends at the first blank line")
    notes_at = next((i for i, line in enumerate(head) if not line.strip("/ \t")), len(head))
    entries = [_entry(number, line) for number, line in enumerate(head[:notes_at], 1)]
    notes = "\n".join(line.removeprefix("//").strip() for line in head[notes_at + 1 :])
    return entries, notes.strip(), body, min(end + 2, len(lines))


def _entry(number: int, line: str) -> _Entry:
    match = _HEADER_LINE.fullmatch(line.rstrip())
    if not match:
        raise Fault(number, "A header line is // key: value", "Notes follow an empty comment line")
    known = ("title", "group", "question", "param", *COLUMNS, "view", "only", "instead")
    if match["key"] not in known:
        raise Fault(number, f"A header has no key {match['key']!r}", f"The keys are {', '.join(known)}")
    if not match["value"]:
        raise Fault(number, f"The key {match['key']!r} has no value")
    return _Entry(number, match["key"], match["value"])


def _single_values(entries: list[_Entry]) -> dict[str, str]:
    """The values of the keys that stand once."""
    values: dict[str, str] = {}
    for line, key, value in entries:
        if key in values:
            raise Fault(line, f"The key {key!r} stands twice")
        if key not in ("param", *COLUMNS):
            values[key] = value
        if key == "group" and value not in GROUPS:
            raise Fault(line, f"There is no group {value!r}", f"The groups are {', '.join(GROUPS)}")
        if key == "view" and value not in VIEWS:
            raise Fault(line, f"There is no view {value!r}", f"The views are {', '.join(VIEWS)}")
    present = {entry.key for entry in entries}
    for key in ("title", "group", "question", "returns"):
        if key not in present:
            raise Fault(1, f"The header does not say its {key}", f"Add a line // {key}: …")
    return values


def _check_unique(fields: Mapping[int, Parameter | Column]) -> None:
    """Here and below the keys are the lines of the header."""
    seen: set[str] = set()
    for line, field in fields.items():
        if field.name in seen:
            raise Fault(line, f"{field.name} is declared twice")
        seen.add(field.name)


def _check_studies(given: Mapping[int, Parameter]) -> None:
    names = {parameter.name for parameter in given.values() if not parameter.nullable}
    for line, parameter in given.items():
        if (parameter.type == "study") != (parameter.name in STUDY_NAMES):
            raise Fault(line, "A parameter of the type study, and no other, is called study, a second one other")
        if (parameter.type in OF_A_STUDY or parameter.name == "other") and "study" not in names:
            raise Fault(line, f"{parameter.name} belongs to a study", "Declare // param: study study … (not study?)")


def _single_statement(body: str) -> str:
    """The statement, without a semicolon at its end; positions in it are those in the body."""
    pieces = tokens(body)
    if all(piece.value == ";" for piece in pieces):
        raise StatementError("A Cypher statement follows the header and a blank line, and there is none", 0)
    ends = [i for i, piece in enumerate(pieces) if piece.value == ";"]
    if ends and ends[0] < len(pieces) - 1:
        raise StatementError("A template holds one statement, and another follows here", pieces[ends[0] + 1].position)
    return without_semicolon(body)


def _check_parameters(statement: str, given: Mapping[int, Parameter]) -> None:
    used, declared = parameters(statement), {parameter.name for parameter in given.values()}
    for name, position in used.items():
        if name not in declared:
            raise StatementError(f"${name} is used and not declared", position)
    for line, parameter in given.items():
        if parameter.name not in used:
            raise Fault(line, f"The parameter {parameter.name} is declared and not used")


def _check_columns(statement: str, columns: Mapping[int, Column]) -> None:
    returns = returned_columns(statement)
    if not returns:
        raise StatementError("The statement has no RETURN", 0)
    declared = {column.name for column in columns.values()}
    for returned, position in returns:
        for line, column in columns.items():
            if column.name not in returned:
                raise Fault(line, f"The statement does not return the column {column.name}")
        for name in returned:
            if name not in declared:
                raise StatementError(f"The returned column {name} is declared by no // returns: line", position)
