"""A path through the regions compared with a study: the categories of its regions, and the rarity of its steps."""

from __future__ import annotations

import numpy as np


def parts_of_categories(shares: np.ndarray) -> np.ndarray:
    """The part of each category in each region, with equal weight for every category, whatever its size.

    Args:
        shares: (regions, categories) documents of the category in the region over all documents of the category.

    Returns:
        (regions, categories) shares that sum to 1 in each region; NaN in a region without documents.
    """
    totals = shares.sum(axis=1, keepdims=True)
    return np.divide(shares, totals, out=np.full(shares.shape, np.nan), where=totals > 0)


def nearest_categories(parts: np.ndarray) -> list[int | None]:
    """The category with the largest part of each region; None for a tie, or if the region has no documents.

    Args:
        parts: from `parts_of_categories`.
    """
    return [_only_largest(row) for row in parts]


def surprise(taking: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Surprisal of a step in bits: −log2 of the share of a region's documents that take it.

    0 if all take it, 1 if half of them do; infinite if none does; NaN if the region has no documents.

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
