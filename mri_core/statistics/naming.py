"""Which categories differ on a connection that passed: step-down naming."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import ndtri

from mri_core.statistics.conditional import exact_intervals, tails
from mri_core.statistics.effects import log_odds_ratio
from mri_core.statistics.exact import fisher
from mri_core.statistics.item_tests import EQUAL

NEARLY = 10.0  # times the smallest p: up to there a category explains a difference nearly as well


class Compared(NamedTuple):
    """Each category against the others that are compared, (items, categories); undefined for those not compared.

    Attributes:
        p: two-sided.
        effect: effect size, whose sign is the direction of the difference.
        more: 1 if the category has more than the others, -1 less, 0 equally many.
    """

    p: np.ndarray
    effect: np.ndarray
    more: np.ndarray


class Cells(NamedTuple):
    """Some comparisons: (rows,) numbers of item and category, (rows, categories) which were compared."""

    item: np.ndarray
    category: np.ndarray
    left: np.ndarray

    def of(self, rows: np.ndarray) -> Cells:
        """A selection of rows."""
        return Cells(*(part[rows] for part in self))


class Comparison(Protocol):
    """Compares categories on items."""

    def of(self, items: np.ndarray) -> Comparison:
        """The comparison of some items alone, renumbered."""

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """Each category that is left on some items against the others that are left, (items, categories)."""

    def tails(self, cells: Cells) -> np.ndarray:
        """(rows,) the smaller one-sided p of some comparisons, at most their two-sided p."""

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """(rows,) ends of the effects, with a probability of `tail` beyond each; infinite if there is no end."""


class WithEffects(Comparison, Protocol):
    """A comparison whose effects can be computed without its tests."""

    def of(self, items: np.ndarray) -> WithEffects:
        """The comparison of some items alone, renumbered."""

    def effects(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `against_the_rest` without p, which is 1 throughout."""

    def effects_of(self, cells: Cells) -> np.ndarray:
        """(rows,) effects of some comparisons."""


class Named(NamedTuple):
    """The named categories of each item, (items, categories).

    Attributes:
        finding: 1 more than those compared with, -1 less, 0 not named.
        p, effect: against all others, or for a category named at a later step against those then left.
        step: at which it was named, counted from 0.
    """

    finding: np.ndarray
    p: np.ndarray
    effect: np.ndarray
    step: np.ndarray

    def cells(self, present: np.ndarray) -> Cells:
        """The comparisons that the names rest on, given the (items, categories) that are present."""
        item, category = np.nonzero(self.finding)
        before = (self.finding[item] != 0) & (self.step[item] < self.step[item, category][:, None])
        return Cells(item, category, present[item] & ~before)


def step_down(present: np.ndarray, threshold: float, comparison: Comparison) -> Named:
    """Names the categories of items that passed.

    The category with the smallest p is named and removed; the others are tested among themselves, and further ones
    named while p times the number of categories is at most the threshold (after Benjamini and Bogomolov 2014). If two
    are left, both are named. So one enriched category does not make all others depleted. If a second category explains
    the difference nearly as well, and nothing is found among the others without the first, the two cannot be
    distinguished: none is named.

    Args:
        present: (items, categories) which categories are present.
        threshold: largest p times the number of categories from the second name on.
        comparison: of the items.
    """
    left, several = present.copy(), present.sum(axis=1)
    named = _nothing(left.shape)
    going = np.flatnonzero(several > 1)
    waiting: Waiting | None = None
    for step in range(left.shape[1] - 1):
        if not len(going):
            break
        those = left[going]
        compared = comparison.against_the_rest(going, those)
        p, remaining = np.where(those, compared.p, np.inf), those.sum(axis=1)
        passes = (p.min(axis=1) * several[going] <= threshold) | (step == 0)
        if step == 0:
            named.p[going], named.effect[going] = compared.p, compared.effect
        elif waiting is not None:
            _name(named, waiting.of(passes), step - 1)
        chosen = those & passes[:, None] & ((remaining == 2)[:, None] | _first(p, compared.more))
        clear = (remaining == 2) | (np.partition(p, 1, axis=1)[:, 1] > NEARLY * p.min(axis=1))
        _name(named, Waiting(going, compared, chosen).of(clear), step)
        left[going] &= ~chosen
        on = passes & (remaining > 2)
        waiting = Waiting(going, compared, chosen & ~clear[:, None]).of(on)
        going = going[on]
    return named


