"""The exact test of every item of a family, and the null distribution of its p-values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from mri_core.distinct import distinct
from mri_core.statistics.counts import Counts, Part
from mri_core.statistics.exact import NullTests, null_tests, padded

EQUAL = 1 + 1e-9  # p-values of the same table, computed in two ways, differ by rounding


@dataclass(frozen=True)
class ItemTests:
    """Each category against the rest, on every item. Items with the same total and population share their tests.

    Attributes:
        null: the distinct tests.
        test: (keys, categories) index of each distinct (total, population)'s tests among them.
        key: (items,) index of an item's (total, population).
        factor: (keys,) number of categories that the item's p corrects for: those in the population; 1 for two, which
            have the same p.
        counted: (keys, categories) whether the test counts for the item's p: only one of two categories does.
        size: (keys, categories) documents of each category in the population.
    """

    null: NullTests
    test: np.ndarray
    key: np.ndarray
    factor: np.ndarray
    counted: np.ndarray
    size: np.ndarray

    @cached_property
    def absent(self) -> np.ndarray:
        """(categories, keys) p of a count of 0, or of the smallest possible count, which then always has a row."""
        return np.ascontiguousarray(self.null.p[self.null.start[:-1]][self.test].T)

    def tests(self, part: Part) -> np.ndarray:
        """(rows,) index of each row's test among the distinct ones."""
        return self.test[self.key[part.items][part.item], part.category]

    def smallest(self, part: Part, own: np.ndarray) -> np.ndarray:
        """(items,) p of the items, with their rows' own p: the smallest, counts of 0 included, times their number."""
        key = self.key[part.items]
        p = np.take(self.absent, key, axis=1)
        p.reshape(-1)[part.category * len(key) + part.item] = own
        return np.minimum(1, p.min(axis=0) * self.factor[key])

    def dense_cells(self, counts: np.ndarray) -> np.ndarray:
        """(…, items, categories) p of other counts (…, items, categories) with the same totals and populations."""
        return self.null.p_values(self.test[self.key], counts)

    def of_cells(self, p: np.ndarray) -> np.ndarray:
        """(…, items) p of the items by those of all their categories."""
        return np.minimum(1, smallest_of(p) * self.factor[self.key])

    def dense_items(self, counts: np.ndarray) -> np.ndarray:
        """(…, items) p of each item, of other counts (…, items, categories) with the same totals and populations."""
        return self.of_cells(self.dense_cells(counts))

    def expected(self, thresholds: np.ndarray) -> np.ndarray:
        """Expected number of items with p at or below each of rising thresholds under the null: Σ F(t)."""
        share = np.zeros(len(thresholds))
        items = np.bincount(self.key, minlength=len(self.factor))
        for factor in np.unique(self.factor):
            keys = self.factor == factor
            tests = self.test[keys]
            weight = np.broadcast_to(items[keys, None], tests.shape)[self.counted[keys]]
            weight = np.bincount(tests[self.counted[keys]], weights=weight, minlength=len(self.null.low))
            for part in self.null.rising(np.flatnonzero(weight)):
                # An item's p is at most 1: else the null's mass above 1 would be lost, and q of p = 1 would be below 1.
                share += _binned(np.minimum(1, factor * part.p), weight[part.test] * part.rise, thresholds)
        return np.cumsum(share)

    def expected_odds(self, thresholds: np.ndarray) -> np.ndarray:
        """Σ F(t) / (1 − F(t)) over the items, at rising thresholds below 1."""
        rises = np.zeros(len(thresholds))
        items = np.bincount(self.key, minlength=len(self.factor))
        length = np.where(self.counted, np.diff(self.null.start)[self.test], 0)
        for keys, width in padded(length.sum(axis=1)):
            location, mass = self._merged(keys, length[keys], width)
            share = np.minimum(np.cumsum(mass, axis=1), 1 - 1e-12)  # at p < 1 some mass always lies above
            rise = np.diff(share / (1 - share), axis=1, prepend=0)
            rises += _binned(location, rise * items[keys, None], thresholds)
        return np.cumsum(rises)

    def _merged(self, keys: np.ndarray, length: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
        """(keys, width) the ordered steps of the null distribution of an item's p, and their sizes; padded by inf."""
        cells = np.repeat(self.null.start[self.test[keys]].ravel(), length.ravel()) + _steps(length.ravel())
        inside = np.arange(width) < length.sum(axis=1, keepdims=True)
        location, mass = np.full(inside.shape, np.inf), np.zeros(inside.shape)
        p, rise = self.null.ordered
        location[inside] = p[cells] * np.repeat(self.factor[keys], length.sum(axis=1))
        mass[inside] = rise[cells]
        location[location >= 1] = np.inf
        order = np.argsort(location, axis=1)
        mass[np.isinf(location)] = 0
        return np.take_along_axis(location, order, axis=1), np.take_along_axis(mass, order, axis=1)


def smallest_of(values: np.ndarray) -> np.ndarray:
    """(…,) smallest of (…, categories); along a short last axis numpy's minimum takes ten times as long."""
    return reduce(np.minimum, np.moveaxis(values, -1, 0))


def item_tests(counts: Counts) -> ItemTests:
    """The tests of a family, each distinct one computed once."""
    return margin_tests(counts.totals(), counts.population, counts.sizes)


def margin_tests(totals: np.ndarray, populations: np.ndarray, sizes: np.ndarray) -> ItemTests:
    """The tests of items with given margins, without counts, as under the null.

    Args:
        totals: (items,) documents that have each.
        populations: (items,) row of `sizes` that they are drawn from.
        sizes: (populations, categories) documents of each category.
    """
    span = int(totals.max(initial=0)) + 1
    keys, key = distinct(populations * span + totals) if len(totals) else (totals, totals)
    size = sizes[keys // span]
    total, everyone = np.broadcast_arrays((keys % span)[:, None], size.sum(axis=1, keepdims=True), size)[:2]
    null, test = _distinct(total, size, everyone)
    return shared_p(null, test, key, size)


def shared_p(null: NullTests, test: np.ndarray, key: np.ndarray, size: np.ndarray) -> ItemTests:
    """Tests in which an item's p is the smallest of its categories'.

    Args:
        null, test, key, size: as of `ItemTests`.
    """
    present = size > 0
    several = present.sum(axis=1)
    counted = present & ((several != 2)[:, None] | (np.cumsum(present, axis=1) == 1))
    return ItemTests(null, test, key, np.where(several > 2, several, 1), counted, size)


def _distinct(total: np.ndarray, size: np.ndarray, population: np.ndarray) -> tuple[NullTests, np.ndarray]:
    """The null distribution of each distinct test, and the index of each cell's."""
    populations, which = np.unique(population, return_inverse=True)
    span = int(populations[-1]) + 1 if len(populations) else 1
    coded = (total.astype(np.int64) * span + size) * len(populations) + which
    different, test = np.unique(coded, return_inverse=True)
    both, which = np.divmod(different, max(1, len(populations)))
    return null_tests(both // span, both % span, populations[which]), test.reshape(size.shape)


def _binned(location: np.ndarray, mass: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """(thresholds,) the mass at or below each and above the one before."""
    reached = np.searchsorted(thresholds * EQUAL, location.ravel())
    return np.bincount(reached, weights=mass.ravel(), minlength=len(thresholds) + 1)[: len(thresholds)]


def _steps(lengths: np.ndarray) -> np.ndarray:
    """0, 1, … of each length, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
