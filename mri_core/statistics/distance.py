"""Distance of counts from their expectation, also for non-integer counts: weighted documents, within strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SURE = 1e-12  # a smaller variance, or expectation, comes from rounding
ANSCOMBE = 3 / 8


class Moments(NamedTuple):
    """Counts of each level summed over strata, how far they are from their mean, and their variance: (…, levels)."""

    seen: np.ndarray
    apart: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class Margins:
    """Margins that permutations of the labels preserve, (items, strata, 1).

    Attributes:
        total: documents, or their weights, of all levels that have an item.
        population: those that could have it.
    """

    total: np.ndarray
    population: np.ndarray

    @classmethod
    def of(cls, count: np.ndarray, size: np.ndarray) -> Margins:
        """The margins of counts (items, strata, levels) among `size`."""
        return cls(count.sum(axis=-1, keepdims=True), size.sum(axis=-1, keepdims=True))

    def moments(self, count: np.ndarray, size: np.ndarray) -> Moments:
        """The hypergeometric mean and variance of each level against the rest, strata added up.

        They are those of Mantel and Haenszel's test (1959), n X/N and n (N − n) X (N − X)/(N² (N − 1)).

        Args:
            count, size: (…, items, strata, levels) documents, or weights, that have an item, and that could.
        """
        there = self.population > 0
        share = np.divide(self.total, self.population, out=np.zeros(there.shape), where=there)
        several = self.population > 1
        each = np.divide(share * (1 - share), self.population - 1, out=np.zeros(there.shape), where=several)
        seen, apart, variance = count, count - size * share, size * (self.population - size) * each
        return Moments(
            *(part[..., 0, :] if there.shape[1] == 1 else part.sum(axis=-2) for part in (seen, apart, variance))
        )

    def distance(self, of: Moments) -> np.ndarray:
        """(…, items, levels) distance of a count from its expectation: nearly χ² with one degree of freedom.

        4 Σ (√(O + ⅜) − √(E + ⅜))² over what the level has of the total and what the others have (Anscombe 1948), times
        the binomial variance over the hypergeometric one. Unlike z² it does not overstate the rarity of small and
        unbalanced counts.
        """
        total = self.total.sum(axis=1)
        expected = of.seen - of.apart
        rest, rest_expected = total - of.seen, total - expected
        far = _transformed(of.seen, expected) + _transformed(rest, rest_expected)
        scale = 4 * expected * rest_expected / np.maximum(of.variance * total, SURE)
        return np.asarray(far * (scale * (of.variance > SURE)))


def _transformed(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.square(np.sqrt(np.maximum(seen, 0) + ANSCOMBE) - np.sqrt(np.maximum(expected, 0) + ANSCOMBE))
