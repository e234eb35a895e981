"""Files as streams of text: compressed or not, UTF-8, or UTF-16 where a byte order mark says so."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from mri_core.errors import CorpusError

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def _zstandard(path: Path) -> IO[bytes]:
    from pyarrow import input_stream

    return cast(IO[bytes], input_stream(str(path), compression="zstd"))


DECOMPRESSED: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _zstandard,
}


def format_suffix(path: Path) -> str:
    """The suffix that names a file's format, in lower case: `.csv` of `news.csv` and of `news.csv.gz`."""
    compressed = path.suffix.lower() in DECOMPRESSED
    return Path(path.stem).suffix.lower() if compressed else path.suffix.lower()


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises a failure of the file system, or of a damaged compressed file, as a `CorpusError`."""
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        fact = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise CorpusError(f"{name} cannot be read", fact) from error


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """A file's bytes, decompressed."""
    with DECOMPRESSED.get(path.suffix.lower(), open_plain)(path) as file:
        yield io.BufferedReader(file)


def open_plain(path: Path) -> IO[bytes]:
    """A file as it is."""
    return path.open("rb")


def whole_text(path: Path, name: str) -> str:
    """All of a file's text; raises `CorpusError` if it is none."""
    with reading(name), opened(path) as file:
        content = file.read()
    if content.startswith(UTF_16):
        with _utf_16(name):
            content = content.decode("utf-16").encode()
    return decoded(content, name)


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file with their ends, counted from 1; a byte order mark is dropped.

    Raises:
        CorpusError: it is neither UTF-8 nor UTF-16 with its mark, or holds a NUL; the message names the line.
    """
    with reading(path.name), opened(path) as file:
        head = file.peek()
        if head.startswith(UTF_16):
            with _utf_16(path.name):
                yield from enumerate(io.TextIOWrapper(file, "utf-16", newline="\n"), 1)
            return
        # The lines of older spreadsheets on a Mac end with a carriage return alone.
        lines = file if b"\r" not in head or b"\n" in head else _ended_by_returns(file)
        for number, line in enumerate(lines, 1):
            text = decoded(line, path.name, number)
            if text:
                yield number, text


def _ended_by_returns(file: io.BufferedReader) -> Iterator[bytes]:
    rest = b""
    while part := file.read(io.DEFAULT_BUFFER_SIZE):
        *lines, rest = (rest + part).split(b"\r")
        yield from (line + b"\r" for line in lines)
    if rest:
        yield rest


@contextmanager
def _utf_16(name: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise CorpusError("A corpus is UTF-8, or UTF-16 as its mark says", f"{name} is neither") from error


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
        raise CorpusError(
            "A text has no NUL character", f"{name} has one on line {line}", "Remove it, or save it as UTF-8"
        )
    return text.removeprefix("\ufeff") if line == 1 else text
