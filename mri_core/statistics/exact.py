"""Fisher's exact test, two-sided by likelihood, computed once for each distinct table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

TIE = 1e-7  # relative: probabilities this close count as equal, as in R; rounding separates equal ones by up to 1e-10
LEAST = float(np.finfo(float).tiny)  # a probability that underflows is not 0
NONE = 760.0  # minus the log of a probability that is 0 in double precision, also relative to the largest of a test
CELLS = 1 << 16  # of a padded matrix processed at once: it fits the processor's cache


class Rising(NamedTuple):
    """The cells of some tests, each test's p in rising order.

    Attributes:
        test: (cells,) the test of each.
        place: (cells,) their indices among all cells.
        p, rise: (cells,) each p, and F(p) minus F of the p before; of equal ones the first has all.
    """

    test: np.ndarray
    place: np.ndarray
    p: np.ndarray
    rise: np.ndarray


@dataclass(frozen=True)
class NullTests:
    """The null distributions of some tests: documents of a category among those that have something.

    Test t draws `total` of `population` documents, of which `size` are the category's; counts run from `low`. Ragged
    arrays: the entry of test t and count a is at `start[t] + a - low[t]`. Counts so far from the mean that their
    probability underflows have no entry; their p is that of the first or the last one, `LEAST`.

    Attributes:
        start: (tests + 1,) where each test begins.
        low: (tests,) the smallest count with an entry.
        p: (cells,) two-sided p of each count.
    """

    start: np.ndarray
    low: np.ndarray
    p: np.ndarray

    def p_values(self, test: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Two-sided p of each test's count."""
        place = (self.start[:-1] - self.low)[test] + count
        return self.p[np.clip(place, self.start[test], self.start[test + 1] - 1)]

    def rising(self, tests: np.ndarray) -> Iterator[Rising]:
        """The null distribution of chosen tests' own p, some at a time: F(p) = p, so that p suffices."""
        for rows, inside in _matrices(np.diff(self.start)[tests]):
            place = _places(self.start[tests[rows]], inside)
            p = np.full(inside.shape, np.inf)
            p[inside] = self.p[place]
            p.sort(axis=1, kind="stable")  # of two runs, as `_by_likelihood` has them
            rise = np.diff(np.where(inside, p, 1), axis=1, prepend=0)
            yield Rising(np.repeat(tests[rows], inside.sum(axis=1)), place, p[inside], rise[inside])

    @cached_property
    def ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """(cells,) the p of each test in rising order, and by how much F rises there."""
        p, rise = np.empty((2, len(self.p)))
        for part in self.rising(np.arange(len(self.low))):
            p[part.place], rise[part.place] = part.p, part.rise
        return p, rise


