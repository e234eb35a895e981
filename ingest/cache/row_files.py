"""Rows on disk: one `.npy` file per layer and one of facts, written row by row in any order, read as memory maps."""

from __future__ import annotations

import io
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ingest.cache.entries import allocated, disk_errors
from ingest.extract.records import Conditions, Extraction, FreshRows, TokenFacts
from mri_core.errors import MriError
from mri_core.records.arrays import Activations

ITEM = np.dtype(np.float32)
FACT = np.dtype(np.int32)
CHUNK_BYTES = 16 * 2**20
FACTS = 3  # columns of facts before those of the layers

Ordinals = Sequence[int] | np.ndarray
Part = bytes | memoryview


@dataclass(frozen=True)
class RowFile:
    """A file of rows of `row_bytes` bytes each, the first of them at `offset`."""

    descriptor: int
    offset: int
    row_bytes: int

    def write(self, ordinals: Ordinals, rows: Part) -> None:
        """Write rows at their ordinals, unbuffered."""
        left = memoryview(rows)
        for first, count in _runs(ordinals):
            end = count * self.row_bytes
            _write_all(self.descriptor, left[:end], self.offset + self.row_bytes * first)
            left = left[end:]

    def read(self, ordinals: Ordinals) -> bytes:
        """The rows of these ordinals one after the other."""
        return b"".join(
            os.pread(self.descriptor, count * self.row_bytes, self.offset + self.row_bytes * first)
            for first, count in _runs(ordinals)
        )


class RowSource(Protocol):
    """Rows that can be read by their ordinals."""

    def chunks(self, ordinals: np.ndarray) -> Iterator[slice]:
        """Splits rows into pieces that take little memory."""

    def get(self, ordinals: np.ndarray) -> Iterator[bytes]:
        """The bytes of these rows, file after file, as the entry that they are copied to has them."""


@dataclass(frozen=True)
class RowFolder(FreshRows):
    """The files `L0.npy` … and `facts.npy` of a folder, open; a `RowStore` that wants all documents and holds none."""

    folder: Path
    files: tuple[RowFile, ...]
    item: np.dtype[Any] = ITEM

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Write a batch at its ordinals.

        Raises:
            MriError: it cannot be written.
        """
        self.put(ordinals, as_parts(rows, facts, self.item))

    def put(self, ordinals: Ordinals, parts: Sequence[Part]) -> None:
        """Write a batch, given as the bytes for each file, at its ordinals.

        Raises:
            MriError: it cannot be written.
        """
        with disk_errors(self.folder):
            for file, part in zip(self.files, parts, strict=True):
                file.write(ordinals, part)

    def get(self, ordinals: Ordinals) -> Iterator[bytes]:
        """The bytes that `put` wrote, file after file.

        Raises:
            MriError: it cannot be read.
        """
        for file in self.files:
            with disk_errors(self.folder):
                part = file.read(ordinals)
            yield part

    def chunks(self, ordinals: np.ndarray) -> Iterator[slice]:
        """Splits rows into pieces that take little memory."""
        step = max(1, CHUNK_BYTES // sum(file.row_bytes for file in self.files))
        return (slice(start, start + step) for start in range(0, len(ordinals), step))


def as_parts(rows: Sequence[np.ndarray], facts: TokenFacts, item: np.dtype[Any] = ITEM) -> list[Part]:
    """A batch as the bytes for each file, rows as numbers of a type, not copied if they are."""
    tables = [*(np.ascontiguousarray(layer, item) for layer in rows), facts.table()]
    return [table.data.cast("B") for table in tables]


def checksum(parts: Iterable[Part]) -> int:
    """CRC-32 of a batch, file after file."""
    value = 0
    for part in parts:
        value = zlib.crc32(part, value)
    return value


@contextmanager
def row_folder(folder: Path, widths: tuple[int, ...], count: int, item: np.dtype[Any] = ITEM) -> Iterator[RowFolder]:
    """The files of a folder, open for `count` rows each, of numbers of a type; their content is preserved.

    Plain writes rather than memory maps: a full disk is then an error instead of a crash, and written rows do not count
    as memory in use.

    Raises:
        MriError: the disk is full, or the folder cannot be written.
    """
    shapes = [*((count, width) for width in widths), (count, len(widths) + FACTS)]
    items = [*(item for _ in widths), FACT]
    paths = row_paths(folder, len(widths))
    with ExitStack() as opened:
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            size = sum(count * width * kind.itemsize for (_, width), kind in zip(shapes, items, strict=True))
            _check_room(folder, size, paths)
            files = [
                opened.enter_context(_row_file(path, shape, item))
                for path, shape, item in zip(paths, shapes, items, strict=True)
            ]
        yield RowFolder(folder, tuple(files), item)


@contextmanager
def reading(folder: Path, layers: int) -> Iterator[RowFolder]:
    """The whole files of a folder, open for reading. Raises `OSError` or `ValueError` if they are not."""
    with ExitStack() as opened:
        files = []
        for path in row_paths(folder, layers):
            rows = np.lib.format.open_memmap(path, mode="r")
            descriptor = opened.enter_context(path.open("rb", buffering=0)).fileno()
            files.append(RowFile(descriptor, rows.offset, rows.itemsize * rows.shape[1]))
        yield RowFolder(folder, tuple(files))


def read_extraction(folder: Path, layers: int, conditions: Conditions) -> Extraction:
    """The written extraction; its rows are read-only memory maps."""
    *paths, facts_path = row_paths(folder, layers)
    facts = TokenFacts.of_table(np.load(facts_path))
    rows = tuple(np.load(path, mmap_mode="r") for path in paths)
    return Extraction(Activations(rows, facts.lengths), facts, conditions)


def row_paths(folder: Path, layers: int) -> list[Path]:
    """Paths of the layers and the facts."""
    return [*(folder / f"L{layer}.npy" for layer in range(layers)), folder / "facts.npy"]


def _check_room(folder: Path, size: int, paths: Sequence[Path]) -> None:
    need, free = size - sum(map(allocated, paths)), shutil.disk_usage(folder).free
    if need > free:
        fact = f"These take {need / 1e6:,.1f} MB and {folder} has {free / 1e6:,.1f} MB free"
        raise MriError("Activations need room on the disk", fact, "Make room, or set MRI_CACHE to another folder")


@contextmanager
def _row_file(path: Path, shape: tuple[int, int], item: np.dtype[Any]) -> Iterator[RowFile]:
    """A file with its header at full length; missing rows are zeros."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": item.str, "fortran_order": False, "shape": shape})
    offset, row_bytes = len(header.getvalue()), item.itemsize * shape[1]
    path.touch()
    with path.open("r+b", buffering=0) as file:
        _write_all(file.fileno(), memoryview(header.getvalue()), 0)
        file.truncate(offset + shape[0] * row_bytes)
        yield RowFile(file.fileno(), offset, row_bytes)


def _runs(ordinals: Ordinals) -> Iterator[tuple[int, int]]:
    """Runs of consecutive rows, as (first, number)."""
    places = np.asarray(ordinals, dtype=np.int64)
    cuts = [0, *(np.flatnonzero(np.diff(places) != 1) + 1).tolist(), len(places)]
    return ((int(places[start]), end - start) for start, end in pairwise(cuts) if end > start)


def _write_all(descriptor: int, content: memoryview, offset: int) -> None:
    """Writes everything: on a nearly full disk a single write may silently be partial."""
    while content:
        written = os.pwrite(descriptor, content, offset)
        content, offset = content[written:], offset + written
