"""Counts under permuted labels, mostly drawn as tables: of documents with the same path only their number matters.

A document passes through all tables, so that tables drawn one by one would lose the dependence between layers, and
maxima over layers would be too large by chance. Drawn are therefore the labels of whole paths: the counts path ×
category have a multivariate hypergeometric distribution, given both margins. That is faster than shuffling where many
documents share a path; of the others, which are few where a corpus is large, the labels are shuffled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mri_core.statistics.tables import Tables, numbered

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MANY = 24  # documents of a path, from which a draw of its counts takes less time than shuffling their labels


@dataclass(frozen=True)
class Paths:
    """The documents by path, the sequence of a document's cells through all tables.

    Attributes:
        sizes: (paths,) documents of each path that has `MANY`.
        through: (cells, paths) 1 where a path passes a cell.
        others: the tables, of documents with any other path alone; the cells are the same.
    """

    sizes: np.ndarray
    through: csr_array
    others: Tables

    @classmethod
    def of(cls, tables: Tables, many: int = MANY) -> Paths:
        """Finds them; `many` is the number of documents from which a path's counts are drawn."""
        from scipy.sparse import csr_array

        path = np.zeros(tables.cell.shape[1], dtype=np.int64)
        for own in tables.cell:
            path = numbered(path * (int(own.max()) + 1) + own)[1]
        _, first, sizes = np.unique(path, return_index=True, return_counts=True)
        large = np.flatnonzero(sizes >= many)
        cells = (tables.cell[:, first[large]] + tables.starts[:-1, None]).ravel()
        columns = np.tile(np.arange(len(large)), len(tables.cell))
        shape = (int(tables.starts[-1]), len(large))
        through = csr_array((np.ones(len(cells), dtype=np.int64), (cells, columns)), shape=shape)
        return cls(sizes[large], through, replace(tables, cell=tables.cell[:, sizes[path] < many]))


def permuted_counts(
    tables: Tables, labels: np.ndarray, categories: int, count: int, seed: int | Sequence[int], many: int = MANY
) -> Iterator[np.ndarray]:
    """(permutations, cells, categories) counts under `count` seeded permutations of all labels, some at a time.

    Args:
        tables: of the documents.
        labels: (documents,) integer category of each.
        categories: their number.
        count: of permutations, drawn with repetition.
        seed: the same seed gives the same counts.
        many: documents of a path, from which its counts are drawn instead of its documents' labels.
    """
    paths, sizes = Paths.of(tables, many), np.bincount(labels, minlength=categories)
    at_once = tables.at_most(categories)
    of_paths, of_documents = (np.random.default_rng([*np.atleast_1d(seed), stream]) for stream in range(2))
    for first in range(0, count, at_once):
        drawn, left = _split(paths, sizes, min(at_once, count - first), of_paths)
        yield summed(paths.through, drawn) + _of_others(paths.others, left, of_documents)


def permuted_within(
    tables: Tables, labels: np.ndarray, categories: int, count: int, seed: int, strata: np.ndarray
) -> Iterator[np.ndarray]:
    """The same under permutations within each stratum (documents,), some at a time."""
    each = []
    for stratum in np.unique(strata).tolist():
        own = strata == stratum
        part = replace(tables, cell=tables.cell[:, own])
        each.append(permuted_counts(part, labels[own], categories, count, [seed, stratum]))
    for several in zip(*each, strict=True):
        yield np.sum(several, axis=0)


def permuted_routing_counts(
    tables: Tables, labels: np.ndarray, categories: int, count: int, seed: int
) -> Iterator[np.ndarray]:
    """(permutations, connections, categories) counts under permutations within each source region, some at a time.

    The regions of a step hold other documents than those of the step before, so that each region's table is drawn
    alone. Dependence between steps is lost, which makes the smallest p of all steps smaller: `fwer` is conservative.
    """
    counts, generator = tables.counts(labels, categories), np.random.default_rng(seed)
    new = (np.diff(tables.table) != 0) | (np.diff(tables.first) != 0)
    margins = [(own.sum(axis=1), own.sum(axis=0)) for own in np.split(counts, np.flatnonzero(new) + 1)]
    at_once = tables.at_most(categories)
    for first in range(0, count, at_once):
        several = min(at_once, count - first)
        yield np.concatenate([random_tables(*own, several, generator) for own in margins], axis=1)


def summed(cells: csr_array, counts: np.ndarray) -> np.ndarray:
    """(permutations, sums, categories) sums of counts (permutations, cells, categories).

    Args:
        cells: (sums, cells) 1 where a cell enters a sum.
        counts: of each cell.
    """
    permutations, several, categories = counts.shape
    columns = counts.transpose(1, 0, 2).reshape(several, permutations * categories)
    return np.asarray(cells @ columns).reshape(-1, permutations, categories).transpose(1, 0, 2)


def _split(
    paths: Paths, sizes: np.ndarray, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Counts (permutations, paths, categories) of the large paths, and (permutations, categories) of all others."""
    drawn = random_tables(np.append(paths.sizes, paths.others.cell.shape[1]), sizes, count, generator)
    return drawn[:, :-1], drawn[:, -1]


def random_tables(rows: np.ndarray, columns: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """(count, rows, columns) random tables with these margins, zeros included (Patefield 1981).

    SciPy's tables of a single row or column are wrong (1.17): one of zeros is added to both.
    """
    from scipy.stats import random_table

    drawn = random_table([*rows, 0], [*columns, 0]).rvs(count, random_state=generator)
    return np.asarray(drawn[:, :-1, :-1])


def _of_others(tables: Tables, sizes: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(permutations, cells, categories) counts of documents in random order, of so many (permutations, categories)."""
    permutations, categories = sizes.shape
    numbers = np.arange(categories)
    cells = (np.diff(tables.starts) * categories).tolist()
    each = list(zip(tables.cell.astype(np.int64) * categories, cells, strict=True))
    counts = np.empty((permutations, int(tables.starts[-1]) * categories), dtype=np.int64)
    for own, into in zip(sizes, counts, strict=True):
        shuffled = generator.permuted(np.repeat(numbers, own))
        np.concatenate([np.bincount(number + shuffled, minlength=most) for number, most in each], out=into)
    return counts.reshape(permutations, -1, categories)