class Waiting(NamedTuple):
    """Names of some items that are still pending: which categories, and how they compare."""

    items: np.ndarray
    compared: Compared
    chosen: np.ndarray

    def of(self, rows: np.ndarray) -> Waiting:
        """A selection of rows."""
        return Waiting(self.items[rows], Compared(*(part[rows] for part in self.compared)), self.chosen[rows])


def _nothing(shape: tuple[int, int]) -> Named:
    finding, step = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int64)
    return Named(finding, np.ones(shape), np.full(shape, np.nan), step)


def _name(named: Named, what: Waiting, step: int) -> None:
    row, category = np.nonzero(what.chosen)
    at = what.items[row], category
    for column, values in zip((named.p, named.effect, named.finding), what.compared, strict=True):
        column[at] = values[row, category]
    named.step[at] = step


class Counted:
    """Compares by Fisher's exact test, log odds ratios and exact intervals.

    Args:
        count, size: (items, categories) documents that have it, and that could have it.
    """

    def __init__(self, count: np.ndarray, size: np.ndarray) -> None:
        self.count, self.size = count, size

    def of(self, items: np.ndarray) -> Counted:
        """As `Comparison`."""
        return Counted(self.count[items], self.size[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `Comparison`."""
        own, everyone = np.where(left, self.count[items], 0), np.where(left, self.size[items], 0)
        total, population = own.sum(axis=1, keepdims=True), everyone.sum(axis=1, keepdims=True)
        return self.effects(items, left)._replace(p=fisher(own, total, everyone, population))

    def effects(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `Comparison`."""
        own, everyone = np.where(left, self.count[items], 0), np.where(left, self.size[items], 0)
        total, population = own.sum(axis=1, keepdims=True), everyone.sum(axis=1, keepdims=True)
        more = np.sign(own * population - everyone * total).astype(np.int8)
        effect = np.where(left, log_odds_ratio(own, total, everyone, population), np.nan)
        return Compared(np.ones(effect.shape), effect, more)

    def effects_of(self, cells: Cells) -> np.ndarray:
        """As `Comparison`."""
        return log_odds_ratio(*self._tables(cells))

    def tails(self, cells: Cells) -> np.ndarray:
        """As `Comparison`."""
        return tails(*self._tables(cells))

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `Comparison`."""
        return exact_intervals(*self._tables(cells), tail)

    def _tables(self, cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Count, total, size and population of each comparison."""
        count, size = (np.where(cells.left, part[cells.item], 0) for part in (self.count, self.size))
        row = np.arange(len(count))
        return count[row, cells.category], count.sum(axis=1), size[row, cells.category], size.sum(axis=1)


def test_based(effect: np.ndarray, p: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Test-based confidence limits of effects, from a two-sided p alone (Miettinen 1976).

    They contain 0 only if p is at least twice the tail.
    """
    reach = np.divide(ndtri(1 - tail), ndtri(1 - p / 2), out=np.full(len(p), np.inf), where=p < 1)
    spread = np.multiply(np.abs(effect), reach, out=np.full(len(p), np.inf), where=effect != 0)
    return effect - spread, effect + spread


def _first(p: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The category with the smallest p, as a mask; among equal ones the one that has more, then the first."""
    equal = p <= p.min(axis=1, keepdims=True) * EQUAL
    chosen = np.argmax(np.where(equal, more + 2, 0), axis=1)
    return np.arange(p.shape[1]) == chosen[:, None]
