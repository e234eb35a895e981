"""Exact intervals of odds ratios, given the margins: Fisher's noncentral hypergeometric distribution, by tails.

With the margins fixed, a count k has the probability m_k ψ^k / Σ m ψ^k, m its probability under the null and ψ the odds
ratio (Fisher 1935; Cornfield 1956). The ends of an interval are the ψ at which a count as large, or as small, as the
one seen has the probability `tail`: a central interval of level 1 − 2 tail or more, which contains 1 only if
neither one-sided test rejects at `tail`.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from mri_core.statistics.exact import LEAST, least, padded

REACH = 12.0  # standard deviations from the observed count: counts beyond have no weight at an interval's end
ROUNDS = 60
CLOSE = 1e-9  # of log odds
STRIDE = 20.0  # of log odds in a round


def exact_intervals(
    count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """(tests,) lower and upper log odds ratios of a category against the rest; infinite if the margins set no end.

    Args:
        count: documents of the category that have it; integers, as all of these, (tests,) each.
        total: documents that have it.
        size: documents of the category.
        population: all documents.
        tail: probability beyond either end.
    """
    first, last = least(total, size, population), np.minimum(total, size)
    others = total - count, size - count, population - size - total + count
    near = 1 / sum(1 / (cell + 1.0) for cell in (count, *others))
    reach = np.ceil(REACH * np.sqrt(near) + 2 * REACH).astype(np.int64)
    low, high = np.maximum(first, count - reach), np.minimum(last, count + reach)
    log_factorial = gammaln(np.arange(int(population.max(initial=0)) + 2) + 1.0)
    begins, ends = np.empty((2, len(count)))
    for rows, width in padded(high - low + 1):
        step = low[rows][:, None] + np.arange(width)
        inside = step <= high[rows][:, None]
        k, n, s, everyone = np.where(inside, step, low[rows][:, None]), *_columns(rows, total, size, population)
        mass = -log_factorial[k] - log_factorial[s - k] - log_factorial[n - k] - log_factorial[everyone - s - n + k]
        begins[rows], ends[rows] = intervals_of(np.where(inside, mass, -np.inf), (count - low)[rows], tail)
    return np.where(count == first, -np.inf, begins), np.where(count == last, np.inf, ends)


def intervals_of(log_mass: np.ndarray, place: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """(tests,) lower and upper log odds, of consecutive counts with null distributions known up to a factor.

    Args:
        log_mass: (tests, counts) log of the null's mass on each; −∞ where there is no such count.
        place: (tests,) which of them was observed.
        tail: probability beyond either end.
    """
    steps = np.arange(log_mass.shape[1]) - place[:, None]
    begins = _root(log_mass, steps, steps >= 0, tail)
    return begins, -_root(log_mass, -steps, steps <= 0, tail)


def tails(count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """(tests,) the smaller one-sided p under the null: of a count as large as observed, or as small."""
    from scipy.stats import hypergeom

    above = hypergeom.sf(count - 1, population, total, size)
    return np.clip(np.minimum(above, hypergeom.cdf(count, population, total, size)), LEAST, 1)


def _columns(rows: np.ndarray, *parts: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(part[rows][:, None] for part in parts)


def _root(log_mass: np.ndarray, steps: np.ndarray, beyond: np.ndarray, tail: float) -> np.ndarray:
    """(tests,) θ at which the mass `beyond`, each count weighted by exp(θ steps), is `tail` of all.

    The log of that share is concave in θ, as masses with one peak and no gap are: Newton's steps come from below after
    the first. Where nothing lies outside `beyond` there is no root.
    """
    theta = np.zeros(len(log_mass))
    going = np.flatnonzero((~beyond & np.isfinite(log_mass)).any(axis=1))
    for _ in range(ROUNDS):
        if not len(going):
            break
        weighted = log_mass[going] + theta[going, None] * steps[going]
        weights = np.exp(weighted - weighted.max(axis=1, keepdims=True))
        own = np.where(beyond[going], weights, 0)
        whole, part = weights.sum(axis=1), np.maximum(own.sum(axis=1), LEAST)
        slope = (own * steps[going]).sum(axis=1) / part - (weights * steps[going]).sum(axis=1) / whole
        missing = np.log(tail) - np.log(part / whole)
        change = np.clip(missing / np.maximum(slope, CLOSE), -STRIDE, STRIDE)
        theta[going] += change
        going = going[np.abs(change) > CLOSE]
    return theta
