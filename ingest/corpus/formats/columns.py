"""The columns that are read from a source, and the meaning of their cells."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from ingest.corpus.formats.cells import LABEL_LENGTH, cell_text, normal_label
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.schemes import Scheme
from ingest.corpus.formats.tagged import labelled
from ingest.corpus.formats.words import joined
from mri_core.errors import SHOWN_NAMES, CorpusError, UsageError
from mri_core.records.corpus import Span, excerpt
from mri_core.records.crossed import CROSS

TEXT_NAMES = ("text", "content", "sentence", "document", "body")
LABEL_NAMES = ("label", "category", "class", "target")
TITLE_NAMES = ("title",)
ID_NAMES = ("id",)
GUESSED = {"text": TEXT_NAMES, "label": LABEL_NAMES}
TITLE_LENGTH = 80  # characters of a text that replace a missing title


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a corpus is read from; None if there is none.

    Attributes:
        text, title, id, group: columns.
        label: column of the category, several if they are crossed; "" where tokens have labels of their own.
        tags: column of the tokens' labels.
        in_words: the text's column holds lists of words.
    """

    text: str | None
    label: str | tuple[str, ...]
    title: str | None
    id: str | None
    group: str | None = None
    tags: str | None = None
    in_words: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns whose cells make a category."""
        if self.label == "":
            return ()
        return (self.label,) if isinstance(self.label, str) else self.label


class Record(NamedTuple):
    """One row of a source. `category` and `text` are "" if the row has none; `written` is the label as it came.

    `spans` are the labels of its tokens; None if the row has none.
    """

    place: str
    category: str
    text: str
    title: str
    source_id: str | None
    group: str | None = None
    written: str = ""
    spans: tuple[Span, ...] | None = None


def choose_columns(
    reader: Reader,
    text: str | None = None,
    label: str | tuple[str, ...] | None = None,
    title: str | None = None,
    id: str | None = None,
    group: str | None = None,
    text_required: bool = True,
    tags: str | None = None,
    in_words: bool = False,
) -> Columns:
    """The named columns, and the others guessed by name whatever their case; "" as a title or id means none.

    With a column of tags there is none of labels.

    Raises:
        UsageError: a named column is not there, text and label are the same, or a label is named twice.
        CorpusError: no column can be guessed, or two columns share the name.
    """
    found = {
        "text": asked_column(reader, text, "text") or guess(reader, TEXT_NAMES),
        "label": _labels(reader, label) if tags is None else None,
    }
    optional = {"text": not text_required, "label": tags is not None}
    _refuse_missing(reader, {role: column for role, column in found.items() if not optional[role]})
    columns = Columns(
        text=cast("str | None", found["text"]),
        label=found["label"] or "",
        title=_optional(reader, title, "title", TITLE_NAMES),
        id=_optional(reader, id, "id", ID_NAMES),
        group=asked_column(reader, group, "group"),
        tags=tags,
        in_words=in_words,
    )
    if columns.text is not None and columns.text in (*columns.labels, columns.tags):
        raise UsageError(
            "Text and label are two columns", f"Both are {columns.text!r}", "Name them with --text, --label"
        )
    for name in (columns.text, *columns.labels, columns.title, columns.id, columns.group, columns.tags):
        if name is not None and reader.columns.count(name) > 1:
            raise CorpusError("Columns have different names", f"{reader.name} has two called {name!r}")
    return columns


def guess_columns(reader: Reader) -> tuple[str | None, str | None]:
    """The default text and label columns of `choose_columns`, guessed by name; None if no name matches."""
    return guess(reader, TEXT_NAMES), guess(reader, LABEL_NAMES)


def read_records(reader: Reader, columns: Columns, scheme: Scheme | None = None) -> Iterator[Record]:
    """Every row of a source as a stream.

    Args:
        reader: of the source.
        columns: that are read.
        scheme: of the tokens' tags; None takes them as they are.

    Raises:
        CorpusError: a cell holds what no text or label can be; the message names its place.
    """
    roles = (columns.text, columns.title, columns.id, columns.group)
    names = (*roles, *columns.labels, columns.tags)
    wanted = list(dict.fromkeys(name for name in names if name is not None))
    scheme = scheme or Scheme()
    for place, row in reader.rows(wanted):
        cells, spans = _without_tags(dict(zip(wanted, row, strict=True)), place, columns, scheme)
        found = {name: cell_text(cell, place, name) for name, cell in cells.items()}
        text, title, source_id, group = (None if name is None else found[name] for name in roles)
        category = _category([(name, found[name]) for name in columns.labels], place)
        text = str(text) if text and not text.isspace() else ""
        title = title if title and not title.isspace() else None
        source_id, group = (value.strip() or None if value else None for value in (source_id, group))
        title = title or source_id or excerpt(text, TITLE_LENGTH)
        written = CROSS.join(found[name] or "" for name in columns.labels)
        yield Record(place, category, text, title, source_id, group, written, spans)


def _without_tags(
    cells: dict[str, Any], place: str, columns: Columns, scheme: Scheme
) -> tuple[dict[str, Any], tuple[Span, ...] | None]:
    """The cells of a row with words as a text, and the labels of its tokens in place of their cell."""
    spans, text = None, columns.text
    if columns.tags is not None and text is not None:
        tags = cells.pop(columns.tags)
        cells[text], spans = labelled(cells[text], tags, place, (text, columns.tags), scheme)
    elif columns.in_words and text is not None:
        cells[text] = joined(cells[text], place, text)
    return cells, spans


def asked_column(reader: Reader, name: str | None, option: str) -> str | None:
    """A column that a user names; raises `UsageError` if it is not there."""
    if name is None or name in reader.columns:
        return name
    known = _listed(reader.columns)
    raise UsageError(
        f"{reader.name} has no column called {name!r}", f"Its columns: {known}", f"Name one with --{option}"
    )


def guess(reader: Reader, names: Sequence[str]) -> str | None:
    """The column that is called by the first of some names; columns of words hold nothing of a text as a whole."""
    of_words: tuple[str, ...] = getattr(reader, "token_columns", ())
    columns = [column for column in reader.columns if column not in of_words]
    return next((column for name in names for column in columns if column.strip().casefold() == name), None)


def _refuse_missing(reader: Reader, found: Mapping[str, str | tuple[str, ...] | None]) -> None:
    """Raises one `CorpusError` for all columns that are needed and not found; it proposes the one that is left."""
    missing = [role for role, column in found.items() if not column]
    if not missing:
        return
    taken = {name for column in found.values() if column for name in ([column] if isinstance(column, str) else column)}
    left = [name for name in reader.columns if name and name not in taken]
    rules = [f"a {role} column is called {any_of(GUESSED[role])}" for role in missing]
    remedy = f"Name one with {' and '.join('--' + role for role in missing)}"
    if len(missing) == len(left) == 1:
        remedy = f"Is it --{missing[0]} {shlex.quote(left[0])}?"
    elif len(reader.columns) == 1 and reader.name.lower().endswith((".csv", ".tsv")):
        remedy = "If its fields are separated by something else, name that with --separator"
    rule = " and ".join(rules)
    raise CorpusError(rule[0].upper() + rule[1:], f"{reader.name} has: {_listed(reader.columns)}", remedy)


def any_of(names: Sequence[str]) -> str:
    """Names as a list of which one is meant."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _optional(reader: Reader, name: str | None, option: str, names: Sequence[str]) -> str | None:
    return guess(reader, names) if name is None else asked_column(reader, name or None, option)


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN_NAMES} more" if len(columns) > SHOWN_NAMES else ""
    return ", ".join(columns[:SHOWN_NAMES]) + more


def _labels(reader: Reader, label: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
    """The label's column, or those of labels that are crossed; None if none is found."""
    if label is None or isinstance(label, str):
        return asked_column(reader, label, "label") or guess(reader, LABEL_NAMES)
    if len(set(label)) < len(label):
        raise UsageError("Crossed labels are different columns", f"They are {', '.join(label)}", "Name each once")
    return tuple(str(asked_column(reader, name, "label")) for name in label)


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
