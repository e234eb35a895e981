"""What block permutations of the labels tell of each category on each item, where documents stand in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from mri_core.statistics.fdr import expected_by_tally
from mri_core.statistics.item_tests import EQUAL, ItemTests, smallest_of


class BlockPermutations:
    """Counts p-values and variances while permutations pass by.

    Args:
        tests: the exact tests, whose p are statistics here.
        count, size: (items, categories) observed documents, and all documents there could be.
    """

    def __init__(self, tests: ItemTests, count: np.ndarray, size: np.ndarray) -> None:
        self.tests, self.count, self.size = tests, count, size
        self.values, rank = np.unique(tests.null.p, return_inverse=True)  # looked up once, not at every draw
        self.rank = rank.astype(np.int32)
        self.first = tests.first[tests.key]
        self.own = np.searchsorted(self.values, tests.dense_cells(count) * EQUAL, side="right") - 1
        self.drawn = 1  # what was observed is one of them
        self.reached = np.ones(count.shape, dtype=np.int64)
        self.deviations = np.square(count - self._expected())

    def smallest(self, draws: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """(permutations, items) p of the items, while counts (permutations, items, categories) come by."""
        factor = self.tests.factor[self.tests.key]
        for ranks in self._ranks(draws):
            yield np.minimum(1, self.values[ranks] * factor)

    def expected(self, p: np.ndarray, draws: Iterable[np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
        """As `expected_by_permutation` of the items' observed p, while counts come by."""
        factors, which = np.unique(self.tests.factor[self.tests.key], return_inverse=True)
        times = np.zeros((len(factors), len(self.values)), dtype=np.int64)
        for ranks in self._ranks(draws):
            times += np.bincount((which * times.shape[1] + ranks).ravel(), minlength=times.size).reshape(times.shape)
        return expected_by_tally(p, np.minimum(1, factors[:, None] * self.values), times, self.drawn)

    def _ranks(self, draws: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """(permutations, items) of the smallest p of each item's categories, among all that there are."""
        expected = self._expected()
        for counts in draws:
            ranks = self.rank[self.first + counts]
            self.reached += (ranks <= self.own).sum(axis=0)
            self.deviations += np.square(counts - expected).sum(axis=0)
            self.drawn += len(counts)
            yield smallest_of(ranks)

    def p_values(self) -> np.ndarray:
        """(items, categories) p of each category against the rest, the exact p being the statistic."""
        return self.reached / self.drawn

    def design_effects(self) -> np.ndarray:
        """(items, categories) by how much more groups make a count vary than independent documents do; 1 at least."""
        total = self.count.sum(axis=1, keepdims=True)
        population = self.size.sum(axis=1, keepdims=True)
        rest = (population - self.size) * (population - total) / np.maximum(population - 1, 1)
        independent = self._expected() * rest / np.maximum(population, 1)
        varying = self.deviations / self.drawn
        return np.maximum(1, np.divide(varying, independent, out=np.ones(varying.shape), where=independent > 0))

    def _expected(self) -> np.ndarray:
        population = np.maximum(self.size.sum(axis=1, keepdims=True), 1)
        return self.count.sum(axis=1, keepdims=True) * self.size / population
