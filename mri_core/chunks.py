"""Rows of documents chunk by chunk, so that memory is flat in their number."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import numpy as np

ROWS = 1024  # of one chunk: enough for a matrix product to run at its full speed, few enough to stay in the cache


def chunks(rows: np.ndarray, size: int = ROWS) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of at most `size` rows in order, each with its place; mapped rows are let go of after use.

    Args:
        rows: (documents, …), in memory or memory-mapped. Blocks are views of it.
    """
    for start in range(0, len(rows), size):
        place = slice(start, min(start + size, len(rows)))
        yield place, rows[place]
        _let_go(rows)


def take(rows: np.ndarray, ordinals: np.ndarray) -> np.ndarray:
    """A copy of the rows with these ordinals, which are in rising order."""
    chosen = [block[_within(place, ordinals)] for place, block in chunks(rows)]
    return np.concatenate(chosen)


def _within(place: slice, ordinals: np.ndarray) -> np.ndarray:
    first, last = np.searchsorted(ordinals, (place.start, place.stop))
    return ordinals[first:last] - place.start


def _let_go(rows: np.ndarray) -> None:
    """Mapped pages count in the resident set until they are dropped; the file's contents stay in the system's cache."""
    mapped: object = rows
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    # a private mapping that was written to would lose what was written
    private = not isinstance(rows, np.memmap) or rows.mode != "r"
    if not private and isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
