"""How large a difference is: log odds against the other categories', with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from mri_core.statistics.counts import Part

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

    Args:
        sizes: (populations, categories) documents of each.
    """

    def __init__(self, sizes: np.ndarray) -> None:
        present = sizes > 0
        others = np.maximum(present.sum(axis=1) - 1.0, 0)
        self.sizes = sizes
        self.nobody = log_odds(np.zeros_like(sizes), sizes)
        self.together = Effects(*(np.where(present, zero, 0).sum(axis=1) for zero in self.nobody))
        self.weight = np.divide(1, others, out=np.full(len(others), np.nan), where=others > 0)

    def of(self, part: Part) -> Effects:
        """(rows,) effects of some items' rows."""
        cell = part.population[part.item] * self.sizes.shape[1] + part.category
        own = log_odds(part.count, self.sizes.ravel()[cell])
        together = (
            whole[part.population] + np.bincount(part.item, mine - zero.ravel()[cell], len(part.population))
            for mine, zero, whole in zip(own, self.nobody, self.together, strict=True)
        )
        weight = self.weight[part.population]
        effects, variances = (total * by for total, by in zip(together, (weight, weight**2), strict=True))
        weights = weight[part.item]
        effect = own.effect * (1 + weights) - effects[part.item]
        return Effects(effect, own.variance * (1 - weights**2) + variances[part.item])


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
