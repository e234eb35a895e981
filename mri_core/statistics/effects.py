"""Effect sizes: the log odds ratio of a category against the others that it is compared with, pooled."""

from __future__ import annotations

import numpy as np

PRIOR = 1.0  # pseudo-documents added to each side, which have the item at the pooled rate


def log_odds_ratio(count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Log odds ratio of a category against the others pooled, shrunk towards 0 by one pseudo-document on either side.

    The pseudo-document has the item at the pooled rate: the effect is finite, has the sign of the difference of shares
    whatever the sizes, and is 0 if they are equal. A prior worth one observation is that of Kass and Wasserman (1995).
    NaN if a side has no document.

    Args:
        count: documents of the category that have it; of one shape, as all of these.
        total: documents that have it.
        size: documents of the category.
        population: all documents.
    """
    share = PRIOR * total / np.maximum(population, 1)
    having, others_having = count + share, total - count + share
    lacking, others_lacking = size + PRIOR - having, population - size + PRIOR - others_having
    there = (size > 0) & (size < population) & (having > 0) & (lacking > 0)
    ratio = np.divide(having * others_lacking, lacking * others_having, out=np.ones(np.shape(there)), where=there)
    return np.where((size > 0) & (size < population), np.log(ratio), np.nan)


def agreeing_level(passed: int, tests: int, alpha: float, tails: np.ndarray) -> float:
    """Level of the confidence intervals of named categories, so that none of them contains an odds ratio of 1.

    For selected effects it is 1 − α R / m (Benjamini and Yekutieli 2005). Discrete tests select by their attainable p,
    which may lie above α R / m: then the least extreme name sets the level.

    Args:
        passed, tests: R and m.
        alpha: the largest q that passes.
        tails: (names,) one-sided p of each.
    """
    if not passed:
        return 1 - alpha
    return 1 - max(alpha * passed / tests, 2 * float(tails.max(initial=0)))
