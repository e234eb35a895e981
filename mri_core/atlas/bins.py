"""Bins of equal width along each dimension."""

from __future__ import annotations

import numpy as np

EQUAL = 1e-6  # of an axis's size: a smaller spread is float32 rounding


def bin_edges(reduced: np.ndarray, resolution: int) -> np.ndarray:
    """(dimensions, resolution + 1) edges from the lowest value to the highest; all equal if there is no spread.

    Args:
        reduced: (documents, dimensions).
        resolution: number of bins.
    """
    lowest, highest = reduced.min(axis=0), reduced.max(axis=0)
    highest = np.where(highest - lowest > EQUAL * np.maximum(np.abs(lowest), np.abs(highest)), highest, lowest)
    return np.linspace(lowest, highest, resolution + 1, axis=1)


def binned(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Right-closed bins, the lowest edge included; outside values fall in the outermost bin."""
    bins = len(edges) - 1
    if edges[0] == edges[-1]:  # an axis on which all documents are equal
        return np.full(len(values), (bins - 1) // 2)
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, bins - 1)
