"""How large a difference is: the log odds ratio of a category against all others that it is compared with, together."""

from __future__ import annotations

import numpy as np

PRIOR = 1.0  # documents on each side that have an item as often as all documents together do


def log_odds_ratio(count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Log odds ratio of a category against the others together, drawn towards 0 as by one document on either side.

    The document has the item as often as all have it together, so that both sides weigh it by their size: the effect is
    finite, has the sign of the difference of shares whatever the sizes, and 0 where they are equal. A prior worth one
    observation is that of Kass and Wasserman (1995). Not a number where a side has no document.

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
    """Level of the intervals of what is named, so that none of them holds an odds ratio of 1.

    That of what is listed because it passed is 1 − α R / m (Benjamini and Yekutieli 2005). Tests of counts select by
    their own attainable p, which may lie above it: then it is that of the least extreme name.

    Args:
        passed, tests: R and m.
        alpha: the rate that q is held to.
        tails: (names,) one-sided p of each.
    """
    if not passed:
        return 1 - alpha
    return 1 - max(alpha * passed / tests, 2 * float(tails.max(initial=0)))
