"""Numbers about distributions of documents over regions. Pure functions on arrays."""

from __future__ import annotations

import numpy as np


def entropy(shares: np.ndarray) -> np.ndarray:
    """Shannon entropy in bits along the last axis.

    Args:
        shares: (..., n) non-negative weights with a positive sum; they are normalised to add up to 1.
    """
    p = shares / shares.sum(axis=-1, keepdims=True)
    terms = p * np.log2(p, where=p > 0, out=np.zeros_like(p))
    return np.abs(terms.sum(axis=-1))


def jensen_shannon(counts: np.ndarray) -> float:
    """Generalised Jensen-Shannon divergence in bits between the rows, with equal weights (Lin 1991).

    Args:
        counts: (categories, regions) documents of each category in each region; every category has documents.

    Returns:
        0 if all categories have the same distribution, log2(categories) if no two share a region.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(max(0.0, entropy(shares.mean(axis=0)) - entropy(shares).mean()))


def correlation_ratio(values: np.ndarray, groups: np.ndarray) -> float:
    """Eta squared: the share of the variance of `values` that lies between the groups; 0 for constant values.

    Args:
        values: (documents,) numbers.
        groups: (documents,) integer group of each.
    """
    centred = values - values.mean()
    total = float(centred @ centred)
    if total <= np.finfo(float).eps * float(values @ values):
        return 0.0
    sizes = np.bincount(groups)
    sums = np.bincount(groups, weights=centred)
    occupied = sizes > 0
    return float((sums[occupied] ** 2 / sizes[occupied]).sum() / total)


def explained_by_regions(values: np.ndarray, codes: np.ndarray) -> list[float]:
    """Eta squared of a document's number by its region, for each layer.

    Args:
        values: (documents,) numbers, such as 1/L of the texts' lengths.
        codes: (documents, layers) integer code of each document's region.
    """
    return [correlation_ratio(values, layer) for layer in codes.T]


def explained_by_chance(codes: np.ndarray) -> list[float]:
    """What the regions of each layer explain of random numbers: one less than them over one less than the documents.

    Args:
        codes: (documents, layers) integer code of each document's region.
    """
    return [(np.count_nonzero(np.bincount(layer)) - 1) / (len(codes) - 1) for layer in codes.T]
