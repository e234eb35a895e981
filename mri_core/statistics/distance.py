"""How far counts are from what chance gives, of counts that need not be whole: weighed documents, within strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SURE = 1e-12  # a variance, or an expectation, that is smaller comes from rounding
ANSCOMBE = 3 / 8


class Moments(NamedTuple):
    """Counts of each level summed over strata, how far they are from their mean, and their variance: (…, levels)."""

    seen: np.ndarray
    apart: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class Margins:
    """What permutations of the labels leave as it is, (items, strata, 1).

    Attributes:
        total: of all levels together, what has an item.
        population: what could have it.
    """

    total: np.ndarray
    population: np.ndarray

    @classmethod
    def of(cls, count: np.ndarray, size: np.ndarray) -> Margins:
        """Those of counts (items, strata, levels) among `size`."""
        return cls(count.sum(axis=-1, keepdims=True), size.sum(axis=-1, keepdims=True))

    def moments(self, count: np.ndarray, size: np.ndarray) -> Moments:
        """The hypergeometric mean and variance of each level against the rest, strata added up.

        They are those of Mantel and Haenszel's test (1959), n X/N and n (N − n) X (N − X)/(N² (N − 1)).

        Args:
            count, size: (…, items, strata, levels) what has an item, and what could.
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
        """(…, items, levels) how far a count is from what is expected: nearly χ² with one degree of freedom.

        4 Σ (√(O + ⅜) − √(E + ⅜))² over what the level has of the total and what the others have (Anscombe 1948), times
        the binomial variance over the hypergeometric one. Unlike z² it does not call few and lopsided counts rarer than
        they are.
        """
        total = self.total.sum(axis=1)
        expected = of.seen - of.apart
        rest, rest_expected = total - of.seen, total - expected
        far = _transformed(of.seen, expected) + _transformed(rest, rest_expected)
        scale = 4 * expected * rest_expected / np.maximum(of.variance * total, SURE)
        return np.asarray(far * (scale * (of.variance > SURE)))


def _transformed(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.square(np.sqrt(np.maximum(seen, 0) + ANSCOMBE) - np.sqrt(np.maximum(expected, 0) + ANSCOMBE))
