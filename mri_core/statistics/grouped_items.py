"""Items of documents in groups: which labels are exchangeable, the documents' weights, and permuted counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.statistics.blocks import exchangeable, permuted_labels
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.distance import Margins
from mri_core.statistics.group_weights import group_weights
from mri_core.statistics.tables import Tables, permuted_by_step, source_regions

PARTS = 8  # divides the permutations counted at once: sums of weights and their derived arrays take more memory


class Drawn(NamedTuple):
    """Documents, and their weights, that take an item, and that could: (permutations, items, strata, levels)."""

    taken: np.ndarray
    possible: np.ndarray
    weights: np.ndarray
    weights_possible: np.ndarray


@dataclass(frozen=True)
class GroupedItems:
    """The items of a family, and how the documents' levels are permuted.

    Attributes:
        tables: of the items.
        levels: (documents,) the compared category, or its level of the tested factor.
        several: number of levels.
        strata: (tables, documents) the stratum within which each document is compared, times `kinds`.
        kinds: 2 if groups of one level and groups in which levels vary are compared separately, as levels never move
            from one kind to the other; 1 if there is one kind only.
        weights: (tables, documents).
        groups, places: (documents,) as `blocks.permuted_labels` takes them; places are None if levels go anywhere.
        inside: whether a connection is seen among the documents of its source region only.
    """

    tables: Tables
    levels: np.ndarray
    several: int
    strata: np.ndarray
    kinds: int
    weights: np.ndarray
    groups: np.ndarray
    places: np.ndarray | None
    inside: bool

    @classmethod
    def of(
        cls, tables: Tables, labels: np.ndarray, groups: np.ndarray, crossing: Crossing, inside: bool = False
    ) -> GroupedItems:
        """Builds the items, with weights from the groups.

        Args:
            tables: of the items.
            labels: (documents,) integer category of each.
            groups: (documents,) integer group of each.
            crossing: the levels that are compared, and the strata that they are compared within.
            inside: as the attribute; for categories without crossing.
        """
        levels, stratum = crossing.level[labels], crossing.stratum[labels]
        parts, places = (groups, None) if not stratum.any() else whole_groups(levels, groups, stratum)
        sources = source_regions(tables) if inside else []
        mixed = np.zeros(tables.cell.shape, dtype=np.int64)
        for table, own in enumerate(mixed):
            own[exchangeable(levels, parts, sources[table] if inside else places).inside] = 1
        kinds = len(np.unique(mixed))
        strata = stratum * kinds + (mixed if kinds == 2 else 0)
        weights = group_weights(tables, mixed == 1, groups, sources or [stratum] * len(mixed), cut=inside)
        return cls(tables, levels, int(crossing.level.max()) + 1, strata, kinds, weights, parts, places, inside)

    def observed(self) -> Drawn:
        """The observed levels, as one permutation."""
        return self.drawn([self.levels[None]] * len(self.tables.cell))

    def margins(self) -> Margins:
        """The margins of the weights, which permutations preserve."""
        seen = self.observed()
        return Margins.of(seen.weights[0], seen.weights_possible[0])

    def permuted(self, count: int, seed: int | Sequence[int]) -> Iterator[Drawn]:
        """`count` permutations, some at a time."""
        tables = self.tables
        at_once = max(1, tables.at_once(self.several) // PARTS)
        if self.inside:
            yield from map(self.drawn, permuted_by_step(tables, self.levels, count, seed, self.groups, at_once))
            return
        for levels in permuted_labels(self.levels, count, seed, self.groups, self.places, at_once):
            yield self.drawn([levels] * len(tables.cell))

    def drawn(self, levels: Sequence[np.ndarray]) -> Drawn:
        """Counts and weights under levels (permutations, documents) of each table."""
        counted = [self._counted(table, own) for table, own in enumerate(levels)]
        parts = [np.concatenate(own, axis=1) for own in zip(*counted, strict=True)]
        return Drawn(*(own for part in parts for own in (part, self._possible(part))))

    def _counted(self, table: int, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        strata = int(self.strata.max()) + 1
        strata += -strata % self.kinds
        codes = self.strata[table] * self.several + levels
        shape = (len(levels), -1, strata, self.several)
        counts = (
            self.tables.counts_of(table, codes, strata * self.several, weights=weights)
            for weights in (None, self.weights[table])
        )
        taken, weighted = (own.reshape(shape) for own in counts)
        return taken, weighted

    def _possible(self, counts: np.ndarray) -> np.ndarray:
        """Population of each item: the documents of its table, or of its source region."""
        new = np.diff(self.tables.table, prepend=-1) != 0
        if self.inside:
            new |= np.diff(self.tables.first, prepend=-1) != 0
        starts = np.flatnonzero(new)
        sums = np.add.reduceat(counts, starts, axis=1)
        return np.repeat(sums, np.diff(starts, append=len(new)), axis=1)


def whole_groups(levels: np.ndarray, groups: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Groups and places (documents,) by which levels are permuted within strata, and groups stay together across them.

    A group of one level exchanges it, in all its strata at once, with another that has documents in the same strata. In
    a group in which levels vary, the documents of each stratum are permuted separately.

    Args:
        levels, groups, strata: (documents,) integers.
    """
    group = np.unique(groups, return_inverse=True)[1]
    count, several = int(group.max()) + 1, int(strata.max()) + 1
    lowest, highest = np.full(count, levels.max()), np.zeros(count, dtype=levels.dtype)
    np.minimum.at(lowest, group, levels)
    np.maximum.at(highest, group, levels)
    varies = (lowest != highest)[group]
    there = np.zeros((count, several), dtype=bool)
    there[group, strata] = True
    pattern = np.unique(there, axis=0, return_inverse=True)[1].ravel()
    part = np.unique(group * several + strata, return_inverse=True)[1]
    return np.where(varies, count + part, group), np.where(varies, count + part, pattern[group])
