"""How a path through the regions compares with a study: whose regions it passes, and how rare its steps are."""

from __future__ import annotations

import numpy as np


def parts_of_categories(shares: np.ndarray) -> np.ndarray:
    """What part of each region is each category's, every category counting alike, however many documents it has.

    Args:
        shares: (regions, categories) documents of the category in the region over all documents of the category.

    Returns:
        (regions, categories) shares that sum to 1 in each region; NaN in a region without documents.
    """
    totals = shares.sum(axis=1, keepdims=True)
    return np.divide(shares, totals, out=np.full(shares.shape, np.nan), where=totals > 0)


def nearest_categories(parts: np.ndarray) -> list[int | None]:
    """The category with the largest part of each region; None where two have as much, or the region has no documents.

    Args:
        parts: as `parts_of_categories` gives them.
    """
    return [_only_largest(row) for row in parts]


def surprise(taking: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Bits by which a step surprises: −log2 of the share of a region's documents that take it.

    0 where all take it, 1 where half of them do; infinite where none does; NaN where there is none to take it.

    Args:
        taking: documents that take the step, of any shape.
        leaving: documents in the region that it leaves, of the same shape.
    """
    chance = np.divide(taking, leaving, out=np.full(np.shape(taking), np.nan), where=np.asarray(leaving) > 0)
    with np.errstate(divide="ignore"):
        return np.abs(-np.log2(chance))  # of 1 it is 0 and not -0


def _only_largest(row: np.ndarray) -> int | None:
    if np.isnan(row).any():
        return None
    largest = np.flatnonzero(np.isclose(row, row.max(), rtol=1e-9, atol=0))
    return int(largest[0]) if len(largest) == 1 else None
