"""Readers of text formats: CSV, TSV, JSON Lines and folders of text files, each as a stream of rows."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from mri_core.errors import CorpusError

CELL_LIMIT = 2**31 - 1  # characters; the csv module's own limit of 131,072 is shorter than a book
SAMPLED_LINES = 1000  # JSON Lines have no header: their columns are the keys of the first lines


class Reader(Protocol):
    """A source of rows that can be read any number of times."""

    @property
    def name(self) -> str:
        """What to call the source in a message."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns there are."""

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """For each row its place ("line 7 of news.csv") and the cells of the wanted columns."""


class DelimitedReader:
    """CSV or TSV with a header, quoted as RFC 4180 says.

    Raises:
        CorpusError: the file is empty, not UTF-8 or not well formed; the message names the line.
    """

    def __init__(self, path: Path, delimiter: str) -> None:
        self.name = path.name
        self._path, self._delimiter = path, delimiter
        self.columns = tuple(name.strip() for name in next(self._records(), (1, []))[1])
        if not self.columns:
            raise CorpusError("A corpus has documents", f"{self.name} is empty")

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        """The wanted cells of each row; blank lines are none."""
        picks = [self.columns.index(name) for name in wanted]
        for line, cells in islice(self._records(), 1, None):
            if len(cells) != len(self.columns):
                raise CorpusError(
                    "Every row has as many fields as the header",
                    f"Line {line} of {self.name} has {len(cells)} and the header {len(self.columns)}",
                    "Put a text that holds separators between double quotes",
                )
            yield f"line {line} of {self.name}", [cells[pick] for pick in picks]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(CELL_LIMIT)
        reader = csv.reader((line for _, line in numbered_lines(self._path)), delimiter=self._delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise CorpusError(
                    "A field that begins with a quote or holds a line break stands in quotes, those inside it doubled",
                    f"The row that begins on line {line} of {self.name} is not written so",
                ) from error
            if cells is None:
                return
            if cells:
                yield line, cells


class JsonLinesReader:
    """JSON Lines: one object a line, blank lines ignored; a missing key is a missing cell.

    Raises:
        CorpusError: the file is empty, not UTF-8, or a line is not a JSON object; the message names the line.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self.columns = tuple(dict.fromkeys(key for _, row in islice(self._objects(), SAMPLED_LINES) for key in row))
        if not self.columns:
            raise CorpusError("A corpus has documents", f"{self.name} is empty")

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted values of each object."""
        for line, row in self._objects():
            yield f"line {line} of {self.name}", [row.get(name) for name in wanted]

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in numbered_lines(self._path):
            if line.isspace():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _no_object(f"Line {number} of {self.name} is not JSON") from error
            if not isinstance(row, dict):
                raise _no_object(f"Line {number} of {self.name} is another value")
            yield number, row


def _no_object(fact: str) -> CorpusError:
    return CorpusError("Each line of a JSON Lines file is a JSON object", fact)


class TextFolderReader:
    """A folder of .txt files whose subfolders are the labels; hidden files and folders are ignored.

    A file's path in the folder is its id. A file beside the subfolders has no label.

    Raises:
        CorpusError: there is no text file, or one is not UTF-8; the message names file and line.
    """

    columns = ("text", "label", "id")

    def __init__(self, path: Path) -> None:
        self.name = path.resolve().name
        self._path = path
        if next(self._files(), None) is None:
            fact = f"{self.name} has no .txt files in subfolders"
            raise CorpusError("A corpus folder has a subfolder of .txt files for each label", fact)

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[str | None]]]:
        """The wanted cells of each file, in the order of the paths."""
        for file in self._files():
            parts = file.relative_to(self._path).parts
            place = "/".join(parts)
            with reading(self.name):
                text = decoded(file.read_bytes(), place)
            cells = {"text": text, "label": parts[0] if len(parts) > 1 else None, "id": place}
            yield place, [cells[name] for name in wanted]

    def _files(self) -> Iterator[Path]:
        with reading(self.name):
            for folder, subfolders, files in os.walk(self._path, onerror=_raise):
                subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
                for name in sorted(files):
                    if name.lower().endswith(".txt") and not name.startswith("."):
                        yield Path(folder, name)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Tells a failure of the file system as a `CorpusError`."""
    try:
        yield
    except OSError as error:
        raise CorpusError(f"{name} cannot be read", error.strerror or str(error)) from error


def _raise(error: OSError) -> None:
    raise error


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their ends, counted from 1; a byte order mark is dropped."""
    with reading(path.name), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = decoded(line, path.name, number)
            if text:
                yield number, text


def decoded(content: bytes, name: str, line: int = 1) -> str:
    """UTF-8 content as text without a byte order mark; `line` is the number of its first line.

    Raises:
        CorpusError: it is not UTF-8, or holds a NUL; the message names the line.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
        fact = f"{name} is not, on line {line} (byte 0x{content[error.start]:02x})"
        raise CorpusError("A corpus is UTF-8", fact, "Save it as UTF-8") from error
    if "\0" in text:
        line += text.count("\n", 0, text.index("\0"))
        raise CorpusError("A text has no NUL character", f"{name} has one on line {line}", "Remove it")
    return text.removeprefix("\ufeff") if line == 1 else text
