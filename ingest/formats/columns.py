"""Which columns of a source are read, and what a cell of one means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingest.formats.readers import Reader
from mri_core.errors import SHOWN_NAMES, CorpusError, UsageError
from mri_core.records import excerpt

TEXT_NAMES = ("text", "content", "sentence", "document", "body")
LABEL_NAMES = ("label", "category", "class", "target")
TITLE_NAMES = ("title",)
ID_NAMES = ("id",)
CROSS = "/"  # stands between the levels of crossed labels: law/plain
LABEL_LENGTH = 200  # characters
TITLE_LENGTH = 80  # characters of a text that stand in for its title


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a corpus is read from; None where there is none. Several labels are crossed."""

    text: str | None
    label: str | tuple[str, ...]
    title: str | None
    id: str | None
    group: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns whose cells make a category."""
        return (self.label,) if isinstance(self.label, str) else self.label


class Record(NamedTuple):
    """One row of a source. `category` and `text` are "" where the row has none."""

    place: str
    category: str
    text: str
    title: str
    source_id: str | None
    group: str | None = None


def choose_columns(
    reader: Reader,
    text: str | None = None,
    label: str | tuple[str, ...] | None = None,
    title: str | None = None,
    id: str | None = None,
    group: str | None = None,
    text_required: bool = True,
) -> Columns:
    """The columns asked for, the others guessed by name whatever their case; "" as a title or id asks for none.

    Raises:
        UsageError: a column asked for is not there, text and label are the same, or a label is named twice.
        CorpusError: no column can be guessed, or two columns share the name.
    """
    columns = Columns(
        text=_asked(reader, text, "text") or _guess(reader, TEXT_NAMES, "text" if text_required else None),
        label=_labels(reader, label),
        title=_optional(reader, title, "title", TITLE_NAMES),
        id=_optional(reader, id, "id", ID_NAMES),
        group=_asked(reader, group, "group"),
    )
    if columns.text in columns.labels:
        raise UsageError(
            "Text and label are two columns", f"Both are {columns.text!r}", "Name them with --text, --label"
        )
    for name in (columns.text, *columns.labels, columns.title, columns.id, columns.group):
        if name is not None and reader.columns.count(name) > 1:
            raise CorpusError("Columns have different names", f"{reader.name} has two called {name!r}")
    return columns


def guess_columns(reader: Reader) -> tuple[str | None, str | None]:
    """The text and the label column by their names, as `choose_columns` takes them unasked; None where none tells."""
    return _guess(reader, TEXT_NAMES), _guess(reader, LABEL_NAMES)


def read_records(reader: Reader, columns: Columns) -> Iterator[Record]:
    """Every row of a source as a stream.

    Raises:
        CorpusError: a cell holds what no text or label can be; the message names its place.
    """
    roles = (columns.text, columns.title, columns.id, columns.group)
    wanted = list(dict.fromkeys(name for name in (*roles, *columns.labels) if name is not None))
    for place, cells in reader.rows(wanted):
        found = {name: cell_text(cell, place, name) for cell, name in zip(cells, wanted, strict=True)}
        text, title, source_id, group = (None if name is None else found[name] for name in roles)
        category = _category([(name, found[name]) for name in columns.labels], place)
        text = text if text and not text.isspace() else ""
        title = title if title and not title.isspace() else None
        source_id, group = (value.strip() or None if value else None for value in (source_id, group))
        title = title or source_id or excerpt(text, TITLE_LENGTH)
        yield Record(place, category, text, title, source_id, group)


def cell_text(value: Any, place: str, column: str) -> str | None:
    """A cell as text: whole numbers without a point, truth values as `true` and `false`, None and NaN as nothing.

    Raises:
        CorpusError: the value is no text, number or truth value, or holds a character that no text can hold.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        kind = type(value).__name__
        raise CorpusError("A cell is a text or a number", f"{place}, column {column!r}, holds a {kind}")
    if "\0" in value:
        raise CorpusError("A text has no NUL character", f"{place}, column {column!r}, has one", "Remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        fact = f"{place}, column {column!r}, holds half a surrogate pair"
        raise CorpusError("A text is Unicode", fact, "Remove it") from error
    return value


def _asked(reader: Reader, name: str | None, option: str) -> str | None:
    if name is None or name in reader.columns:
        return name
    known = _listed(reader.columns)
    raise UsageError(
        f"{reader.name} has no column called {name!r}", f"Its columns: {known}", f"Name one with --{option}"
    )


def _guess(reader: Reader, names: Sequence[str], needed: str | None = None) -> str | None:
    for name in names:
        for column in reader.columns:
            if column.strip().casefold() == name:
                return column
    if needed is None:
        return None
    rule = f"A {needed} column is called {', '.join(names[:-1])} or {names[-1]}"
    raise CorpusError(rule, f"{reader.name} has: {_listed(reader.columns)}", f"Name one with --{needed}")


def _optional(reader: Reader, name: str | None, option: str, names: Sequence[str]) -> str | None:
    return _guess(reader, names) if name is None else _asked(reader, name or None, option)


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN_NAMES} more" if len(columns) > SHOWN_NAMES else ""
    return ", ".join(columns[:SHOWN_NAMES]) + more


def _labels(reader: Reader, label: str | tuple[str, ...] | None) -> str | tuple[str, ...]:
    """The label's column, or those of labels that are crossed."""
    if label is None or isinstance(label, str):
        return _asked(reader, label, "label") or _guess(reader, LABEL_NAMES, "label") or ""
    if len(set(label)) < len(label):
        raise UsageError("Crossed labels are different columns", f"They are {', '.join(label)}", "Name each once")
    return tuple(str(_asked(reader, name, "label")) for name in label)


def _category(cells: Sequence[tuple[str, str | None]], place: str) -> str:
    """The category of a row's labels: the one, or all of them with a stroke between; "" where one is missing."""
    levels = [(label or "").strip() for _, label in cells]
    if len(levels) > 1:
        for (column, _), level in zip(cells, levels, strict=True):
            if CROSS in level:
                fact = f"{place}, column {column!r}, holds {level!r}"
                raise CorpusError(f"A label that is crossed with another has no {CROSS!r}", fact, "Rename it")
    category = CROSS.join(levels) if all(levels) else ""
    if len(category) > LABEL_LENGTH:
        fact = f"{place} has one of {len(category)}: {category[:40]}…"
        raise CorpusError(f"A label has 1 to {LABEL_LENGTH} characters", fact, "Name another column with --label")
    return category
