"""How large a difference is: log odds against the other categories', with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from mri_core.statistics.counts import Part
from mri_core.statistics.item_tests import ItemTests

ADDED = 0.5  # to both cells of every category, always: a count of 0 has log odds, and the bias is of higher order


class Effects(NamedTuple):
    """Log odds of a category minus the mean of the others' (of two categories the log odds ratio), and variance.

    Not a number where no other category is there.
    """

    effect: np.ndarray
    variance: np.ndarray


def log_odds(count: np.ndarray, size: np.ndarray) -> Effects:
    """Log odds that a category's document has it, and their variance."""
    having, lacking = count + ADDED, size - count + ADDED
    return Effects(np.log(having / lacking), 1 / having + 1 / lacking)


def effects(count: np.ndarray, size: np.ndarray, left: np.ndarray, design: np.ndarray | None = None) -> Effects:
    """Effects of the categories that are left, each against the others that are.

    Args:
        count, size: (items, categories) documents that have it, and all documents.
        left: (items, categories) which categories are compared; the others' effects mean nothing.
        design: (items, categories) what the variance of log odds is multiplied by; None for independent documents.
    """
    odds, variance = log_odds(count, size)
    return against_others(odds, variance if design is None else variance * design, left)


def against_others(value: np.ndarray, variance: np.ndarray, left: np.ndarray) -> Effects:
    """(items, categories) values minus the mean of the others that are left, and the variance of that."""
    own = Effects(value, variance)
    sums = (np.where(left, part, 0).sum(axis=1, keepdims=True) for part in own)
    return _against(own, Effects(*sums), left.sum(axis=1, keepdims=True))


class RowEffects:
    """Effects of rows in long form, each category against all others in its population; counts of 0 are among them.

    As the tests, log odds are worked out once for each distinct count of a category, and spread over the rows.

    Args:
        tests: of the items.
    """

    def __init__(self, tests: ItemTests) -> None:
        null, sizes = tests.null, tests.size
        size = np.zeros(len(null.low), dtype=np.int64)
        size[tests.test] = sizes
        lengths = np.diff(null.start)
        count = np.arange(len(null.p)) - np.repeat(null.start[:-1] - null.low, lengths)
        nobody = log_odds(np.zeros_like(size), size)
        self.key = tests.key
        self.own = log_odds(count, np.repeat(size, lengths))
        self.beyond = Effects(*(own - np.repeat(zero, lengths) for own, zero in zip(self.own, nobody, strict=True)))
        self.nobody = Effects(*(np.where(sizes > 0, zero[tests.test], 0).sum(axis=1) for zero in nobody))
        others = np.maximum((sizes > 0).sum(axis=1) - 1.0, 0)
        self.weight = np.divide(1, others, out=np.full(len(others), np.nan), where=others > 0)

    def of(self, part: Part, cells: np.ndarray) -> Effects:
        """(rows,) effects of some items' rows, whose counts stand at these cells of the null distributions."""
        key = self.key[part.items]
        weight = self.weight[key]
        together = (
            nobody[key] + np.add.reduceat(beyond[cells], part.starts)
            for nobody, beyond in zip(self.nobody, self.beyond, strict=True)
        )
        effect, variance = (value[cells] for value in self.own)
        weights = weight[part.item]
        all_effects, all_variances = (total * by for total, by in zip(together, (weight, weight**2), strict=True))
        return Effects(
            effect * (1 + weights) - all_effects[part.item],
            variance * (1 - weights**2) + all_variances[part.item],
        )


def intervals(found: Effects, level: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Wald intervals: from and to."""
    reach = -ndtri((1 - np.asarray(level)) / 2) * np.sqrt(found.variance)
    return found.effect - reach, found.effect + reach


def listed_level(passed: int, tests: int, alpha: float) -> float:
    """Level of the intervals of what is listed because it passed, 1 − α R / m (Benjamini and Yekutieli 2005).

    Of everything listed, no more than α of the intervals then miss on average.
    """
    return 1 - alpha * passed / tests if passed else 1 - alpha


def _against(own: Effects, sums: Effects, compared: np.ndarray) -> Effects:
    others = np.where(compared > 1, compared - 1, np.nan)
    effect = own.effect - (sums.effect - own.effect) / others
    return Effects(effect, own.variance + (sums.variance - own.variance) / others**2)
