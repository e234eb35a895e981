"""The counts that are tested: documents by item (a connection or a region) and category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mri_core.records.connectome import Connectome

CELLS = 1 << 16  # items × categories processed at once: intermediate arrays fit the processor's cache


@dataclass(frozen=True)
class Part:
    """Some consecutive items of a family.

    Attributes:
        items, rows: slices of the family's items and rows.
        item: (rows,) counted within the part.
        category, count, population: as of `Counts`.
    """

    items: slice
    rows: slice
    item: np.ndarray
    category: np.ndarray
    count: np.ndarray
    population: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Documents of each category that have each item, in long form, and how many could have had it.

    Attributes:
        item, category, count: (rows,) by item, then category; counts of 0 are left out. Every item has a row.
        population: (items,) which row of `sizes` an item's documents are drawn from.
        sizes: (populations, categories) documents of each category there.
    """

    item: np.ndarray
    category: np.ndarray
    count: np.ndarray
    population: np.ndarray
    sizes: np.ndarray

    @cached_property
    def ends(self) -> np.ndarray:
        """(items + 1,) the first row of each item, and the number of rows."""
        return np.append(np.flatnonzero(np.diff(self.item, prepend=-1)), len(self.item))

    @property
    def starts(self) -> np.ndarray:
        """(items,) the first row of each item."""
        return self.ends[:-1]

    def totals(self) -> np.ndarray:
        """(items,) documents that have each."""
        up_to = np.append(0, np.cumsum(self.count))
        return np.diff(up_to[self.ends])

    def rows_of(self, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows of chosen items, and for each row which of the chosen it belongs to."""
        lengths = self.ends[items + 1] - self.ends[items]
        chosen = np.repeat(np.arange(len(items)), lengths)
        before = np.cumsum(lengths) - lengths
        return np.arange(len(chosen)) + (self.ends[items] - before)[chosen], chosen

    def parts(self) -> Iterator[Part]:
        """The counts in parts, item by item."""
        ends, at_once = self.ends, max(1, CELLS // self.sizes.shape[1])
        for first in range(0, len(self.population), at_once):
            items = slice(first, min(first + at_once, len(self.population)))
            rows = slice(int(ends[first]), int(ends[items.stop]))
            item, population = self.item[rows] - first, self.population[items]
            yield Part(items, rows, item, self.category[rows], self.count[rows], population)

    def among(self, categories: np.ndarray) -> tuple[Counts, np.ndarray]:
        """The chosen categories alone, numbered in the given order, and their former rows; empty items are dropped.

        Args:
            categories: two different ones or more.
        """
        number = np.full(self.sizes.shape[1], -1)
        number[categories] = np.arange(len(categories))
        rows = np.flatnonzero(number[self.category] >= 0)
        rows = rows[np.lexsort((number[self.category[rows]], self.item[rows]))]
        item = _items(self.item[rows])
        population = self.population[self.item[rows[np.diff(item, prepend=-1) > 0]]]
        counts = Counts(item, number[self.category[rows]], self.count[rows], population, self.sizes[:, categories])
        return counts, rows

    def dense(self, items: np.ndarray) -> np.ndarray:
        """(chosen, categories) counts of chosen items."""
        rows, place = self.rows_of(items)
        counts = np.zeros((len(items), self.sizes.shape[1]), dtype=np.int64)
        counts[place, self.category[rows]] = self.count[rows]
        return counts


def connection_counts(connectome: Connectome) -> Counts:
    """The connections: how many of a category's documents take each. Rows are those of the connectome's flows."""
    flows = connectome.flows
    item = _items(flows.source, flows.target)
    sizes = connectome.category_documents[None]
    return Counts(item, flows.category, flows.weight, np.zeros(_number(item), dtype=np.int64), sizes)


def routing_counts(connectome: Connectome) -> Counts:
    """The connections again, among the documents of their source region only."""
    return among_source(connection_counts(connectome), connectome)


def among_source(connections: Counts, connectome: Connectome) -> Counts:
    """Counted connections, among the documents of their source region only."""
    population = connectome.flows.source[connections.starts]
    return replace(connections, population=population, sizes=_region_sizes(connectome))


def activity_counts(connectome: Connectome) -> Counts:
    """The regions: how many of a category's documents pass each. Rows are those of the connectome's activity."""
    activity = connectome.activity
    item = _items(activity.region)
    sizes = connectome.category_documents[None]
    return Counts(item, activity.category, activity.documents, np.zeros(_number(item), dtype=np.int64), sizes)


def _region_sizes(connectome: Connectome) -> np.ndarray:
    activity = connectome.activity
    sizes = np.zeros((len(connectome.region_layer), len(connectome.category_documents)), dtype=np.int64)
    sizes[activity.region, activity.category] = activity.documents
    return sizes


def _items(*ends: np.ndarray) -> np.ndarray:
    """Consecutive item numbers of rows; rows of one item are adjacent."""
    new = np.zeros(len(ends[0]), dtype=bool)
    for end in ends:
        new[1:] |= end[1:] != end[:-1]
    return np.cumsum(new)


def _number(item: np.ndarray) -> int:
    return int(item[-1]) + 1 if len(item) else 0
