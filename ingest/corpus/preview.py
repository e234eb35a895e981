"""A preview of a source before it is scanned: its columns, its first rows, and the corpus it would give."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ingest.corpus.corpus import CorpusOptions, open_corpus
from ingest.corpus.formats.columns import guess_columns
from ingest.corpus.formats.sources import open_reader
from ingest.corpus.formats.token_columns import suggested_tags
from ingest.corpus.summary import corpus_lines
from mri_core.records.corpus import excerpt

CELL = 300  # characters


class Preview(NamedTuple):
    """The beginning of a source.

    Attributes:
        name: without the user's folders.
        columns: their names.
        rows: the first rows, a shortened cell for each column.
        text, label: the default columns of an ingest; None if no name matches.
        tags: that of a scan of tokens; None if no name matches, or there are labels of texts.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: str | None
    label: str | None
    tags: str | None = None


class Counted(NamedTuple):
    """The counts of a corpus.

    Attributes:
        categories: names in order, with their documents; of tokens' tags, with their words.
        lines: the documents, what was left out and why, and warnings, a line each.
    """

    categories: tuple[tuple[str, int], ...]
    lines: tuple[str, ...]


def preview(source: str | Path, rows: int = 4, separator: str | None = None) -> Preview:
    """The columns and first rows of a source; raises `CorpusError` as `open_corpus` does."""
    reader = open_reader(source, separator)
    text, label = guess_columns(reader)
    distinct = tuple(dict.fromkeys(reader.columns))
    cells = tuple(tuple(map(_shown, row)) for _, row in islice(reader.rows(distinct), rows))
    return Preview(reader.name, distinct, cells, text, label, suggested_tags(reader))


def count(source: str | Path, options: CorpusOptions) -> Counted:
    """Reads a source as a corpus; raises what `open_corpus` raises."""
    corpus = open_corpus(source, options)
    return Counted(corpus.categories if corpus.tags is None else corpus.tags, tuple(corpus_lines(corpus)))


def _shown(cell: object) -> str:
    return "" if cell is None else excerpt(str(cell), CELL)
