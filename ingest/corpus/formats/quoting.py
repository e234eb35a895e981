"""Whether quotes in a separated file enclose fields, as in RFC 4180, or are characters of the texts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mri_core.errors import CorpusError

MOST_VALUES = 1000  # a column of more distinct values holds no labels
MOST_WAITING = 1000  # rows over several lines that wait for the values of later rows

Lines = Callable[[], Iterator[str]]


@dataclass(frozen=True)
class Dialect:
    """The separator of fields, and whether quotes enclose some."""

    separator: str
    quoted: bool = True


class Row(NamedTuple):
    """A row: the number of its first line, and its fields."""

    line: int
    cells: list[str]


def is_row(cells: Sequence[str], width: int) -> bool:
    """Whether fields make a row: one for each column, perhaps followed by empty ones from spreadsheets."""
    return len(cells) >= width and not any(cells[width:])


def read_rows(name: str, lines: Iterable[str], dialect: Dialect, first: int = 1) -> Iterator[Row]:
    """The rows of a file as a stream; blank lines are none.

    Args:
        name: of the file, for messages.
        lines: with their ends.
        dialect: how fields are written.
        first: the number of the first line.

    Raises:
        CorpusError: a row does not follow the dialect; the message names its first line.
    """
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=dialect.separator, strict=True, quoting=quoting)
    while True:
        line = first + reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CorpusError(
                "A field that begins with a quote or holds a line break is quoted, with quotes inside it doubled",
                f"The row that begins on line {line} of {name} is not written so",
            ) from error
        if cells is None:
            return
        if cells:
            yield Row(line, cells)


def quotes_are_letters(name: str, lines: Lines, separator: str, width: int, first: int = 1) -> bool:
    """Whether a file is consistent only if its quotes are characters of the texts and each line is a row.

    By RFC 4180 an opening quote joins all lines up to the next closing one. In a file whose quotes are characters, such
    as those of GLUE, that swallows rows. Texts rarely contain tabs: if each line of a TSV has a field for each column
    and quotes join lines or do not close, quotes are characters. In other files they are if all joined lines are rows:
    each has a field for each column, and one of the columns, such as a label, holds only values of other rows.

    Args:
        name: of the file, for messages.
        lines: reads its lines again.
        separator: of the fields.
        width: columns of the header.
        first: the number of the first line.

    Raises:
        CorpusError: rows were swallowed, but other lines are no rows without their quotes.
    """
    if not any('"' in line for line in lines()):
        return False
    seen = _survey(name, lines, separator, width, first)
    if not seen.joined and seen.well_formed:
        return False
    letters = separator == "\t" or (seen.swallowing is not None and not seen.texts)
    rows = letters and _lines_are_rows(lines, separator, width)
    if rows or seen.swallowing is None:
        return rows
    line, count = seen.swallowing
    raise CorpusError(
        "A quote that opens a field is closed in the same row",
        f"The row that begins on line {line} of {name} runs over {count} lines that are rows",
        "Double the quotes within a text and put the text in quotes",
    )


@dataclass
class _Survey:
    """The structure of a file when it is read by RFC 4180.

    Attributes:
        separator, width: of its fields, and how many a row has.
        well_formed: it can be read so to its end.
        joined: rows over several lines.
        swallowing: the first line of the first of them whose lines are rows, and how many lines those are.
        texts: those whose lines are none.
        values: of each column in rows of one line; None if there are too many to be labels.
        waiting: the lines of joined rows, by the number of the first, until all values are known.
    """

    separator: str
    width: int
    well_formed: bool = True
    joined: int = 0
    swallowing: tuple[int, int] | None = None
    texts: int = 0
    values: list[set[str] | None] = field(default_factory=list)
    waiting: dict[int, list[str]] = field(default_factory=dict)

    def add(self, row: Row, lines: list[str]) -> None:
        """Notes the values of a row of one line, or the lines of a row of several."""
        self.well_formed &= is_row(row.cells, self.width)
        if len(lines) > 1:
            self.joined += 1
            self.waiting[row.line] = lines
            if len(self.waiting) == MOST_WAITING:
                self.judge()
            return
        for index, (cell, known) in enumerate(zip(row.cells, self.values, strict=False)):
            if known is not None:
                known.add(cell)
                if len(known) > MOST_VALUES:
                    self.values[index] = None

    def judge(self) -> None:
        """Looks for rows in the waiting rows."""
        for line, lines in self.waiting.items():
            if not self._holds_rows(lines):
                self.texts += 1
            elif self.swallowing is None:
                self.swallowing = line, len(lines)
        self.waiting.clear()

    def _holds_rows(self, lines: list[str]) -> bool:
        rows = [_fields(line, self.separator) for line in lines]
        if not all(is_row(cells, self.width) for cells in rows):
            return False
        columns = zip(zip(*(cells[: self.width] for cells in rows), strict=True), self.values, strict=True)
        return any(known is not None and known.issuperset(cells) for cells, known in columns)


def _survey(name: str, lines: Lines, separator: str, width: int, first: int) -> _Survey:
    seen = _Survey(separator, width, values=[set() for _ in range(width)])
    taken: list[str] = []

    def watched() -> Iterator[str]:
        for line in lines():
            taken.append(line)
            yield line

    try:
        for row in read_rows(name, watched(), Dialect(separator), first):
            own = [line for line in taken if line.strip("\r\n")] if len(taken) > 1 else taken
            seen.add(row, list(own))
            taken.clear()
    except CorpusError:  # reading the rows reports the place
        seen.well_formed = False
    seen.judge()
    return seen


def _lines_are_rows(lines: Lines, separator: str, width: int) -> bool:
    return all(is_row(_fields(line, separator), width) for line in lines() if line.strip("\r\n"))


def _fields(line: str, separator: str) -> list[str]:
    return line.rstrip("\r\n").split(separator)
