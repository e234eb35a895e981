"""Fisher's exact test, two-sided by likelihood, worked out once for each distinct table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

TIE = 1e-7  # relative: probabilities as near as this count as equal, as in R; rounding parts equal ones by up to 1e-10
LEAST = float(np.finfo(float).tiny)  # what underflows is not impossible
CELLS = 1 << 18  # of a padded matrix that is worked on at once: it fits the processor's cache


@dataclass(frozen=True)
class NullTests:
    """The null distributions of some tests: documents of a category among those that have something.

    Test t draws `total` of `population` documents, of which `size` are the category's; counts run from `low`. Ragged
    arrays: what belongs to test t and count a stands at `start[t] + a - low[t]`.

    Attributes:
        start: (tests + 1,) where each test begins.
        low: (tests,) the smallest count there can be.
        p: (cells,) two-sided p of each count.
        mass: (cells,) probability of each count.
    """

    start: np.ndarray
    low: np.ndarray
    p: np.ndarray
    mass: np.ndarray

    def p_values(self, test: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Two-sided p of each test's count."""
        return self.p[(self.start[:-1] - self.low)[test] + count]


def fisher(count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Fisher's exact p of a category against the rest, two-sided: all tables that are no likelier than this one.

    Args:
        count: documents of the category that have it; integers, as all of these, of one shape.
        total: documents that have it.
        size: documents of the category.
        population: all documents.
    """
    shape = np.broadcast_shapes(*(np.shape(part) for part in (count, total, size, population)))
    parts = (np.broadcast_to(part, shape).ravel() for part in (total, size, population))
    distinct, test = np.unique(np.stack(list(parts)), axis=1, return_inverse=True)
    counts = np.broadcast_to(count, shape).ravel()
    return null_tests(*distinct).p_values(test.ravel(), counts).reshape(shape)


def null_tests(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> NullTests:
    """The null distribution of each test, (tests,) integers each."""
    low = np.maximum(0, total + size - population)
    start = np.concatenate([[0], np.cumsum(np.minimum(total, size) - low + 1)])
    p, mass = np.empty(start[-1]), np.empty(start[-1])
    log_factorial = gammaln(np.arange(int(population.max(initial=0)) + 2) + 1.0)
    for tests, width in padded(np.diff(start)):
        step = np.arange(width)
        inside = step < np.diff(start)[tests][:, None]
        count = low[tests][:, None] + np.where(inside, step, 0)
        n, k, everyone = (part[tests][:, None] for part in (total, size, population))
        log = -log_factorial[count] - log_factorial[k - count] - log_factorial[n - count]
        log -= log_factorial[everyone - k - n + count]
        likely = np.where(inside, np.exp(log - log.max(axis=1, keepdims=True)), 0)
        likely /= likely.sum(axis=1, keepdims=True)
        place = (start[tests][:, None] + step)[inside]
        p[place], mass[place] = _by_likelihood(likely)[inside], likely[inside]
    return NullTests(start, low, p, mass)


def conditional(low: np.ndarray, masses: list[np.ndarray]) -> NullTests:
    """Tests of other counts with a distribution that has one peak.

    Args:
        low: (tests,) the smallest count of each.
        masses: of each the probabilities of the counts from there.
    """
    lengths = np.array([len(mass) for mass in masses], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(lengths)])
    mass = np.concatenate(masses) if masses else np.empty(0)
    p = np.empty(len(mass))
    for tests, width in padded(lengths):
        inside = np.arange(width) < lengths[tests][:, None]
        place = (start[tests][:, None] + np.arange(width))[inside]
        likely = np.zeros(inside.shape)
        likely[inside] = mass[place]
        p[place] = _by_likelihood(likely)[inside]
    return NullTests(start, low, p, mass)


def padded(lengths: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Rows of a ragged array in groups of like length, so that each makes a matrix: the rows and the matrix's width."""
    width = 1 << np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.int64)
    order = np.argsort(width, kind="stable")
    for wide in np.unique(width).tolist():
        rows = order[np.searchsorted(width[order], wide) : np.searchsorted(width[order], wide, side="right")]
        at_once = max(1, CELLS // wide)
        yield from ((rows[first : first + at_once], wide) for first in range(0, len(rows), at_once))


def _by_likelihood(mass: np.ndarray) -> np.ndarray:
    """Two-sided p of each column's count, by row.

    The distributions have one peak, so that no more than two counts are equally likely: neighbours in order.
    """
    order = np.argsort(mass, axis=1)
    rising = np.take_along_axis(mass, order, axis=1)
    below = np.cumsum(rising, axis=1)
    tied = rising[:, 1:] <= rising[:, :-1] * (1 + TIE)
    below[:, :-1] = np.where(tied, below[:, 1:], below[:, :-1])
    p = np.empty_like(below)
    np.put_along_axis(p, order, np.clip(below, LEAST, 1), axis=1)
    return p
