"""Whether quotes in a separated file stand around fields, as RFC 4180 says, or are letters of the texts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mri_core.errors import CorpusError

MOST_VALUES = 1000  # a column of more different values names no categories
MOST_JOINED = 1000  # rows over several lines that are looked at

Lines = Callable[[], Iterator[tuple[int, str]]]


@dataclass(frozen=True)
class Dialect:
    """What separates the fields, and whether quotes stand around some."""

    separator: str
    quoted: bool = True


class Row(NamedTuple):
    """A row: the number of its first line, its fields, and its lines as they stand in the file."""

    line: int
    cells: list[str]
    lines: list[str]


def read_rows(name: str, lines: Iterable[tuple[int, str]], dialect: Dialect) -> Iterator[Row]:
    """The rows of a file as a stream; blank lines are none.

    Raises:
        CorpusError: a row is not written as the dialect has it; the message names its first line.
    """
    numbers: list[int] = []
    taken: list[str] = []

    def watched() -> Iterator[str]:
        for number, line in lines:
            numbers.append(number)
            taken.append(line)
            yield line

    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    reader = csv.reader(watched(), delimiter=dialect.separator, strict=True, quoting=quoting)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CorpusError(
                "A field that begins with a quote or holds a line break stands in quotes, those inside it doubled",
                f"The row that begins on line {numbers[0]} of {name} is not written so",
            ) from error
        if cells is None:
            return
        if cells:
            yield Row(numbers[0], cells, list(taken))
        numbers.clear()
        taken.clear()


def quotes_are_letters(name: str, lines: Lines, separator: str, width: int) -> bool:
    """Whether a file makes sense only if its quotes are letters and each line is a row.

    By RFC 4180 an opening quote joins all lines up to the next closing one. In a file whose quotes are letters, as
    those of GLUE are, that swallows rows. Tabs seldom stand in a text: where each line of a TSV has a field for each
    column and quotes join lines or do not close, quotes are letters. Elsewhere that is so if the joined lines are
    rows: each has a field for each column, and one of those columns holds only values that other rows have as well,
    as a label does.

    Args:
        name: of the file, for messages.
        lines: reads its numbered lines again.
        separator: of the fields.
        width: columns of the header.

    Raises:
        CorpusError: rows were swallowed, but other lines are no rows without their quotes.
    """
    seen = _survey(name, lines, separator, width)
    if seen.well_formed and not seen.joined:
        return False
    if separator == "\t":
        return _lines_are_rows(lines, separator, width)
    swallowing = seen.swallowing() if seen.well_formed else None
    if swallowing is None:
        return False
    if _lines_are_rows(lines, separator, width):
        return True
    row, count = swallowing.line, len(swallowing.lines)
    raise CorpusError(
        "A quote that opens a field is closed in the same row",
        f"The row that begins on line {row} of {name} runs over {count} lines that are rows",
        "Double the quotes within a text and put the text in quotes",
    )


@dataclass
class _Survey:
    """What a file looks like when it is read as RFC 4180 says."""

    separator: str
    width: int
    well_formed: bool = True
    joined: list[Row] = field(default_factory=list)
    values: list[set[str] | None] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Notes the values of a row of one line, or a row of several."""
        self.well_formed &= len(row.cells) >= self.width and not any(row.cells[self.width :])
        if len(row.lines) > 1:
            if len(self.joined) < MOST_JOINED:
                self.joined.append(row)
            return
        for index, (cell, known) in enumerate(zip(row.cells, self.values, strict=False)):
            if known is not None:
                known.add(cell)
                if len(known) > MOST_VALUES:
                    self.values[index] = None

    def swallowing(self) -> Row | None:
        """The first row whose lines are rows themselves."""
        return next((row for row in self.joined if self._holds_rows(row)), None)

    def _holds_rows(self, row: Row) -> bool:
        lines = [_fields(line, self.separator) for line in row.lines]
        if any(len(cells) != self.width for cells in lines):
            return False
        columns = zip(zip(*lines, strict=True), self.values, strict=True)
        return any(known is not None and known.issuperset(cells) for cells, known in columns)


def _survey(name: str, lines: Lines, separator: str, width: int) -> _Survey:
    seen = _Survey(separator, width, values=[set() for _ in range(width)])
    rows = read_rows(name, lines(), Dialect(separator))
    try:
        for row in rows:
            seen.add(row)
    except CorpusError:  # whoever reads the rows says where
        seen.well_formed = False
    return seen


def _lines_are_rows(lines: Lines, separator: str, width: int) -> bool:
    return all(len(_fields(line, separator)) == width for _, line in lines() if line.strip("\r\n"))


def _fields(line: str, separator: str) -> list[str]:
    return line.rstrip("\r\n").split(separator)
