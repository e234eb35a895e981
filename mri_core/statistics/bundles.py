"""Counts under permutations of whole groups, from each group's counts: faster where groups hold many documents.

A text's tokens change their label together, so that a permutation's counts are a product of the texts' counts with the
texts that have each label: a matrix of cells × texts is far smaller than tokens × tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mri_core.statistics.blocks import exchangeable, shuffled_values

if TYPE_CHECKING:
    from scipy.sparse import csr_array

AT_ONCE = 64  # permutations of one product
DENSE, MOST = 0.02, 1 << 23  # share of numbers above 0 from which a dense matrix is faster, and its numbers, 64 MB
EXACT = 1 << 24  # documents, up to which single precision counts them exactly


class Bundle(NamedTuple):
    """The groups of one table, by the cells that their documents take.

    Attributes:
        level: (groups,) observed level of each.
        place: (groups,) those of one place change levels; in rising order.
        taken, weights: (groups, cells) documents, and the sum of their weights.
    """

    level: np.ndarray
    place: np.ndarray
    taken: np.ndarray | csr_array
    weights: np.ndarray | csr_array

    @classmethod
    def of(
        cls,
        cell: np.ndarray,
        cells: int,
        weights: np.ndarray,
        levels: np.ndarray,
        groups: np.ndarray,
        places: np.ndarray | None,
    ) -> Bundle:
        """The groups of a table, each with one level in each place.

        Args:
            cell: (documents,) of each.
            cells: their number.
            weights, levels, groups: (documents,) of each.
            places: (documents,) within which groups change levels; None if anywhere.
        """
        exchange = exchangeable(levels, groups, places)
        shape = (len(exchange.label), cells)
        at = exchange.group, cell
        taken = _matrix(np.ones(len(cell)), at, shape).astype(np.float32 if len(cell) < EXACT else np.float64)
        return cls(exchange.label, exchange.place, taken, _matrix(weights, at, shape))

    def permuted(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """(count, groups) levels after permutations."""
        small = self.level.astype(np.min_scalar_type(int(self.level.max(initial=0))))  # fewer bytes to move
        return shuffled_values(small, self.place, generator, count)

    def drawn(self, levels: np.ndarray, several: int) -> tuple[np.ndarray, np.ndarray]:
        """(permutations, cells, levels) documents and weights of permuted levels (permutations, groups)."""
        return _product(levels, several, self.taken), _product(levels, several, self.weights)


def _matrix(values: np.ndarray, at: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]) -> np.ndarray | csr_array:
    """Sums of values by row and column."""
    from scipy.sparse import csr_array

    own = csr_array((values, at), shape=shape)
    several = shape[0] * shape[1]
    return own.toarray() if DENSE * several < own.nnz and several <= MOST else own


def _product(levels: np.ndarray, several: int, of_groups: np.ndarray | csr_array) -> np.ndarray:
    found = np.empty((len(levels), of_groups.shape[1], several))
    for level in range(several):
        found[..., level] = (levels == level).astype(of_groups.dtype) @ of_groups
    return found
