"""Findings where documents stand in groups: permutations of whole groups' labels give the chance.

The statistic is of weighed documents (`group_weights`): where categories have groups of unlike sizes a sum over the
documents themselves varies unlike in each, and permutations of the groups' labels would take that for a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
from scipy.special import erfc

from mri_core.statistics.blocks import permuted_labels
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.distance import Margins, Moments
from mri_core.statistics.fdr import Method, check_method, discrete, expected_by_permutation, fwer
from mri_core.statistics.group_weights import group_weights
from mri_core.statistics.naming import Cells, Compared, Comparison, test_based
from mri_core.statistics.tables import Tables, permuted_by_step, source_regions

PARTS = 8  # of the permutations that are counted at once: sums of weights, and what is made of them, take more room
CLOSE = 1e-9  # distances of equal tables differ by rounding


class Drawn(NamedTuple):
    """Documents, and their weights, that take an item and that could: (permutations, items, strata, levels)."""

    taken: np.ndarray
    possible: np.ndarray
    weighed: np.ndarray
    weighed_possible: np.ndarray


@dataclass(frozen=True)
class GroupedItems:
    """The items of a family, and how labels are permuted.

    Attributes:
        tables: of the items.
        labels, groups: (documents,) integers.
        crossing: the levels that are compared, and the strata that labels do not leave.
        inside: whether a connection is seen among the documents of its source region only.
        weights: (tables, documents).
    """

    tables: Tables
    labels: np.ndarray
    groups: np.ndarray
    crossing: Crossing
    inside: bool
    weights: np.ndarray

    @classmethod
    def of(
        cls, tables: Tables, labels: np.ndarray, groups: np.ndarray, crossing: Crossing, inside: bool = False
    ) -> GroupedItems:
        """With the weights that the groups give."""
        places = source_regions(tables) if inside else [crossing.stratum[labels]] * len(tables.cell)
        return cls(tables, labels, groups, crossing, inside, group_weights(tables, labels, groups, places))

    def observed(self) -> Drawn:
        """One permutation, which is the labels as they are."""
        return self.drawn([self.labels[None]] * len(self.tables.cell))

    def permuted(self, count: int, seed: int) -> Iterator[Drawn]:
        """So many permutations, some at a time."""
        tables = self.tables
        at_once = max(1, tables.at_once(len(self.crossing.level)) // PARTS)
        if self.inside:
            yield from map(self.drawn, permuted_by_step(tables, self.labels, count, seed, self.groups, at_once))
            return
        strata = self.crossing.stratum[self.labels]
        for labels in permuted_labels(self.labels, count, seed, self.groups, strata, at_once):
            yield self.drawn([labels] * len(tables.cell))

    def drawn(self, labels: Iterable[np.ndarray]) -> Drawn:
        """What is taken under labels (permutations, documents) of each table."""
        categories = len(self.crossing.level)
        count, weighed = [], []
        for table, (own, weights) in enumerate(zip(labels, self.weights, strict=True)):
            count.append(self.tables.counts_of(table, own, categories))
            weighed.append(self.tables.counts_of(table, own, categories, weights=weights))
        parts = [np.concatenate(tables, axis=1) for tables in (count, weighed)]
        return Drawn(*(self.crossing.spread(own) for part in parts for own in (part, self._possible(part))))

    def _possible(self, counts: np.ndarray) -> np.ndarray:
        """What could take each item: every document takes one of its table, or of its source region."""
        new = np.diff(self.tables.table, prepend=-1) != 0
        if self.inside:
            new |= np.diff(self.tables.first, prepend=-1) != 0
        starts = np.flatnonzero(new)
        sums = np.add.reduceat(counts, starts, axis=1)
        return np.repeat(sums, np.diff(starts, append=len(new)), axis=1)


def find_grouped(
    items: GroupedItems, seen: Drawn, plain: Comparison, fdr: Method, alpha: float, permutations: int, seed: int
) -> DenseFindings:
    """Tests every item of a family, and names the levels of those that pass.

    p of a level is how often permutations of the labels have a statistic as extreme; q is by how many of the family's
    items they have; intervals are those of independent documents, as much wider as groups make counts vary more.

    Args:
        items: of the family.
        seen: what was observed of them, one permutation.
        plain: compares levels as if documents were independent.
        fdr: `discrete` or `fwer`.
        alpha: the rate that q is held to.
        permutations, seed: of the labels.
    """
    check_method(fdr, grouped=True)
    tally = Tally(seen)
    p, draws = tally.p_of_items(tally.own), tally.counting(items.permuted(permutations, seed))
    q = fwer(p, draws) if fdr == "fwer" else discrete(p, expected_by_permutation(p, draws))
    present = seen.possible[0].sum(axis=1) > 0
    own = np.where(present, tally.p_values(), np.nan)
    told = dense_findings(p, q, present, InGroups(plain, seen, own, tally.design_effects()), alpha)
    told.evidence.p[:] = own
    return told


class InGroups:
    """Compares levels of documents in groups: by weighed documents, p of all against the rest by permutations.

    Args:
        plain: compares them as if documents were independent.
        seen: what was observed, one permutation.
        p: (items, levels) of each level against all the rest, by permutations.
        design: (items, levels) by how much more a count varies than that of independent documents.
    """

    def __init__(self, plain: Comparison, seen: Drawn, p: np.ndarray, design: np.ndarray) -> None:
        self.plain, self.seen, self.p, self.design = plain, seen, p, design

    def of(self, items: np.ndarray) -> InGroups:
        """As `naming.Comparison`."""
        seen = Drawn(*(part[:, items] for part in self.seen))
        return InGroups(self.plain.of(items), seen, self.p[items], self.design[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `naming.Comparison`."""
        weighed, possible = (np.where(left[:, None], part[0, items], 0) for part in self.seen[2:])
        margins, compared = Margins.of(weighed, possible), self.plain.against_the_rest(items, left)
        far = _agreeing(margins, margins.moments(weighed, possible), compared.more)
        return compared._replace(p=chi_square_p(far))

    def tails(self, cells: Cells) -> np.ndarray:
        """As `naming.Comparison`."""
        row = np.arange(len(cells.item))
        all_there = cells.left.sum(axis=1) == np.isfinite(self.p[cells.item]).sum(axis=1)
        later = self.against_the_rest(cells.item, cells.left).p[row, cells.category]
        tails: np.ndarray = np.where(all_there, self.p[cells.item, cells.category], later) / 2
        return tails

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `naming.Comparison`; where it would hold 0 though the permutations reject that, it is the one of p."""
        row = np.arange(len(cells.item))
        effect = self.plain.against_the_rest(cells.item, cells.left).effect[row, cells.category]
        wider = np.sqrt(self.design[cells.item, cells.category])
        low, high = (effect + wider * (end - effect) for end in self.plain.intervals(cells, tail))
        denies = (self.tails(cells) <= tail) & (low <= 0) & (high >= 0)
        low[denies], high[denies] = test_based(effect[denies], 2 * self.tails(cells)[denies], tail)
        return low, high


class Tally:
    """Counts p-values and variances while permutations pass by.

    Args:
        seen: what was observed, one permutation.
    """

    def __init__(self, seen: Drawn) -> None:
        several = (seen.possible[0].sum(axis=1) > 0).sum(axis=1)
        self.factor = np.where(several > 2, several, 1)  # two levels have one p
        self.plain = Margins.of(seen.taken[0], seen.possible[0])
        self.weighed = Margins.of(seen.weighed[0], seen.weighed_possible[0])
        self.reached = np.zeros(seen.taken[0, :, 0].shape, dtype=np.int64)
        self.deviations, self.independent = np.zeros((2, *self.reached.shape))
        self.drawn = 0
        self.own = np.full(self.reached.shape, np.inf)
        self.own = self._count(seen)[0]
        self.reached += 1  # what was observed is one of the permutations

    def p_of_items(self, far: np.ndarray) -> np.ndarray:
        """(…, items) the smallest p of an item's levels, times their number, of distances (…, items, levels)."""
        return np.minimum(1, chi_square_p(largest_of(far)) * self.factor)

    def counting(self, draws: Iterable[Drawn]) -> Iterator[np.ndarray]:
        """(permutations, items) p of the items, while permutations come by."""
        for several in draws:
            yield self.p_of_items(self._count(several))

    def p_values(self) -> np.ndarray:
        """(items, levels) p of each level against the rest."""
        return self.reached / self.drawn

    def design_effects(self) -> np.ndarray:
        """(items, levels) by how much more groups make a count vary than independent documents do; 1 at least."""
        varies = self.independent > 0
        return np.maximum(1, np.divide(self.deviations, self.independent, out=np.ones(varies.shape), where=varies))

    def _count(self, several: Drawn) -> np.ndarray:
        """The distances (permutations, items, levels)."""
        plain = self.plain.moments(several.taken, several.possible)
        weighed = self.weighed.moments(several.weighed, several.weighed_possible)
        far = _agreeing(self.weighed, weighed, plain.apart)
        self.reached += (far >= self.own * (1 - CLOSE)).sum(axis=0)
        self.deviations += np.square(plain.apart).sum(axis=0)
        self.independent += plain.variance.sum(axis=0)
        self.drawn += len(far)
        return far


def chi_square_p(distance: np.ndarray) -> np.ndarray:
    """The upper tail of χ² with one degree of freedom."""
    p: np.ndarray = erfc(np.sqrt(distance / 2))
    return p


def largest_of(values: np.ndarray) -> np.ndarray:
    """(…,) largest of (…, levels); along a short last axis numpy's own maximum takes ten times as long."""
    return reduce(np.maximum, np.moveaxis(values, -1, 0))


def _agreeing(margins: Margins, weighed: Moments, plain: np.ndarray) -> np.ndarray:
    """Distances; 0 where the documents themselves lie the other way, as the effect reported is theirs."""
    return np.asarray(margins.distance(weighed) * (weighed.apart * plain > CLOSE))
