"""Rows on disk: one `.npy` file a layer and one of facts, written row by row in any order, read as memory maps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ingest.extraction import Conditions, Extraction, TokenFacts
from mri_core.errors import MriError
from mri_core.records import Activations

ITEM = np.dtype(np.float32)
FACT = np.dtype(np.int32)
FACTS = 3  # columns of facts before those of the layers


@dataclass(frozen=True)
class RowFile:
    """One layer's file, open for writing single rows of `row_bytes` bytes, the first of them at `offset`."""

    file: BinaryIO
    offset: int
    row_bytes: int

    def write(self, ordinals: Sequence[int], rows: np.ndarray) -> None:
        """Put rows (len(ordinals), width) in their places."""
        for ordinal, row in zip(ordinals, rows, strict=True):
            self.file.seek(self.offset + self.row_bytes * ordinal)
            self.file.write(row.tobytes())


@dataclass(frozen=True)
class RowFolder:
    """The files of a scan under way: `L0.npy` … and `facts.npy`."""

    layers: tuple[RowFile, ...]
    facts: RowFile

    def is_wanted(self, ordinal: int) -> bool:
        """Every document is run."""
        return True

    def holds(self, ordinals: Sequence[int]) -> bool:
        """Nothing is there before it is written."""
        return False

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Put a batch in its places.

        Raises:
            MriError: it cannot be written.
        """
        for file, layer in zip(self.layers, rows, strict=True):
            file.write(ordinals, layer)
        self.facts.write(ordinals, facts.table())


@contextmanager
def row_folder(folder: Path, widths: tuple[int, ...], count: int) -> Iterator[RowFolder]:
    """The files of a folder, open for `count` rows each.

    Plain writes rather than memory maps: a full disk is then an error instead of a crash, and what was written does not
    count as memory in use.

    Raises:
        MriError: there is no room for them, or the folder cannot be written.
    """
    with _disk_errors(folder), ExitStack() as opened:
        folder.mkdir(parents=True, exist_ok=True)
        facts = len(widths) + FACTS
        _check_room(folder, ITEM.itemsize * count * (sum(widths) + facts))
        layers = tuple(
            opened.enter_context(_row_file(_path(folder, layer), (count, width), ITEM))
            for layer, width in enumerate(widths)
        )
        yield RowFolder(layers, opened.enter_context(_row_file(folder / "facts.npy", (count, facts), FACT)))


def read_extraction(folder: Path, layers: int, conditions: Conditions) -> Extraction:
    """What was written; the rows are read-only memory maps."""
    facts = TokenFacts.of_table(np.load(folder / "facts.npy"))
    rows = tuple(np.load(_path(folder, layer), mmap_mode="r") for layer in range(layers))
    return Extraction(Activations(rows, np.maximum(facts.read, 1)), facts, conditions)  # lengths are divided by


def _path(folder: Path, layer: int) -> Path:
    return folder / f"L{layer}.npy"


def _check_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if need > free:
        fact = f"These take {need / 1e9:.1f} GB and {folder} has {free / 1e9:.1f} GB free"
        raise MriError("Activations need room on the disk", fact, "Make room, or set MRI_CACHE to another folder")


@contextmanager
def _row_file(path: Path, shape: tuple[int, int], item: np.dtype[Any]) -> Iterator[RowFile]:
    """A new file of zeros with its header, open to be written."""
    offset = int(np.lib.format.open_memmap(path, mode="w+", dtype=item, shape=shape).offset)
    with path.open("r+b") as file:
        yield RowFile(file, offset, item.itemsize * shape[1])


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MriError("Activations are kept on the disk", f"{folder}: {error.strerror}", "Set MRI_CACHE") from error
