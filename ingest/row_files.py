"""Activations on disk: one `.npy` file a layer, written row by row in any order, read as memory maps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mri_core.errors import MriError

ITEM = np.dtype(np.float32)


@dataclass(frozen=True)
class RowFile:
    """One layer's file, open for writing single rows of `row_bytes` bytes, the first of them at `offset`."""

    file: BinaryIO
    offset: int
    row_bytes: int

    def write(self, ordinals: list[int], rows: np.ndarray) -> None:
        """Put float32 rows (len(ordinals), width) in their places."""
        for ordinal, row in zip(ordinals, rows, strict=True):
            self.file.seek(self.offset + self.row_bytes * ordinal)
            self.file.write(row.tobytes())


@contextmanager
def row_files(folder: Path, widths: tuple[int, ...], count: int) -> Iterator[list[RowFile]]:
    """The files `L0.npy` … of a folder, one a layer, open for `count` rows each.

    Plain writes rather than memory maps: a full disk is then an error instead of a crash, and what was written does not
    count as memory in use.

    Raises:
        MriError: there is no room for them.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _check_room(folder, ITEM.itemsize * count * sum(widths))
    with ExitStack() as opened:
        files = []
        for layer, width in enumerate(widths):
            offset = _allocate(_path(folder, layer), (count, width))
            file = opened.enter_context(_path(folder, layer).open("r+b"))
            files.append(RowFile(file, offset, ITEM.itemsize * width))
        yield files


def mapped_rows(folder: Path, layers: int) -> tuple[np.ndarray, ...]:
    """What was written, as read-only memory maps."""
    return tuple(np.load(_path(folder, layer), mmap_mode="r") for layer in range(layers))


def _path(folder: Path, layer: int) -> Path:
    return folder / f"L{layer}.npy"


def _check_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if need > free:
        fact = f"These take {need / 1e9:.1f} GB and {folder} has {free / 1e9:.1f} GB free"
        raise MriError("Activations need room on the disk", fact, "Make room, or set MRI_CACHE to another folder")


def _allocate(path: Path, shape: tuple[int, int]) -> int:
    """Make a file of zeros with its header; where its rows begin."""
    return int(np.lib.format.open_memmap(path, mode="w+", dtype=ITEM, shape=shape).offset)
