"""Labelled pieces of a text, given by their characters: `{"start": 0, "end": 5, "label": "person"}` each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from ingest.corpus.formats.cells import LABEL_LENGTH, cell_text, normal_label
from ingest.corpus.formats.words import as_list
from mri_core.errors import CorpusError
from mri_core.records.corpus import Span

FIELDS = ("start", "end", "label")
GAPS = ("", "_")  # how a word without a tag is written, where its place is not just empty
COUNTED = "Counted from 0, a piece ends before `end`"


def is_piece(value: Any) -> bool:
    """Whether a value is written as a piece of a text is."""
    if isinstance(value, Mapping):
        return {"start", "end"} <= value.keys()
    return isinstance(value, list | tuple) and len(value) == len(FIELDS)


def pieces(cell: Any, text: str, place: str, column: str) -> tuple[Span, ...]:
    """The labelled pieces of a text in rising order; those without a label are left out.

    Args:
        cell: a list of `{start, end, label}` or of `[start, end, label]`, or the lists of all starts, ends and labels.
        text: that they are of.
        place: of the row, for messages.
        column: of the cell.

    Raises:
        CorpusError: a piece is not in the text, is empty, overlaps another one, or begins or ends within a character.
    """
    where = f"{place}, column {column!r},"
    found = [_piece(value, where, place, column) for value in _listed(cell, where)]
    spans = sorted((span for span in found if span.label is not None), key=lambda span: span[:2])
    for start, end, _ in spans:
        if not 0 <= start < end <= len(text):
            fact = f"{where} has {start} to {end}, and the text has {len(text)} characters"
            raise CorpusError("A labelled piece is in its text, and not empty", fact, COUNTED)
    for first, second in pairwise(spans):
        if second.start < first.end:
            fact = f"{where} has {_shown(first)} and {_shown(second)}"
            raise CorpusError("Labelled pieces of a text do not overlap", fact, "Leave one out")
    _refuse_parts_of_characters(spans, text, where)
    return tuple(spans)


def label_of(value: Any, place: str, column: str) -> str | None:
    """A tag as the name of a category; None where there is none.

    Raises:
        CorpusError: it is no text or number, or too long for a label.
    """
    label = normal_label(cell_text(value, place, column) or "")
    if len(label) > LABEL_LENGTH:
        fact = f"{place}, column {column!r}, has one of {len(label)}: {label[:40]}…"
        raise CorpusError(f"A label has 1 to {LABEL_LENGTH} characters", fact, "Name another column with --tags")
    return None if label in GAPS else label


def _listed(cell: Any, where: str) -> list[Any]:
    if isinstance(cell, Mapping) and set(FIELDS) <= cell.keys():  # as `datasets` stores a sequence of such
        columns = [as_list(cell[name]) for name in FIELDS]
        if all(column is not None and len(column) == len(columns[0] or ()) for column in columns):
            return list(zip(*(column or () for column in columns), strict=True))
    found = as_list(cell)
    if found is None:
        raise _no_piece(where, cell)
    return found


def _piece(value: Any, where: str, place: str, column: str) -> Span:
    is_object = isinstance(value, Mapping)
    cells: list[Any] | None = [value.get(name) for name in FIELDS] if is_object else as_list(value)
    if cells is None or not is_piece(value if is_object else cells):
        raise _no_piece(where, value)
    start, end, label = cells
    for number in (start, end):
        if isinstance(number, bool) or not isinstance(number, int | float) or number % 1 != 0:  # NaN is not 0 either
            raise _no_piece(where, number)
    return Span(int(start), int(end), label_of(label, place, column))


def _no_piece(where: str, value: Any) -> CorpusError:
    rule = "Labelled pieces are a list of {start, end, label}, with whole numbers of characters"
    return CorpusError(rule, f"{where} holds {str(value)[:60]!r}", "Name their column with --tags")


def _refuse_parts_of_characters(spans: Sequence[Span], text: str, where: str) -> None:
    """What a reader sees as one character may be several of Unicode: a letter and its accent, an emoji."""
    if not spans or text.isascii():
        return
    from icu4py.breakers import CharacterBreaker

    bounds = {0, *accumulate(map(len, CharacterBreaker(text, "root")))}
    for span in spans:
        for bound in span[:2]:
            if bound not in bounds:
                fact = f"{where} has {_shown(span)}, and {bound} is within one"
                raise CorpusError("A labelled piece begins and ends between characters", fact, COUNTED)


def _shown(span: Span) -> str:
    return f"{span.start} to {span.end} ({span.label})"
