"""Rows of documents chunk by chunk, so that memory is flat in their number."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Protocol

import numpy as np

ROWS = 1024  # of one chunk: enough for a matrix product to run at its full speed, few enough to stay in the cache


class Rows(Protocol):
    """Rows of documents that can be read in blocks: an array, or those `Chosen` of one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Documents first."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: slice, /) -> np.ndarray: ...


def chunks(rows: Rows, size: int = ROWS) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of at most `size` rows in order, each with its place; mapped rows are released after use.

    Args:
        rows: (documents, …), in memory or memory-mapped. Blocks of an array are views of it.
    """
    for start in range(0, len(rows), size):
        place = slice(start, min(start + size, len(rows)))
        yield place, rows[place]
        let_go(rows)


class Chosen:
    """Some of the rows, copied a block at a time.

    Args:
        rows: (documents, …), in memory or memory-mapped.
        ordinals: of those that are chosen, in rising order.
    """

    def __init__(self, rows: np.ndarray, ordinals: np.ndarray) -> None:
        self._rows, self._ordinals = rows, ordinals

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the chosen rows."""
        return (len(self._ordinals), *self._rows.shape[1:])

    def __len__(self) -> int:
        return len(self._ordinals)

    def __getitem__(self, place: slice) -> np.ndarray:
        block: np.ndarray = self._rows[self._ordinals[place]]
        let_go(self._rows)
        return block


def others(count: int, ordinals: np.ndarray) -> np.ndarray:
    """(count,) which documents are not among those of these ordinals."""
    left = np.ones(count, dtype=bool)
    left[ordinals] = False
    return left


def let_go(rows: Rows) -> None:
    """Drops the pages of mapped rows.

    Mapped pages count in the resident set until they are dropped; the file's contents stay in the system's cache.
    """
    mapped: object = rows
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    # a private mapping that was written to would lose its changes
    private = not isinstance(rows, np.memmap) or rows.mode != "r"
    if not private and isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
