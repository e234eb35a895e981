"""Findings where documents stand in groups: permutations of whole groups' labels give the chance.

The statistic is of weighted documents (`group_weights`): where categories have groups of unlike sizes a sum over the
documents themselves varies unlike in each, and permutations of the groups' labels would take that for a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

import numpy as np
from scipy.special import erfc

from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.distance import Margins, Moments
from mri_core.statistics.fdr import Method, check_method, discrete, expected_by_permutation, fwer
from mri_core.statistics.grouped_items import Drawn, GroupedItems
from mri_core.statistics.naming import Cells, Compared, WithEffects, test_based

FIRST = 200  # permutations that say how far an item's distances go by chance, before those that are counted
CLOSE = 1e-9  # distances of equal tables differ by rounding


def find_grouped(
    items: GroupedItems, plain: WithEffects, fdr: Method, alpha: float, permutations: int, seed: int
) -> DenseFindings:
    """Tests every item of a family, and names the levels of those that pass.

    The first permutations say how far each level's distance goes by chance on each item, by which it is then divided:
    one group that fills a region by itself is far out under every labelling. p of a level is how often permutations
    have a distance as large; q is by how many of the family's items they have, and no less than the smallest p of its
    levels times their number. Intervals are those of independent documents, as much wider as groups make counts vary
    more.

    Args:
        items: of the family.
        plain: compares levels as if documents were independent.
        fdr: `discrete` or `fwer`.
        alpha: the rate that q is held to.
        permutations, seed: of the labels.
    """
    check_method(fdr, grouped=True)
    tally = Tally(items)
    tally.scale(items.permuted(FIRST, [seed, FIRST]))
    p, draws = tally.p_of_items(tally.own), tally.counting(items.permuted(permutations, seed))
    q = fwer(p, draws) if fdr == "fwer" else discrete(p, expected_by_permutation(p, draws))
    own = tally.p_values()
    q = np.maximum(q, np.minimum(1, np.nanmin(own, axis=1) * tally.factor))
    comparison = InGroups(plain, tally, own)
    told = dense_findings(p, q, tally.present, comparison, alpha)
    by_rest = np.isclose(told.evidence.p, chi_square_p(tally.own), rtol=CLOSE) | (told.evidence.finding == 0)
    told.evidence.p[by_rest] = own[by_rest]  # a later name has the p of its own comparison
    return told


class InGroups:
    """Compares levels of documents in groups: by weighted documents, p of all against the rest by permutations.

    Args:
        plain: compares them as if documents were independent.
        tally: of the items, its permutations counted.
        p: (items, levels) of each level against all the rest, by permutations.
        items: (chosen,) which of the tally's they are; None for all.
    """

    def __init__(self, plain: WithEffects, tally: Tally, p: np.ndarray, items: np.ndarray | None = None) -> None:
        self.plain, self.tally, self.p = plain, tally, p
        self.items = np.arange(len(p)) if items is None else items

    def of(self, items: np.ndarray) -> InGroups:
        """As `Comparison.of`."""
        return InGroups(self.plain.of(items), self.tally, self.p, self.items[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `Comparison.against_the_rest`: p is χ²'s of the scaled distance."""
        compared = self.plain.effects(items, left)
        return compared._replace(p=chi_square_p(self.tally.among(self.items[items], left, compared.more)))

    def tails(self, cells: Cells) -> np.ndarray:
        """As `Comparison.tails`: of a level against all the others half its p by permutations."""
        item = self.items[cells.item]
        own: np.ndarray = self.p[item, cells.category] / 2
        later = np.flatnonzero(cells.left.sum(axis=1) < self.tally.present[item].sum(axis=1))
        few = Cells(*(part[later] for part in cells))
        own[later] = chi_square_p(self.tally.of_one(item[later], few.category, few.left)) / 2
        return own

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `Comparison.intervals`; where it would hold 0 though the permutations reject that, it is the one of p."""
        effect, item = self.plain.effects_of(cells), self.items[cells.item]
        wider = np.sqrt(self.tally.design_effects()[item, cells.category])
        low, high = (effect + wider * (end - effect) for end in self.plain.intervals(cells, tail))
        half = self.tails(cells)
        denies = (half <= tail) & (low <= 0) & (high >= 0)
        low[denies], high[denies] = test_based(effect[denies], 2 * half[denies], tail)
        return low, high


class Tally:
    """Counts p-values and variances of a family's items while permutations of the labels pass by.

    Attributes:
        items: of the family.
        present: (items, levels) which there are to be compared.
        factor: (items,) how many levels share an item's p; two have one p.
        own: (items, levels) the scaled distances of what was observed.
    """

    def __init__(self, items: GroupedItems) -> None:
        seen = items.observed()
        self.items, self.seen, self.kinds = items, Drawn(*(part[0] for part in seen)), items.kinds
        self.plain = Margins.of(self._merged(self.seen.taken), self._merged(self.seen.possible))
        self.weighted = Margins.of(self.seen.weights, self.seen.weights_possible)
        self.present = self.seen.possible.sum(axis=1) > 0
        several = self.present.sum(axis=1)
        self.factor = np.where(several > 2, several, 1)
        self.reached, self.drawn = np.ones(self.present.shape, dtype=np.int64), 1  # what was observed is one of them
        self.deviations, self.independent = np.zeros((2, *self.present.shape))
        self.chance = np.ones(self.present.shape)
        plain = self._plain(seen)
        self._count(plain)
        self.own = self._distances(seen, plain)[0]

    def scale(self, draws: Iterable[Drawn]) -> None:
        """Divides distances by what they are by chance on average, where that is more than χ² has."""
        total, drawn = np.ones(self.present.shape), 1
        for several in draws:
            total += self._distances(several, self._plain(several)).sum(axis=0)
            drawn += len(several.taken)
        self.chance = np.maximum(1, total / drawn)
        self.own = self.own / self.chance

    def counting(self, draws: Iterable[Drawn]) -> Iterator[np.ndarray]:
        """(permutations, items) p of the items, while permutations come by."""
        for several in draws:
            plain = self._plain(several)
            far = self._distances(several, plain)
            self.reached += (far >= self.own * (1 - CLOSE)).sum(axis=0)
            self.drawn += len(far)
            self._count(plain)
            yield self.p_of_items(far)

    def p_of_items(self, far: np.ndarray) -> np.ndarray:
        """(…, items) the smallest p of an item's levels, times their number, of distances (…, items, levels)."""
        return np.minimum(1, chi_square_p(largest_of(far)) * self.factor)

    def p_values(self) -> np.ndarray:
        """(items, levels) p of each level against the rest; not a number where it is not there."""
        return np.where(self.present, self.reached / self.drawn, np.nan)

    def design_effects(self) -> np.ndarray:
        """(items, levels) by how much more groups make a count vary than independent documents do; 1 at least."""
        varies = self.independent > 0
        return np.maximum(1, np.divide(self.deviations, self.independent, out=np.ones(varies.shape), where=varies))

    def among(self, items: np.ndarray, left: np.ndarray, more: np.ndarray) -> np.ndarray:
        """(chosen, levels) scaled distances of what was observed, of the levels that are left against one another.

        Args:
            items: (chosen,).
            left: (chosen, levels).
            more: (chosen, levels) which way the documents lie; 0 where the weights lie the other way.
        """
        taken, possible = (np.where(left[:, None], part[items], 0) for part in self.seen[2:])
        margins = Margins.of(taken, possible)
        moments = margins.moments(taken, possible)
        return margins.distance(moments) * (moments.apart * more > CLOSE) / self.chance[items]

    def of_one(self, items: np.ndarray, level: np.ndarray, left: np.ndarray) -> np.ndarray:
        """(rows,) the same of one level (rows,) of each."""
        taken, possible = (
            np.stack([part[items, :, level], np.where(left[:, None], part[items], 0).sum(axis=2)], axis=2)
            for part in self.seen[2:]
        )
        taken[..., 1] -= taken[..., 0]
        possible[..., 1] -= possible[..., 0]
        margins = Margins.of(taken, possible)
        return np.asarray(margins.distance(margins.moments(taken, possible))[:, 0] / self.chance[items, level])

    def _plain(self, several: Drawn) -> Moments:
        """Of the documents themselves, whole and mixed groups together."""
        return self.plain.moments(self._merged(several.taken), self._merged(several.possible))

    def _distances(self, several: Drawn, plain: Moments) -> np.ndarray:
        weighted = self.weighted.moments(several.weights, several.weights_possible)
        # 0 where the documents themselves lie the other way, as the effect reported is theirs
        agreeing = weighted.apart * plain.apart > CLOSE
        return np.asarray(self.weighted.distance(weighted) * agreeing / self.chance)

    def _count(self, plain: Moments) -> None:
        self.deviations += np.square(plain.apart).sum(axis=0)
        self.independent += plain.variance.sum(axis=0)

    def _merged(self, counts: np.ndarray) -> np.ndarray:
        """(…, strata, levels) of whole and of mixed groups together."""
        if self.kinds == 1:
            return counts
        return counts.reshape(*counts.shape[:-2], -1, self.kinds, counts.shape[-1]).sum(axis=-2)


def chi_square_p(distance: np.ndarray) -> np.ndarray:
    """The upper tail of χ² with one degree of freedom."""
    p: np.ndarray = erfc(np.sqrt(distance / 2))
    return p


def largest_of(values: np.ndarray) -> np.ndarray:
    """(…,) largest of (…, levels); along a short last axis numpy's own maximum takes ten times as long."""
    return reduce(np.maximum, np.moveaxis(values, -1, 0))
