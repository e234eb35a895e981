"""The columns that are read from a source, and the meaning of their cells."""

from __future__ import annotations

import math
import shlex
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from ingest.corpus.formats.reader import Reader
from mri_core.errors import SHOWN_NAMES, CorpusError, UsageError
from mri_core.records.corpus import excerpt
from mri_core.records.crossed import CROSS

TEXT_NAMES = ("text", "content", "sentence", "document", "body")
LABEL_NAMES = ("label", "category", "class", "target")
TITLE_NAMES = ("title",)
ID_NAMES = ("id",)
GUESSED = {"text": TEXT_NAMES, "label": LABEL_NAMES}
LABEL_LENGTH = 200  # characters
TITLE_LENGTH = 80  # characters of a text that replace a missing title


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a corpus is read from; None if there is none. Several labels are crossed."""

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
    """One row of a source. `category` and `text` are "" if the row has none; `written` is the label as it came."""

    place: str
    category: str
    text: str
    title: str
    source_id: str | None
    group: str | None = None
    written: str = ""


def choose_columns(
    reader: Reader,
    text: str | None = None,
    label: str | tuple[str, ...] | None = None,
    title: str | None = None,
    id: str | None = None,
    group: str | None = None,
    text_required: bool = True,
) -> Columns:
    """The named columns, and the others guessed by name whatever their case; "" as a title or id means none.

    Raises:
        UsageError: a named column is not there, text and label are the same, or a label is named twice.
        CorpusError: no column can be guessed, or two columns share the name.
    """
    found = {
        "text": _asked(reader, text, "text") or _guess(reader, TEXT_NAMES),
        "label": _labels(reader, label),
    }
    _refuse_missing(reader, found if text_required else {"label": found["label"]})
    columns = Columns(
        text=cast("str | None", found["text"]),
        label=found["label"] or "",
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
    """The default text and label columns of `choose_columns`, guessed by name; None if no name matches."""
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
        written = CROSS.join(found[name] or "" for name in columns.labels)
        yield Record(place, category, text, title, source_id, group, written)


def cell_text(value: Any, place: str, column: str) -> str | None:
    """A cell as text: whole numbers without a point, truth values as `true` and `false`, None and NaN as nothing.

    Days and moments are written as ISO 8601 has them, a midnight without its time, as in a CSV of the same table.

    Raises:
        CorpusError: the value is no text, number, date or truth value, or holds a character that no text can hold.
    """
    if value is None or (isinstance(value, float | Decimal) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        return _plain(value, place, column)
    if "\0" in value:
        raise CorpusError("A text has no NUL character", f"{place}, column {column!r}, has one", "Remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        fact = f"{place}, column {column!r}, holds half a surrogate pair"
        raise CorpusError("A text is Unicode", fact, "Remove it") from error
    return value


def _plain(value: Any, place: str, column: str) -> str:
    """A number, truth value or date as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        whole = math.isfinite(value) and value == int(value)
        return str(int(value)) if whole else format(value, "f" if isinstance(value, Decimal) else "")
    if isinstance(value, datetime):
        midnight = value.time() == time.min and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, int | timedelta):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    remedy = ""
    if isinstance(value, list | tuple | set):
        remedy = "Join a text's parts; of several labels repeat the document for each, under one --group"
    kind = type(value).__name__
    raise CorpusError("A cell is a text, a number or a date", f"{place}, column {column!r}, holds a {kind}", remedy)


def _asked(reader: Reader, name: str | None, option: str) -> str | None:
    if name is None or name in reader.columns:
        return name
    known = _listed(reader.columns)
    raise UsageError(
        f"{reader.name} has no column called {name!r}", f"Its columns: {known}", f"Name one with --{option}"
    )


def _guess(reader: Reader, names: Sequence[str]) -> str | None:
    return next((column for name in names for column in reader.columns if column.strip().casefold() == name), None)


def _refuse_missing(reader: Reader, found: Mapping[str, str | tuple[str, ...] | None]) -> None:
    """Raises one `CorpusError` for all columns that are needed and not found; it proposes the one that is left."""
    missing = [role for role, column in found.items() if not column]
    if not missing:
        return
    taken = {name for column in found.values() if column for name in ([column] if isinstance(column, str) else column)}
    left = [name for name in reader.columns if name and name not in taken]
    rules = [f"a {role} column is called {_any_of(GUESSED[role])}" for role in missing]
    remedy = f"Name one with {' and '.join('--' + role for role in missing)}"
    if len(missing) == len(left) == 1:
        remedy = f"Is it --{missing[0]} {shlex.quote(left[0])}?"
    elif len(reader.columns) == 1 and reader.name.lower().endswith((".csv", ".tsv")):
        remedy = "If its fields are separated by something else, name that with --separator"
    rule = " and ".join(rules)
    raise CorpusError(rule[0].upper() + rule[1:], f"{reader.name} has: {_listed(reader.columns)}", remedy)


def _any_of(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _optional(reader: Reader, name: str | None, option: str, names: Sequence[str]) -> str | None:
    return _guess(reader, names) if name is None else _asked(reader, name or None, option)


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN_NAMES} more" if len(columns) > SHOWN_NAMES else ""
    return ", ".join(columns[:SHOWN_NAMES]) + more


def _labels(reader: Reader, label: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
    """The label's column, or those of labels that are crossed; None if none is found."""
    if label is None or isinstance(label, str):
        return _asked(reader, label, "label") or _guess(reader, LABEL_NAMES)
    if len(set(label)) < len(label):
        raise UsageError("Crossed labels are different columns", f"They are {', '.join(label)}", "Name each once")
    return tuple(str(_asked(reader, name, "label")) for name in label)


def normal_label(label: str) -> str:
    """A label stripped of white space, in Unicode's composed form, so that encodings of accents do not matter."""
    return unicodedata.normalize("NFC", label).strip()


def _category(cells: Sequence[tuple[str, str | None]], place: str) -> str:
    """The category of a row's labels: the only one, or all joined by a slash; "" if one is missing."""
    levels = [normal_label(label or "") for _, label in cells]
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
