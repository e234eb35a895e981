"""Counts of documents by cell and category, recomputed for every shuffle of the labels: one bincount per table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from mri_core.statistics.blocks import LABELS, permuted_labels
from mri_core.statistics.counts import Counts

COUNTS = 1 << 18  # of permutations processed at once: intermediate arrays fit the processor's cache


@dataclass(frozen=True)
class Tables:
    """Contingency tables cell × category, one per layer (its regions) or step (its connections).

    Cells are numbered across all tables; only those with a document are included.

    Attributes:
        cell: (tables, documents) int32 cell of each document within its table.
        starts: (tables + 1,) number of each table's first cell, and the number of all.
        first, second: (cells,) the region, or the connection's two ends, by their given codes.
    """

    cell: np.ndarray
    starts: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def table(self) -> np.ndarray:
        """(cells,) the table that each cell belongs to."""
        return np.repeat(np.arange(len(self.cell)), np.diff(self.starts))

    def at_once(self, categories: int) -> int:
        """How many permutations to count at a time, so that all their counts are small."""
        return max(1, min(LABELS // self.cell.shape[1], self.at_most(categories)))

    def at_most(self, categories: int) -> int:
        """How many permutations' counts are small together."""
        return max(1, COUNTS // (int(self.starts[-1]) * categories))

    def totals(self) -> np.ndarray:
        """(cells,) documents in each."""
        return self.counts(np.zeros(self.cell.shape[1], dtype=np.int64), 1)[:, 0]

    def counts(self, labels: np.ndarray, categories: int, among: np.ndarray | None = None) -> np.ndarray:
        """(…, cells, categories) documents in each.

        Args:
            labels: (…, documents) integer category of each; of several permutations each has its counts.
            categories: their number.
            among: (documents,) which documents count; None counts all.
        """
        chosen = slice(None) if among is None else np.flatnonzero(among)
        tables = [self.counts_of(table, labels, categories, chosen) for table in range(len(self.cell))]
        return np.concatenate(tables, axis=-2)

    def counts_of(
        self,
        table: int,
        labels: np.ndarray,
        categories: int,
        chosen: np.ndarray | slice = slice(None),
        weights: np.ndarray | None = None,
    ) -> np.ndarray:
        """(…, cells of the table, categories) documents in each, of the chosen ones, or the sum of their weights."""
        cells = int(self.starts[table + 1] - self.starts[table])
        numbers = self.cell[table, chosen] * categories + labels[..., chosen]
        return counted(numbers, cells * categories, weights).reshape(*labels.shape[:-1], cells, categories)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(tables, …) sums over each table's cells of values (cells, …)."""
        return np.add.reduceat(values, self.starts[:-1], axis=0)


def counted(numbers: np.ndarray, most: int, weights: np.ndarray | None = None) -> np.ndarray:
    """(…, most) how often each number below `most` occurs in each row (…, numbers), or the sum of its weights there."""
    rows = numbers.reshape(prod(numbers.shape[:-1]), numbers.shape[-1])
    if len(rows) > 1:
        rows = rows + np.arange(0, len(rows) * most, most)[:, None]
    own = None if weights is None else np.tile(weights, len(rows))
    return np.bincount(rows.ravel(), own, minlength=len(rows) * most).reshape(*numbers.shape[:-1], most)


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different keys in order, and which each is, as `np.unique` finds them; few and small ones without sorting."""
    most = int(keys.max(initial=0)) + 1
    if most > len(keys):
        return np.unique(keys, return_inverse=True)
    there = np.bincount(keys, minlength=most) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def region_tables(codes: np.ndarray) -> Tables:
    """A table of regions for each layer.

    Args:
        codes: (documents, layers) number of the region of each document; codes of different layers are
            unrelated.
    """
    return _tables([(layer, layer) for layer in codes.T])


def connection_tables(codes: np.ndarray) -> Tables:
    """A table of connections for each step from a layer to the next; there are two layers at least."""
    return paired_tables(codes[:, :-1], codes[:, 1:])


def paired_tables(first: np.ndarray, second: np.ndarray) -> Tables:
    """A table of connections for each pair of columns: from a document's region in one to its region in the other."""
    return _tables(list(zip(first.T, second.T, strict=True)))


def as_counts(tables: Tables, counts: np.ndarray, inside: bool = False) -> Counts:
    """Counts (cells, categories) as `find_differences` takes them, an item a cell.

    Args:
        tables: of the counts.
        counts: of the observed labels.
        inside: whether a connection is seen among the documents of its source region only.
    """
    item, category = np.nonzero(counts)
    regions = tables.table * (int(tables.first.max()) + 1) + tables.first if inside else np.zeros(len(counts), np.int64)
    _, starts, population = np.unique(regions, return_index=True, return_inverse=True)
    sizes = np.add.reduceat(counts, starts, axis=0) if inside else tables.sums(counts)[:1]
    return Counts(item, category, counts[item, category], population, sizes)


def permuted_by_step(
    tables: Tables,
    labels: np.ndarray,
    count: int,
    seed: int | Sequence[int],
    groups: np.ndarray,
    at_once: int = 1,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Labels (permutations, documents) for each step, permuted within each of its source regions, some at a time.

    Each step is permuted separately, as its regions hold other documents than those of the step before. Dependence
    between steps is lost, which makes the smallest p of all steps smaller under permutation: `fwer` is conservative.
    """
    permuted = [
        permuted_labels(labels, count, [*np.atleast_1d(seed), step], groups, source, at_once)
        for step, source in enumerate(source_regions(tables))
    ]
    yield from zip(*permuted, strict=True)


def source_regions(tables: Tables) -> list[np.ndarray]:
    """For each step the region (documents,) that each document leaves from."""
    return [tables.first[start + cell] for cell, start in zip(tables.cell, tables.starts, strict=False)]


def _tables(ends: list[tuple[np.ndarray, np.ndarray]]) -> Tables:
    cells, firsts, seconds = [], [], []
    for first, second in ends:
        width = int(second.max()) + 1
        key, cell = numbered(first.astype(np.int64) * width + second)
        cells.append(cell.astype(np.int32))
        firsts.append(key // width)
        seconds.append(key % width)
    starts = np.concatenate([[0], np.cumsum([len(first) for first in firsts])])
    return Tables(np.stack(cells), starts, np.concatenate(firsts), np.concatenate(seconds))
