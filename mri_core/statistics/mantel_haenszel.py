"""One factor with another held constant: crossed labels, such as topic × register, tested by level within strata."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from mri_core.records.measures import ALPHA
from mri_core.statistics.conditional import intervals_of
from mri_core.statistics.counts import Counts
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.effects import PRIOR
from mri_core.statistics.exact import LEAST, NullTests, conditional, least, masses
from mri_core.statistics.families import Draws, q_values
from mri_core.statistics.fdr import Method, check_draws, check_method
from mri_core.statistics.item_tests import ItemTests, shared_p
from mri_core.statistics.naming import Cells, Compared


def find_factor(
    counts: Counts,
    crossing: Crossing,
    fdr: Method = "discrete",
    alpha: float = ALPHA,
    draws: Draws | None = None,
) -> DenseFindings:
    """Tests every item of a family for one factor, its levels compared within the strata of the other.

    Documents are independent; documents in groups are tested by `grouped.find_grouped`.

    Args:
        counts: of the crossed categories.
        crossing: level and stratum of each category.
        fdr, alpha: as of `find_differences`.
        draws: counts (permutations, items, categories) after permutations of the labels within strata, for `fwer`.

    Returns:
        findings (items, levels); effects are common log odds ratios.
    """
    check_method(fdr, grouped=False)
    check_draws(fdr, draws is not None)
    dense = counts.dense(np.arange(len(counts.population)))
    count, size = crossing.spread(dense), crossing.spread(counts.sizes)[counts.population]
    tests = _stratified_tests(count.sum(axis=2), size)
    p = tests.dense_items(count.sum(axis=1))
    drawn = (tests.dense_items(crossing.spread(draw).sum(axis=-2)) for draw in (draws() if draws else ()))
    q = q_values(p, tests, fdr, drawn)
    return dense_findings(p, q, size.sum(axis=1) > 0, WithinStrata(count, size), alpha)


class WithinStrata:
    """Compares each level with the others that are left, within strata.

    Args:
        count, size: (items, strata, levels) documents that have it, and that could have it.
    """

    def __init__(self, count: np.ndarray, size: np.ndarray) -> None:
        self.count, self.size = count, size

    def of(self, items: np.ndarray) -> WithinStrata:
        """As `naming.Comparison`."""
        return WithinStrata(self.count[items], self.size[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `naming.Comparison`."""
        own, everyone = (np.where(left[:, None], part[items], 0) for part in (self.count, self.size))
        return self.effects(items, left)._replace(p=stratified_p(own, everyone))

    def effects(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `naming.Comparison`."""
        own, everyone = (np.where(left[:, None], part[items], 0) for part in (self.count, self.size))
        total, population = own.sum(axis=2, keepdims=True), everyone.sum(axis=2, keepdims=True)
        chance = np.divide(everyone * total, population, out=np.zeros(everyone.shape), where=population > 0)
        more = np.sign(np.round((own - chance).sum(axis=1), 9)).astype(np.int8)
        effect = common_log_odds(own, everyone, total, population)
        return Compared(np.ones(effect.shape), effect, more)

    def effects_of(self, cells: Cells) -> np.ndarray:
        """As `naming.Comparison`."""
        return self.effects(cells.item, cells.left).effect[np.arange(len(cells.item)), cells.category]

    def tails(self, cells: Cells) -> np.ndarray:
        """As `naming.Comparison`."""
        mass, place = self._null(cells)
        up_to, own = np.cumsum(mass, axis=1), np.arange(len(place))
        above = 1 - up_to[own, place] + mass[own, place]
        return np.clip(np.minimum(above, up_to[own, place]), LEAST, 1)

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `naming.Comparison`, for the common odds ratio of the strata."""
        mass, place = self._null(cells)
        low, high = intervals_of(np.log(mass, out=np.full(mass.shape, -np.inf), where=mass > 0), place, tail)
        last = mass.shape[1] - 1 - np.argmax(mass[:, ::-1] > 0, axis=1)
        return np.where(place == 0, -np.inf, low), np.where(place == last, np.inf, high)

    def _null(self, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
        """(rows, counts) the null's masses from the smallest possible count, and the index of the observed count."""
        own, everyone = (np.where(cells.left[:, None], part[cells.item], 0) for part in (self.count, self.size))
        row, total, population = np.arange(len(own)), own.sum(axis=2), everyone.sum(axis=2)
        size = everyone[row, :, cells.category]
        low, masses = _summed(np.stack([total, size, population], axis=1))
        mass = np.zeros((len(masses), max(map(len, masses), default=1)))
        for values, line in zip(masses, mass, strict=True):
            line[: len(values)] = values
        return mass, own[row, :, cells.category].sum(axis=1) - low


def common_log_odds(count: np.ndarray, size: np.ndarray, total: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Log of Mantel and Haenszel's common odds ratio (1959).

    If it would be infinite, each stratum has the prior of `effects.log_odds_ratio`, which preserves the difference of
    the two sums, and so the sign.

    Args:
        count, size: (items, strata, levels) documents of the level.
        total, population: (items, strata, 1) of all levels together.
    """
    return _common((count, size, total, population), lambda strata: strata.sum(axis=1), lambda items: items[:, None])


def common_log_odds_in_rows(item: np.ndarray, items: int, count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(items, levels) the same where an item has few of very many strata, a row each.

    Args:
        item: (rows,) of each row, counted from 0.
        items: their number.
        count, size: (rows, levels) documents of the level. Strata in which no document has the item add nothing.
    """

    def summed(rows: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(item, own, items) for own in rows.T], axis=1)

    margins = (part.sum(axis=1, keepdims=True) for part in (count, size))
    return _common((count, size, *margins), summed, lambda of_items: of_items[item])


def _common(
    counts: Sequence[np.ndarray],
    summed: Callable[[np.ndarray], np.ndarray],
    spread: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """`common_log_odds` with a sum over strata, and with what gives strata a number of their item."""
    count, size, total, population = counts
    compared = (size > 0) & (size < population)
    cells = count, size - count, total - count, population - size - (total - count)
    empty = summed(cells[0] * cells[3]) * summed(cells[1] * cells[2]) == 0
    prior = PRIOR * spread(empty)
    share = np.divide(total, population, out=np.zeros(population.shape), where=population > 0)
    a, b, c, d = (own + prior * part for own, part in zip(cells, (share, 1 - share, share, 1 - share), strict=True))
    everyone = np.maximum(population + 2 * prior, 1)
    r, s = (summed(np.where(compared, part / everyone, 0)) for part in (a * d, b * c))
    there = summed(compared) > 0
    ratio = np.divide(r, s, out=np.ones(r.shape), where=(r > 0) & (s > 0))
    return np.where(there, np.log(ratio), np.nan)


def stratified_p(count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(items, levels) exact p of each level against the others within strata, given the margins of each stratum."""
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
    return conditional(*_summed(margins))


def _summed(margins: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The smallest count of each test, and the masses from there."""
    tests, _, strata = margins.shape
    total, size, population = margins.transpose(1, 0, 2).reshape(3, -1)
    parts = masses(total, size, population)
    summed = [reduce(np.convolve, parts[test * strata : (test + 1) * strata]) for test in range(tests)]
    return least(total, size, population).reshape(tests, strata).sum(axis=1), summed
