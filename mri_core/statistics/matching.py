"""Matches the regions of two maps by the documents that they share."""

from __future__ import annotations

import numpy as np


def matched(codes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(documents,) the other codes, with matched regions renumbered as in the first map.

    Regions are matched one to one, so that matched regions share as many documents as possible (Kuhn 1955). Unmatched
    regions have numbers that the first map does not use.

    Args:
        codes: (documents,) region of each in one map.
        others: in another.
    """
    from scipy.optimize import linear_sum_assignment

    old, first = np.unique(codes, return_inverse=True)
    new, second = np.unique(others, return_inverse=True)
    shared = np.bincount(first * len(new) + second, minlength=len(old) * len(new)).reshape(len(old), len(new))
    name = old[-1] + 1 + np.arange(len(new))
    ours, theirs = linear_sum_assignment(shared, maximize=True)
    there = shared[ours, theirs] > 0
    name[theirs[there]] = old[ours[there]]
    return name[second]
