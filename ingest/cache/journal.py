"""The journal of a cache entry: what its row files hold, record after record, appended and never changed.

A record is its CRC-32, its kind, the length of its content, and the content. One that was torn by a crash does not
match its CRC: what stands before it holds, what stands behind it is not read.
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
from typing import Any, BinaryIO

HEAD = struct.Struct("<IBI")
CHECKSUM = struct.Struct("<I")
SHAPE, COPIED, RUN = 0, 1, 2


@dataclass(frozen=True)
class Shape:
    """The widths of the layers, and how the rows came about, as JSON values, once that is known."""

    widths: tuple[int, ...]
    conditions: dict[str, Any] | None = None

    def record(self) -> bytes:
        """As it stands in the journal."""
        return _record(SHAPE, json.dumps([self.widths, self.conditions]).encode())


@dataclass(frozen=True)
class Batch:
    """Rows that were written.

    Attributes:
        packed: their ordinals in order, as `pack` gives them.
        checksum: of their bytes in the row files.
        copied: taken over from another entry, not run.
    """

    packed: bytes
    checksum: int
    copied: bool = False

    @property
    def documents(self) -> int:
        """How many rows."""
        return len(self.packed) // array("I").itemsize

    def record(self) -> bytes:
        """As it stands in the journal."""
        return _record(COPIED if self.copied else RUN, CHECKSUM.pack(self.checksum) + self.packed)


Entry = Shape | Batch


def pack(ordinals: Sequence[int]) -> bytes:
    """Ordinals as 32-bit numbers."""
    return array("I", ordinals).tobytes()


def read(path: Path) -> Iterator[Entry]:
    """The records up to the first that is torn; none where there is no journal."""
    if not path.exists():
        return
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while (entry := _next(file, end)) is not None:
            yield entry


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Puts another journal in the place of one, at once."""
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.writelines(entry.record() for entry in entries)
    new.replace(path)


class Journal:
    """A journal open for more."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def append(self, entry: Entry) -> None:
        """Add a record, unbuffered: it is there when the process is killed a moment later."""
        left = memoryview(entry.record())
        while left:
            left = left[self._file.write(left) :]

    def close(self) -> None:
        """Nothing more comes."""
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
        widths, conditions = json.loads(content)
        return Shape(tuple(widths), conditions)
    return Batch(content[CHECKSUM.size :], CHECKSUM.unpack_from(content)[0], copied=kind == COPIED)
