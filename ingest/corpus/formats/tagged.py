"""A text and the labels of its tokens, from the cells of both: words and their tags, or a text and its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from ingest.corpus.formats.cells import cell_text
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.schemes import Scheme
from ingest.corpus.formats.spans import is_piece, label_of, pieces
from ingest.corpus.formats.words import Place, Words, as_list, joined
from mri_core.errors import CorpusError
from mri_core.records.corpus import Span


def labelled(
    text: Any, tags: Any, place: str, columns: tuple[str, str], scheme: Scheme
) -> tuple[str | None, tuple[Span, ...] | None]:
    """A text, None if there is none, and its labelled pieces, None if the row has no labels.

    Args:
        text: a list of words, a text that knows its words, or a plain one.
        tags: as many tags as words, or pieces of the text with their labels.
        place: of the row, for messages.
        columns: of text and tags.
        scheme: of the tags.

    Raises:
        CorpusError: the cells are no such, or do not match.
    """
    if isinstance(text, Words):
        words: Words | None = text
    elif text is None or isinstance(text, str):
        return _with_pieces(text, tags, place, columns)
    else:
        words = joined(text, place, columns[0])
    if tags is None or words is None:
        return words, None
    places = words.places
    found = word_tags(tags, place, columns[1])
    if len(found) != len(places):
        fact = f"{place} has {len(places)} words in {columns[0]!r} and {len(found)} tags in {columns[1]!r}"
        raise CorpusError("Every word has a tag", fact, "Write an empty one for a word without")
    return str(words), _of_forms(places, scheme.types(found, places, partial(words.named, place=place)))


def word_tags(tags: Any, place: str, column: str) -> list[str | None]:
    """The tags of a row's words.

    Raises:
        CorpusError: the cell is no list of them.
    """
    found = as_list(tags)
    if found is None:
        fact = f"{place}, column {column!r}, holds a {type(tags).__name__}"
        remedy = "Give the corpus as JSON Lines, Parquet or CoNLL, or name another column with --tags"
        raise CorpusError("The tags of a text are a list, with one for each word", fact, remedy)
    if found and isinstance(found[0], dict):
        fact = f"{place}, column {column!r}, holds pieces of a text, and its text is words"
        raise CorpusError("The tags of a text are a list, with one for each word", fact, "Name the text with --text")
    return [label_of(tag, place, column) for tag in found]


def scheme_of(reader: Reader, column: str) -> Scheme:
    """The scheme of a column's tags, all of which are read; that of pieces of texts is none.

    Raises:
        CorpusError: a cell holds no tags.
    """
    scheme = Scheme()
    if of_pieces(first_cell(reader, column)):
        return scheme
    for place, (cell,) in reader.rows([column]):
        if cell is not None:
            scheme.add(word_tags(cell, place, column))
    return scheme


def first_cell(reader: Reader, column: str) -> Any:
    """The first cell of a column that holds something; None if none does."""
    return next((cell for _, (cell,) in reader.rows([column]) if isinstance(cell, dict) or as_list(cell) != []), None)


def of_pieces(cell: Any) -> bool:
    """Whether a cell holds pieces of a text, not tags of words."""
    if isinstance(cell, dict):
        return True
    found = as_list(cell) or [None]
    return is_piece(found[0])


def _with_pieces(
    text: str | None, tags: Any, place: str, columns: tuple[str, str]
) -> tuple[str | None, tuple[Span, ...] | None]:
    text = cell_text(text, place, columns[0])
    if tags is None or text is None:
        return text, None
    if (found := as_list(tags)) and isinstance(found[0], str | int):
        fact = f"{place}, column {columns[0]!r}, holds a text, and column {columns[1]!r} tags"
        raise CorpusError("Tags are those of a list of words", fact, "Name the column of the words with --text")
    return text, pieces(tags, text, place, columns[1])


def _of_forms(places: Sequence[Place], types: Sequence[str | None]) -> tuple[Span, ...]:
    """A span for each form: words that share one give it their only label, and none where they have several."""
    spans = []
    for (start, end), words in groupby(zip(places, types, strict=True), key=lambda word: word[0]):
        labels = {label for _, label in words if label is not None}
        spans.append(Span(start, end, labels.pop() if len(labels) == 1 else None))
    return tuple(spans)
