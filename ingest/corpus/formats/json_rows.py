"""JSON: one object a line, or one value that holds all rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.corpus.formats.opening import numbered_lines, whole_text
from mri_core.errors import CorpusError

KINDS: dict[type, str] = {list: "arrays", dict: "objects"}
FEW = 6  # names that are listed


class JsonLinesReader:
    """JSON Lines: one object a line, blank lines ignored; a missing key is a missing cell.

    The columns are the keys of all objects: some may appear for the first time far down.

    Raises:
        CorpusError: the file is empty, not UTF-8, or a line is not a JSON object; the message names the line.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self.columns = tuple(dict.fromkeys(key for _, row in self._objects() for key in row))
        if not self.columns:
            raise CorpusError("A corpus has documents", f"{self.name} is empty")

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted values of each object."""
        for line, row in self._objects():
            yield f"line {line} of {self.name}", [row.get(name) for name in wanted]

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in numbered_lines(self._path):
            if line.isspace():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _no_object(f"Line {number} of {self.name} is not JSON") from error
            if not isinstance(row, dict):
                raise _no_object(f"Line {number} of {self.name} is another value")
            yield number, row


def _no_object(fact: str) -> CorpusError:
    return CorpusError("Each line of a JSON Lines file is a JSON object", fact)


class JsonReader:
    """One JSON value: an array of objects, an object that holds one such array, or columns by their names.

    It is held in memory whole, as there is no row before its end.

    Raises:
        CorpusError: the value has none of these forms.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, value: Any) -> None:
        self.name = path.name
        self._rows = _rows_of(value, self.name)
        self.columns = tuple(dict.fromkeys(key for row in self._rows for key in row))
        if not self.columns:
            raise CorpusError("A corpus has documents", f"{self.name} is empty")

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted values of each object."""
        for number, row in enumerate(self._rows, 1):
            yield f"row {number} of {self.name}", [row.get(name) for name in wanted]


def json_reader(path: Path) -> JsonReader | JsonLinesReader:
    """The reader of a `.json` file, which often holds JSON Lines.

    Raises:
        CorpusError: it is neither one value nor one a line.
    """
    try:
        value = json.loads(whole_text(path, path.name))
    except (ValueError, RecursionError):  # more than one value, or none
        return JsonLinesReader(path)
    return JsonReader(path, value)


def _rows_of(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    if _is_rows(value):
        return value
    if isinstance(value, dict):
        if (table := _table_of(value)) is not None:
            return table
        arrays = [part for part in value.values() if part and _is_rows(part)]
        if len(arrays) == 1:
            return arrays[0]
        if not arrays and (columns := _columns_of(value)):
            return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        if not arrays and value and not any(isinstance(part, (dict, list)) for part in value.values()):
            return [value]  # JSON Lines of a single line
    rule = "A .json file is an array of objects, an object that holds one, or an object of columns"
    raise CorpusError(rule, f"{name} is {_form(value)}")


def _table_of(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Rows as lists with the names of their columns (pandas' `split`); None if it is no such table."""
    names, rows = value.get("columns"), value.get("data")
    if not (isinstance(names, list) and isinstance(rows, list)):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


def _form(value: Any) -> str:
    """Describes a value that should have held rows."""
    if isinstance(value, list):
        kinds = {KINDS.get(type(part), "values") for part in value}
        return f"an array of {' and '.join(sorted(kinds))}"
    if not isinstance(value, dict):
        return "a single value"
    arrays = [key for key, part in value.items() if part and _is_rows(part)]
    if len(arrays) > 1:
        return f"an object of several arrays of rows: {', '.join(arrays[:FEW])}"
    lengths = [f"{key} {len(part)}" for key, part in value.items() if isinstance(part, (list, dict))]
    if lengths and len(lengths) == len(value):
        return f"an object of columns that have not the same rows: {', '.join(lengths[:FEW])}"
    return f"an object of the keys {', '.join(list(value)[:FEW])}"


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _columns_of(value: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Columns as lists of one length, or by the rows' names, as pandas writes them."""
    if not value:
        return None
    if all(isinstance(part, list) for part in value.values()):
        columns = dict(value)
    elif all(isinstance(part, dict) for part in value.values()):
        order = list(next(iter(value.values())))
        if any(part.keys() != set(order) for part in value.values()):
            return None
        columns = {name: [part[row] for row in order] for name, part in value.items()}
    else:
        return None
    return columns if len({len(column) for column in columns.values()}) == 1 else None