def fisher(count: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Fisher's exact p of a category against the rest, two-sided: the sum over all tables no likelier than this one.

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
    low, lengths = _window(total, size, population)
    p = np.empty(lengths.sum())
    for place, inside, likely in _likelihoods(total, size, population, low, lengths):
        p[place] = _by_likelihood(likely)[inside]
    return NullTests(_starts(lengths), low, p)


def masses(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> list[np.ndarray]:
    """For each test, (tests,) integers each, the probabilities of the counts from the smallest possible one on."""
    low, lengths = _counts(total, size, population)
    mass = np.empty(lengths.sum())
    for place, inside, likely in _likelihoods(total, size, population, low, lengths):
        mass[place] = likely[inside]
    return np.split(mass, np.cumsum(lengths)[:-1])


def conditional(low: np.ndarray, masses: list[np.ndarray]) -> NullTests:
    """Tests of other counts with unimodal null distributions.

    Args:
        low: (tests,) the smallest count of each.
        masses: the probabilities of each one's counts from there on.
    """
    lengths = np.array([len(mass) for mass in masses], dtype=np.int64)
    mass = np.concatenate(masses) if masses else np.empty(0)
    p = np.empty(len(mass))
    start = _starts(lengths)
    for tests, inside in _matrices(lengths):
        place = _places(start[tests], inside)
        likely = np.zeros(inside.shape)
        likely[inside] = mass[place]
        p[place] = _by_likelihood(likely)[inside]
    return NullTests(start, low, p)


def least(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> np.ndarray:
    """(tests,) the smallest possible count."""
    return np.maximum(0, total + size - population)


def _counts(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(tests,) the smallest count of each, and how many there are."""
    low = least(total, size, population)
    return low, np.minimum(total, size) - low + 1


def _window(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(tests,) the smallest count whose probability does not underflow, and how many counts there are up to the last.

    By Bernstein's inequality, which holds for draws without replacement as for those with (Hoeffding 1963).
    """
    low, lengths = _counts(total, size, population)
    everyone = np.maximum(population, 1)
    mean = total * (size / everyone)
    variance = mean * (1 - np.maximum(size, total) / everyone)
    reach = NONE / 3 + np.sqrt((NONE / 3) ** 2 + 2 * NONE * variance)
    first = np.maximum(low, np.floor(mean - reach).astype(np.int64))
    last = np.minimum(low + lengths - 1, np.ceil(mean + reach).astype(np.int64))
    return first, last - first + 1


def _starts(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)])


def _likelihoods(
    total: np.ndarray, size: np.ndarray, population: np.ndarray, low: np.ndarray, lengths: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Probabilities of tests of similar length as a matrix, its mask of valid counts, and their indices among all.

    Args:
        total, size, population: (tests,) of each.
        low, lengths: (tests,) the first count of each, and how many there are.
    """
    log_factorial = gammaln(np.arange(int(population.max(initial=0)) + 2) + 1.0)
    start = _starts(lengths)
    for tests, inside in _matrices(lengths):
        count = low[tests][:, None] + np.where(inside, np.arange(inside.shape[1]), 0)
        n, k, everyone = (part[tests][:, None] for part in (total, size, population))
        log = -log_factorial[count] - log_factorial[k - count] - log_factorial[n - count]
        log -= log_factorial[everyone - k - n + count]
        likely = np.where(inside, np.exp(log - log.max(axis=1, keepdims=True)), 0)
        likely /= likely.sum(axis=1, keepdims=True)
        yield _places(start[tests], inside), inside, likely


def _matrices(lengths: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of a ragged array in groups of similar length: the rows, and the mask of filled cells of their matrix."""
    for rows, width in padded(lengths):
        yield rows, np.arange(width) < lengths[rows][:, None]


def _places(start: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The cells that fill a matrix whose rows begin at `start`."""
    return (start[:, None] + np.arange(inside.shape[1]))[inside]


def padded(lengths: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Rows of a ragged array in groups of similar length, each a matrix: the rows and the matrix's width."""
    width = 1 << np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.int64)
    order = np.argsort(width, kind="stable")
    for wide in np.unique(width).tolist():
        rows = order[np.searchsorted(width[order], wide) : np.searchsorted(width[order], wide, side="right")]
        at_once = max(1, CELLS // wide)
        yield from ((rows[first : first + at_once], wide) for first in range(0, len(rows), at_once))


def _by_likelihood(mass: np.ndarray) -> np.ndarray:
    """Two-sided p of each column's count, by row.

    The distributions are unimodal, so that at most two counts are equally likely: neighbours in order.
    """
    order = np.argsort(mass, axis=1, kind="stable")  # which sees the two runs: forty times as fast for long ones
    rising = np.take_along_axis(mass, order, axis=1)
    below = np.cumsum(rising, axis=1)
    tied = rising[:, 1:] <= rising[:, :-1] * (1 + TIE)
    below[:, :-1] = np.where(tied, below[:, 1:], below[:, :-1])
    p = np.empty_like(below)
    np.put_along_axis(p, order, np.clip(below, LEAST, 1), axis=1)
    return p
