"""Counts of documents by cell and category, made again for every shuffle of the labels: one bincount a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mri_core.statistics.blocks import label_permutations


@dataclass(frozen=True)
class Tables:
    """Contingency tables cell × category, a table a layer (its regions) or a step (its connections).

    Cells are numbered through all tables; only those with a document are there.

    Attributes:
        cell: (tables, documents) int32 cell of each document within its table.
        starts: (tables + 1,) number of each table's first cell, and the number of all.
        first, second: (cells,) the region, or the connection's two ends, by the numbers that were given.
    """

    cell: np.ndarray
    starts: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def table(self) -> np.ndarray:
        """(cells,) the table that each cell belongs to."""
        return np.repeat(np.arange(len(self.cell)), np.diff(self.starts))

    def totals(self) -> np.ndarray:
        """(cells,) documents in each."""
        return self.counts(np.zeros(self.cell.shape[1], dtype=np.int64), 1)[:, 0]

    def counts(self, labels: np.ndarray, categories: int, among: np.ndarray | None = None) -> np.ndarray:
        """(cells, categories) documents in each.

        Args:
            labels: (documents,) integer category of each.
            categories: their number.
            among: (documents,) which documents count; None counts all.
        """
        chosen = slice(None) if among is None else np.flatnonzero(among)
        own = labels[chosen]
        counts = np.empty((self.starts[-1], categories), dtype=np.int64)
        for cell, (start, stop) in zip(self.cell, pairwise(self.starts), strict=True):
            flat = np.bincount(cell[chosen] * categories + own, minlength=(stop - start) * categories)
            counts[start:stop] = flat.reshape(-1, categories)
        return counts

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(tables, …) sums over each table's cells of values (cells, …)."""
        return np.add.reduceat(values, self.starts[:-1], axis=0)


def region_tables(codes: np.ndarray) -> Tables:
    """A table of regions for each layer.

    Args:
        codes: (documents, layers) number of the region of each document; those of two layers have nothing to do with
            each other.
    """
    return _tables([(layer, layer) for layer in codes.T])


def connection_tables(codes: np.ndarray) -> Tables:
    """A table of connections for each step from a layer to the next; there are two layers at least."""
    return _tables(list(pairwise(codes.T)))


def permuted_counts(
    tables: Tables, labels: np.ndarray, categories: int, count: int, seed: int, groups: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """(cells, categories) counts under each of `count` seeded label permutations."""
    for permuted in label_permutations(labels, count, seed, groups):
        yield tables.counts(permuted, categories)


def permuted_routing_counts(
    codes: np.ndarray, labels: np.ndarray, categories: int, count: int, seed: int, groups: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """(connections, categories) counts under permutations of the labels within each source region.

    Each step is permuted by itself, as its regions hold other documents than those of the step before; what steps share
    is lost, which makes the smallest p of all steps smaller by chance than it is, so that `fwer` errs on the safe side.
    """
    steps = [connection_tables(codes[:, step : step + 2]) for step in range(codes.shape[1] - 1)]
    permuted = [
        label_permutations(labels, count, [seed, step], groups, within=codes[:, step]) for step in range(len(steps))
    ]
    for own in zip(*permuted, strict=True):
        yield np.concatenate(
            [step.counts(step_labels, categories) for step, step_labels in zip(steps, own, strict=True)]
        )


def _tables(ends: list[tuple[np.ndarray, np.ndarray]]) -> Tables:
    cells, firsts, seconds = [], [], []
    for first, second in ends:
        width = int(second.max()) + 1
        key, cell = np.unique(first.astype(np.int64) * width + second, return_inverse=True)
        cells.append(cell.astype(np.int32))
        firsts.append(key // width)
        seconds.append(key % width)
    starts = np.concatenate([[0], np.cumsum([len(first) for first in firsts])])
    return Tables(np.stack(cells), starts, np.concatenate(firsts), np.concatenate(seconds))
