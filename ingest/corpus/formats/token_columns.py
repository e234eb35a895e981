"""The columns of a corpus whose tokens are placed: of texts, of words, and of the labels of either."""

from __future__ import annotations

from typing import Any

from ingest.corpus.formats.columns import LABEL_NAMES, TEXT_NAMES, Columns, any_of, asked_column, choose_columns, guess
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.tagged import first_cell, of_pieces
from ingest.corpus.formats.words import as_list
from mri_core.errors import CorpusError
from mri_core.records.graph import Unit

WORD_NAMES = ("tokens", "words")
TAG_NAMES = ("tags", "ner_tags", "pos_tags", "spans")


def columns_of(reader: Reader, unit: Unit, tags: str | None = None, **names: Any) -> Columns:
    """The columns of a corpus of documents, or of one whose tokens are placed.

    Args:
        reader: of the corpus.
        unit: what is placed.
        tags: the column of the tokens' labels; None for the one that its name suggests, if there is no label column.
        names: other columns as of `choose_columns`.

    Raises:
        MriError: what `choose_columns` raises.
    """
    if unit == "document":
        return choose_columns(reader, **names)
    label, text = names.get("label"), _numbered(reader, names.get("text"))
    tags = asked_column(reader, _numbered(reader, tags), "tags") if tags else suggested_tags(reader, label)
    if tags is None and label is None and guess(reader, LABEL_NAMES) is None:
        rule = "Tokens have the category of their text or a tag of their own"
        fact = f"{reader.name} has no column called {any_of((*LABEL_NAMES, *TAG_NAMES))}"
        raise CorpusError(rule, fact, "Name one with --label or --tags")
    if text is None:
        of_words = tags is not None and not of_pieces(first_cell(reader, tags))
        text = guess(reader, (*WORD_NAMES, *TEXT_NAMES) if of_words else (*TEXT_NAMES, *WORD_NAMES))
    return choose_columns(reader, **{**names, "text": text}, tags=tags, in_words=_holds_a_list(reader, text))


def suggested_tags(reader: Reader, label: Any = None) -> str | None:
    """The column of tags that is read if none is named: of a table the one that is called so and holds lists."""
    if label is not None or guess(reader, LABEL_NAMES) is not None:
        return None
    usual: str | None = getattr(reader, "usual_tags", None)
    if usual is not None:
        return usual
    named = [guess(reader, [name]) for name in TAG_NAMES]
    return next((name for name in named if _holds_a_list(reader, name)), None)


def _numbered(reader: Reader, name: str | None) -> str | None:
    """The name of a column of words that is given by its number from 1, or in another case."""
    known: tuple[str, ...] = getattr(reader, "token_columns", ())
    if name is None or name in reader.columns:
        return name
    if name.isdecimal() and 1 <= int(name) <= len(known):
        return known[int(name) - 1]
    return next((column for column in known if column.casefold() == name.casefold()), name)


def _holds_a_list(reader: Reader, column: str | None) -> bool:
    if column is None or column not in reader.columns:
        return False
    cell = first_cell(reader, column)
    return isinstance(cell, dict) or bool(as_list(cell))
