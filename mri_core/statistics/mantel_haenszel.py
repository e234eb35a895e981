"""One factor with another held: crossed labels, such as topic × register, tested level by level within strata."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from mri_core.statistics.counts import Counts
from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.effects import ADDED, Effects
from mri_core.statistics.exact import NullTests, conditional, least, masses
from mri_core.statistics.families import ALPHA, Draws, q_values
from mri_core.statistics.fdr import Method, check_draws, check_method
from mri_core.statistics.item_tests import ItemTests, shared_p
from mri_core.statistics.naming import Compare, Compared


class Crossing(NamedTuple):
    """How the categories of a study cross two factors.

    Attributes:
        level: (categories,) level of the factor that is tested, counted from 0.
        stratum: (categories,) level of the factor, or of all other factors together, that is held.
    """

    level: np.ndarray
    stratum: np.ndarray

    def spread(self, counts: np.ndarray) -> np.ndarray:
        """(…, strata, levels) of (…, categories)."""
        strata, levels = int(self.stratum.max()) + 1, int(self.level.max()) + 1
        there = np.zeros((counts.shape[-1], strata * levels), dtype=np.int64)
        there[np.arange(len(there)), self.stratum * levels + self.level] = 1
        return (counts @ there).reshape(*counts.shape[:-1], strata, levels)


def find_factor(
    counts: Counts,
    crossing: Crossing,
    fdr: Method = "discrete",
    alpha: float = ALPHA,
    draws: Draws | None = None,
    grouped: bool = False,
) -> DenseFindings:
    """Tests every item of a family for one factor, its levels compared within the strata of the other.

    Args:
        counts: of the crossed categories.
        crossing: which level and stratum each category is.
        fdr, alpha, grouped: as of `find_differences`.
        draws: counts (permutations, items, categories) after permutations of the labels within strata.

    Returns:
        findings (items, levels); effects are common log odds ratios.
    """
    check_method(fdr, grouped)
    check_draws(fdr, grouped, draws is not None)
    dense = counts.dense(np.arange(len(counts.population)))
    count, size = crossing.spread(dense), crossing.spread(counts.sizes)[counts.population]
    tests = _stratified_tests(count.sum(axis=2), size)
    p = tests.dense_items(count.sum(axis=1))
    drawn = (tests.dense_items(crossing.spread(draw).sum(axis=-2)) for draw in (draws() if draws else ()))
    q = q_values(p, tests, fdr, drawn, grouped)
    return dense_findings(p, q, size.sum(axis=1) > 0, within_strata(count, size), alpha)


def within_strata(count: np.ndarray, size: np.ndarray) -> Compare:
    """Compares each level with the others that are left, within strata.

    Args:
        count, size: (items, strata, levels) documents that have it, and all documents there could be.
    """

    def compare(items: np.ndarray, left: np.ndarray) -> Compared:
        own, everyone = (np.where(left[:, None], part[items], 0) for part in (count, size))
        total, population = own.sum(axis=2, keepdims=True), everyone.sum(axis=2, keepdims=True)
        chance = np.divide(everyone * total, population, out=np.zeros(everyone.shape), where=population > 0)
        more = np.sign(np.round((own - chance).sum(axis=1), 9)).astype(np.int8)
        found = common_log_odds(own, everyone, total, population)
        return Compared(stratified_p(own, everyone), *found, more)

    return compare


def common_log_odds(count: np.ndarray, size: np.ndarray, total: np.ndarray, population: np.ndarray) -> Effects:
    """Log of Mantel and Haenszel's common odds ratio (1959), with the variance of Robins, Breslow and Greenland (1986).

    Where it would be infinite half a document is added to each cell of each stratum.

    Args:
        count, size: (items, strata, levels) documents of the level.
        total, population: (items, strata, 1) of all levels together.
    """
    cells = np.stack([count, size - count, total - count, population - size - (total - count)]).astype(float)
    empty = (cells[0] * cells[3]).sum(axis=1) * (cells[1] * cells[2]).sum(axis=1) == 0
    compared = (size > 0) & (size < population)
    a, b, c, d = (cells + ADDED * empty[:, None]) * compared
    everyone = np.where(compared, a + b + c + d, 1)
    same, other = (a + d) / everyone, (b + c) / everyone
    for_it, against = a * d / everyone, b * c / everyone
    r, s = (np.where(part.sum(axis=1) > 0, part.sum(axis=1), np.nan) for part in (for_it, against))
    variance = (same * for_it).sum(axis=1) / (2 * r**2) + (other * against).sum(axis=1) / (2 * s**2)
    variance += (same * against + other * for_it).sum(axis=1) / (2 * r * s)
    return Effects(np.log(r / s), variance)


def stratified_p(count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(items, levels) exact p of each level against the others within strata: of all ways to have as many in each."""
    total = np.broadcast_to(count.sum(axis=2, keepdims=True), count.shape)
    population = np.broadcast_to(size.sum(axis=2, keepdims=True), count.shape)
    margins = np.stack([total, size, population], axis=1).transpose(0, 3, 1, 2).reshape(-1, 3 * count.shape[1])
    distinct, test = np.unique(margins, axis=0, return_inverse=True)
    null = _convolved(distinct.reshape(len(distinct), 3, count.shape[1]))
    return null.p_values(test.ravel(), count.sum(axis=1).ravel()).reshape(count.shape[0], count.shape[2])


def _stratified_tests(total: np.ndarray, size: np.ndarray) -> ItemTests:
    """The exact tests of all items.

    Args:
        total: (items, strata) documents that have it.
        size: (items, strata, levels).
    """
    margins = np.concatenate([total[:, :, None], size], axis=2)
    keys, key = np.unique(margins.reshape(len(margins), -1), axis=0, return_inverse=True)
    keys = keys.reshape(len(keys), *margins.shape[1:])
    total, size = np.broadcast_arrays(keys[:, :, :1], keys[:, :, 1:])
    population = np.broadcast_to(size.sum(axis=2, keepdims=True), size.shape)
    by_level = np.stack([total, size, population], axis=1).transpose(0, 3, 1, 2)
    null = _convolved(by_level.reshape(-1, 3, size.shape[1]))
    return shared_p(null, np.arange(len(null.low)).reshape(len(keys), -1), key.ravel(), size.sum(axis=1))


def _convolved(margins: np.ndarray) -> NullTests:
    """The null distribution of counts summed over strata.

    Args:
        margins: (tests, 3, strata) total, size and population of each.
    """
    tests, _, strata = margins.shape
    total, size, population = margins.transpose(1, 0, 2).reshape(3, -1)
    parts = masses(total, size, population)
    summed = [reduce(np.convolve, parts[test * strata : (test + 1) * strata]) for test in range(tests)]
    return conditional(least(total, size, population).reshape(tests, strata).sum(axis=1), summed)
