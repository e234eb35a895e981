"""Distinct integers, by a table of all possible ones if these are few, which is faster than sorting."""

from __future__ import annotations

import numpy as np

COUNTED = 1 << 16  # keys whose table is always small


def how_often(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys in order, and their counts."""
    if not _few(keys):
        return np.unique(keys, return_counts=True)
    counts = np.bincount(keys)
    present = np.flatnonzero(counts)
    return present, counts[present]


def distinct(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct codes in order, and for each document the index of its own among them."""
    if not _few(codes):
        return np.unique(codes, return_inverse=True)
    present = np.bincount(codes) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def _few(keys: np.ndarray) -> bool:
    """Whether so few distinct keys are possible that a table of all of them is faster than sorting."""
    return int(keys.max()) <= max(COUNTED, 4 * len(keys))
