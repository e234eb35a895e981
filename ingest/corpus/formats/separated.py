"""CSV, TSV and similar files: a header and one row per line, with any separator."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ingest.corpus.formats.opening import numbered_lines
from ingest.corpus.formats.quoting import Dialect, Row, is_row, quotes_are_letters, read_rows
from mri_core.errors import CorpusError, UsageError

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "bar": "|"}
STATED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line of what Excel is to open
SNIFFED = 100  # rows
CELL_LIMIT = 2**31 - 1  # characters; the csv module's own limit of 131,072 is shorter than a book


def separator_named(name: str) -> str:
    """The character of a separator that is named as such or in a word.

    Raises:
        UsageError: it is no single character.
    """
    character = WORDS.get(name.lower(), name)
    if len(character) != 1 or character in '"\r\n':
        fact = f"--separator is {name!r}"
        raise UsageError("A separator is one character", fact, f"Words for it: {', '.join(WORDS)}")
    return character


class DelimitedReader:
    """A header and a row a line, quoted as RFC 4180 says; in a TSV quotes may be letters.

    Args:
        path: of the file.
        usual: the separator of files that are called so.
        wanted: the separator that the user names; None finds it in the first rows.

    Raises:
        CorpusError: the file is empty, neither UTF-8 nor UTF-16, or not well formed; the message names the line.
    """

    def __init__(self, path: Path, usual: str, wanted: str | None = None) -> None:
        csv.field_size_limit(CELL_LIMIT)
        self.name, self._path = path.name, path
        stated = STATED.fullmatch(next((line for _, line in numbered_lines(path)), ""))
        self._first = 2 if stated else 1  # the line of the header
        separator = wanted or (stated[1] if stated else self._sniffed(usual))
        self._dialect = Dialect(separator)
        header = next(self._records(), None)
        if header is None:
            raise CorpusError("A corpus has documents", f"{self.name} is empty")
        self.columns = tuple(name.strip() for name in header.cells)
        letters = quotes_are_letters(self.name, self._lines, separator, len(self.columns), self._first)
        self._dialect = Dialect(separator, quoted=not letters)
        self.notes = self._notes(usual, wanted)

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        """The wanted cells of each row; blank lines are none, and empty fields behind the last column are nothing."""
        picks = [self.columns.index(name) for name in wanted]
        width = len(self.columns)
        for row in islice(self._records(), 1, None):
            if not is_row(row.cells, width):
                raise CorpusError(
                    "Every row has as many fields as the header",
                    f"Line {row.line} of {self.name} has {len(row.cells)} and the header {width}",
                    "Put a text that holds separators between double quotes, or name another with --separator",
                )
            yield f"line {row.line} of {self.name}", [row.cells[pick] for pick in picks]

    def _records(self) -> Iterator[Row]:
        return read_rows(self.name, self._lines(), self._dialect, self._first)

    def _lines(self) -> Iterator[str]:
        return (line for _, line in islice(numbered_lines(self._path), self._first - 1, None))

    def _sniffed(self, usual: str) -> str:
        """The usual separator where it makes rows of one width, else the one that makes most columns of them."""
        for _ in islice(self._lines(), SNIFFED):  # what is no text is refused as such, not for its columns
            pass
        if self._width(usual) > 1:
            return usual
        widths = {separator: self._width(separator) for separator in NAMES if separator != usual}
        widest = max(widths, key=lambda separator: widths[separator])
        return widest if widths[widest] > 1 else usual

    def _width(self, separator: str) -> int:
        """Fields of the header, if the first rows have as many; else 0."""
        for quoted in (True, False):
            rows = islice(read_rows(self.name, self._lines(), Dialect(separator, quoted)), SNIFFED)
            try:
                header, *others = rows
            except (CorpusError, ValueError):
                continue
            width = len(header.cells)
            if all(is_row(row.cells, width) for row in others):
                return width
        return 0

    def _notes(self, usual: str, wanted: str | None) -> tuple[str, ...]:
        separator, quoted = self._dialect.separator, self._dialect.quoted
        notes = []
        if separator != usual and wanted is None:
            notes.append(f"{self.name} is separated by {NAMES.get(separator, repr(separator))}, and read so.")
        if not quoted:
            notes.append(f"Quotes in {self.name} are letters, not signs around a field: each line is one row.")
        return tuple(notes)
