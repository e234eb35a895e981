"""Items of documents in groups: which labels are exchangeable, the documents' weights, and permuted counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mri_core.statistics.blocks import exchangeable, many_together, permuted_labels
from mri_core.statistics.bundles import AT_ONCE, Bundle
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.distance import Margins
from mri_core.statistics.group_weights import group_weights
from mri_core.statistics.tables import Tables, counted, permuted_by_step, source_regions

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
        bundles: of each table, where groups have one level and hold many documents; else None.
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
    bundles: tuple[Bundle, ...] | None = None

    @classmethod
    def of(
        cls,
        tables: Tables,
        labels: np.ndarray,
        groups: np.ndarray,
        crossing: Crossing,
        inside: bool = False,
        together: bool | None = None,
    ) -> GroupedItems:
        """Builds the items, with weights from the groups.

        Args:
            tables: of the items.
            labels: (documents,) integer category of each.
            groups: (documents,) integer group of each.
            crossing: the levels that are compared, and the strata that they are compared within.
            inside: as the attribute; for categories without crossing.
            together: whether to count groups instead of documents; None for `blocks.many_together`.
        """
        levels, stratum = crossing.level[labels], crossing.stratum[labels]
        parts, places = (groups, None) if not stratum.any() else whole_groups(levels, groups, stratum)
        sources = source_regions(tables) if inside else []
        mixed = np.zeros(tables.cell.shape, dtype=np.int64)
        for table, own in enumerate(mixed):
            own[exchangeable(levels, parts, sources[table] if inside else places).inside] = 1
        kinds = len(np.unique(mixed))
        strata = stratum * kinds + (mixed if kinds == 2 else np.zeros_like(mixed))
        weights = group_weights(tables, mixed == 1, groups, sources or [stratum] * len(mixed), cut=inside)
        items = cls(tables, levels, int(crossing.level.max()) + 1, strata, kinds, weights, parts, places, inside)
        together = many_together(groups) if together is None else together
        return replace(items, bundles=items._bundled()) if together and not mixed.any() else items

    def observed(self) -> Drawn:
        """The observed levels, as one permutation."""
        return self.drawn([self.levels[None]] * len(self.tables.cell))

    def margins(self) -> Margins:
        """The margins of the weights, which permutations preserve."""
        seen = self.observed()
        return Margins.of(seen.weights[0], seen.weights_possible[0])

    def permuted(self, count: int, seed: int | Sequence[int]) -> Iterator[Drawn]:
        """`count` permutations, some at a time."""
        if self.bundles is not None:
            yield from (several for _, several in self._of_bundles(self.bundles, count, seed))
            return
        tables = self.tables
        at_once = max(1, tables.at_once(self.several) // PARTS)
        if self.inside:
            yield from map(self.drawn, permuted_by_step(tables, self.levels, count, seed, self.groups, at_once))
            return
        for levels in permuted_labels(self.levels, count, seed, self.groups, self.places, at_once):
            yield self.drawn([levels] * len(tables.cell))

    def labelled(self, count: int, seed: int, at_once: int) -> Iterator[tuple[np.ndarray, Drawn]]:
        """`permuted` with the levels themselves: (permutations, documents), or (permutations, groups) of bundles."""
        if self.bundles is not None:
            yield from self._of_bundles(self.bundles, count, seed)
            return
        for levels in permuted_labels(self.levels, count, seed, self.groups, self.places, at_once):
            yield levels, self.drawn([levels] * len(self.tables.cell))

    def loads(self, levels: np.ndarray) -> np.ndarray:
        """(permutations, tables, levels) sums of one over the documents' weights, of levels as `labelled` has them."""
        if levels.shape[1] == len(self.levels) or self.bundles is None:
            return np.stack([counted(levels, self.several, 1 / weights) for weights in self.weights], axis=1)
        group = np.unique(self.groups, return_inverse=True)[1]
        of_groups = np.stack([np.bincount(group, 1 / weights) for weights in self.weights], axis=1)
        return np.stack([(levels == level) @ of_groups for level in range(self.several)], axis=2)

    def _bundled(self) -> tuple[Bundle, ...]:
        """The groups of each table, by cell and stratum."""
        strata = int(self.strata.max()) + 1
        places = source_regions(self.tables) if self.inside else [self.places] * len(self.weights)
        found = []
        for cell, stratum, weights, place in zip(self.tables.cell, self.strata, self.weights, places, strict=True):
            cells = (int(cell.max()) + 1) * strata
            found.append(Bundle.of(cell * strata + stratum, cells, weights, self.levels, self.groups, place))
        return tuple(found)

    def _of_bundles(
        self, bundles: tuple[Bundle, ...], count: int, seed: int | Sequence[int]
    ) -> Iterator[tuple[np.ndarray, Drawn]]:
        """All tables have the same permutations, or those that are seen inside regions each its own."""
        seeds = [[*np.atleast_1d(seed), table] for table in range(len(bundles))] if self.inside else [seed]
        generators = [np.random.default_rng(own) for own in seeds]
        small = max(1, self.tables.at_most(self.several) // PARTS)
        for first in range(0, count, AT_ONCE):
            size = min(AT_ONCE, count - first)
            levels = [own.permuted(by, size) for own, by in zip(bundles, generators, strict=False)]
            several = self._of_groups(bundles, levels if self.inside else levels * len(bundles))
            for start in range(0, size, small):
                part = slice(start, start + small)
                yield levels[0][part], Drawn(*(counts[part] for counts in several))

    def _of_groups(self, bundles: tuple[Bundle, ...], levels: Sequence[np.ndarray]) -> Drawn:
        """`drawn` under levels (permutations, groups) of each table."""
        counts = [own.drawn(by, self.several) for own, by in zip(bundles, levels, strict=True)]
        shape = (len(levels[0]), -1, int(self.strata.max()) + 1, self.several)
        parts = [np.concatenate(own, axis=1).reshape(shape) for own in zip(*counts, strict=True)]
        return Drawn(*(own for part in parts for own in (part, self._possible(part))))

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
        taken = self.tables.counts_of(table, codes, strata * self.several).reshape(shape)
        if (self.weights[table] == 1).all():
            return taken, taken.astype(np.float64)
        weighted = self.tables.counts_of(table, codes, strata * self.several, weights=self.weights[table])
        return taken, weighted.reshape(shape)

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
