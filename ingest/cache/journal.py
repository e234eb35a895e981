"""The append-only journal of a cache entry, which records what its row files hold.

A record is its CRC-32, its kind, the length of its content, and the content. One that was torn by a crash does not
match its CRC: records before it are valid, those after it are ignored.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:  # `mri cache` lists journals without numpy
    from ingest.extract.records import Library

HEAD = struct.Struct("<IBI")
CHECKSUM = struct.Struct("<I")
SHAPE, COPIED, RUN = 0, 1, 2


@dataclass(frozen=True)
class Shape:
    """The widths of the layers; once known, the conditions of the run as JSON values, and its library of products."""

    widths: tuple[int, ...]
    conditions: dict[str, Any] | None = None
    library: Library | None = None

    def record(self) -> bytes:
        """The journal's record."""
        return _record(SHAPE, json.dumps([self.widths, self.conditions, self.library]).encode())


@dataclass(frozen=True)
class Batch:
    """Rows that were written.

    Attributes:
        packed: their ordinals in order, as `pack` gives them.
        checksum: of their bytes in the row files.
        copied: from another entry, not run.
    """

    packed: bytes
    checksum: int
    copied: bool = False

    @property
    def documents(self) -> int:
        """Number of rows."""
        return len(self.packed) // array("I").itemsize

    def record(self) -> bytes:
        """The journal's record."""
        return _record(COPIED if self.copied else RUN, CHECKSUM.pack(self.checksum) + self.packed)


Entry = Shape | Batch


def pack(ordinals: Sequence[int]) -> bytes:
    """Ordinals as 32-bit numbers."""
    return array("I", ordinals).tobytes()


def read(path: Path) -> Iterator[Entry]:
    """The records up to the first torn one; none if there is no journal."""
    if not path.exists():
        return
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while (entry := _next(file, end)) is not None:
            yield entry


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Replaces a journal atomically."""
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.writelines(entry.record() for entry in entries)
    new.replace(path)


class Journal:
    """A journal open for appending."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def append(self, entry: Entry) -> None:
        """Append a record, unbuffered: it survives if the process is killed right after."""
        left = memoryview(entry.record())
        while left:
            left = left[self._file.write(left) :]

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _record(kind: int, content: bytes) -> bytes:
    head = HEAD.pack(0, kind, len(content))[CHECKSUM.size :]
    return CHECKSUM.pack(zlib.crc32(content, zlib.crc32(head))) + head + content


def _next(file: BinaryIO, end: int) -> Entry | None:
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    checksum, kind, length = HEAD.unpack(head)
    if length > end - file.tell():
        return None
    content = file.read(length)
    if zlib.crc32(content, zlib.crc32(head[CHECKSUM.size :])) != checksum:
        return None
    if kind == SHAPE:
        widths, conditions, *library = json.loads(content)  # earlier versions wrote the first two
        return Shape(tuple(widths), conditions, *library)
    return Batch(content[CHECKSUM.size :], CHECKSUM.unpack_from(content)[0], copied=kind == COPIED)
