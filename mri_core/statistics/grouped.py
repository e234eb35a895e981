"""Findings for documents in groups: permutations of whole groups' labels give the null distribution.

The statistic uses weighted documents (`group_weights`): if groups differ in size between categories, so does the
variance of sums over unweighted documents, and permutations of the groups' labels would mistake that for a difference.
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

FIRST = 200  # permutations that estimate the scale of an item's distances, before those that are counted
CLOSE = 1e-9  # distances of equal tables differ by rounding


def find_grouped(
    items: GroupedItems, plain: WithEffects, fdr: Method, alpha: float, permutations: int, seed: int
) -> DenseFindings:
    """Tests every item of a family, and names the levels of those that pass.

    The first permutations give the scale of each level's distance on each item, by which it is divided: one group that
    fills a region by itself is far out under every labelling. p of a level is the share of permutations with a distance
    as large; q counts the family's items that reach it under permutation, and is at least the smallest p of the item's
    levels times their number. Confidence intervals are those of independent documents, widened by the design effect.

    Args:
        items: of the family.
        plain: compares levels as if documents were independent.
        fdr: `discrete` or `fwer`.
        alpha: the largest q that passes.
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
    found = dense_findings(p, q, tally.present, comparison, alpha)
    before = found.evidence.before
    by_rest = np.array([those is None for those in before.flat], dtype=bool).reshape(before.shape)
    found.evidence.p[by_rest] = own[by_rest]  # later names have the p of their own comparisons
    return found


class InGroups:
    """Compares levels of documents in groups by weighted documents, with permutation p of each against the rest.

    Args:
        plain: compares them as if documents were independent.
        tally: of the items, after counting its permutations.
        p: (items, levels) of each level against all the rest, by permutations.
        items: (chosen,) indices among the tally's; None for all.
    """

    def __init__(self, plain: WithEffects, tally: Tally, p: np.ndarray, items: np.ndarray | None = None) -> None:
        self.plain, self.tally, self.p = plain, tally, p
        self.items = np.arange(len(p)) if items is None else items

    def of(self, items: np.ndarray) -> InGroups:
        """As `Comparison.of`."""
        return InGroups(self.plain.of(items), self.tally, self.p, self.items[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `Comparison.against_the_rest`, with the χ² p of the scaled distance."""
        compared = self.plain.effects(items, left)
        return compared._replace(p=chi_square_p(self.tally.among(self.items[items], left, compared.more)))

    def tails(self, cells: Cells) -> np.ndarray:
        """As `Comparison.tails`: for a level against all others half its permutation p."""
        item = self.items[cells.item]
        own: np.ndarray = self.p[item, cells.category] / 2
        later = np.flatnonzero(cells.left.sum(axis=1) < self.tally.present[item].sum(axis=1))
        few = cells.of(later)
        own[later] = chi_square_p(self.tally.of_one(item[later], few.category, few.left)) / 2
        return own

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `Comparison.intervals`; test-based on p if the interval contained 0 although permutations reject it."""
        effect, item = self.plain.effects_of(cells), self.items[cells.item]
        wider = np.sqrt(self.tally.design_effects()[item, cells.category])
        low, high = (effect + wider * (end - effect) for end in self.plain.intervals(cells, tail))
        half = self.tails(cells)
        denies = (half <= tail) & (low <= 0) & (high >= 0)
        low[denies], high[denies] = test_based(effect[denies], 2 * half[denies], tail)
        return low, high


class Tally:
    """Accumulates p-values and variances of a family's items over permutations of the labels.

    Attributes:
        items: of the family.
        present: (items, levels) which can be compared.
        factor: (items,) number of levels that an item's p corrects for; 1 for two, which have the same p.
        own: (items, levels) the observed scaled distances.
    """

    def __init__(self, items: GroupedItems) -> None:
        seen = items.observed()
        self.items, self.seen, self.kinds = items, Drawn(*(part[0] for part in seen)), items.kinds
        self.plain = Margins.of(self._merged(self.seen.taken), self._merged(self.seen.possible))
        self.weighted = Margins.of(self.seen.weights, self.seen.weights_possible)
        self.present = self.seen.possible.sum(axis=1) > 0
        several = self.present.sum(axis=1)
        self.factor = np.where(several > 2, several, 1)
        self.reached, self.drawn = (
            np.ones(self.present.shape, dtype=np.int64),
            1,
        )  # the observed labelling is one of them
        self.deviations, self.independent = np.zeros((2, *self.present.shape))
        self.chance = np.ones(self.present.shape)
        plain = self._plain(seen)
        self._count(plain)
        self.own = self._distances(seen, plain)[0]

    def scale(self, draws: Iterable[Drawn]) -> None:
        """Divides distances by their mean under permutation, if that exceeds the mean of χ²."""
        total, drawn = np.ones(self.present.shape), 1
        for several in draws:
            total += self._distances(several, self._plain(several)).sum(axis=0)
            drawn += len(several.taken)
        self.chance = np.maximum(1, total / drawn)
        self.own = self.own / self.chance

    def counting(self, draws: Iterable[Drawn]) -> Iterator[np.ndarray]:
        """(permutations, items) p of the items, counted as permutations are drawn."""
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
        """(items, levels) p of each level against the rest; NaN if it is absent."""
        return np.where(self.present, self.reached / self.drawn, np.nan)

    def design_effects(self) -> np.ndarray:
        """(items, levels) ratio of a count's variance with groups to that of independent documents; 1 at least."""
        varies = self.independent > 0
        return np.maximum(1, np.divide(self.deviations, self.independent, out=np.ones(varies.shape), where=varies))

    def among(self, items: np.ndarray, left: np.ndarray, more: np.ndarray) -> np.ndarray:
        """(chosen, levels) observed scaled distances of the levels that are left against one another.

        Args:
            items: (chosen,).
            left: (chosen, levels).
            more: (chosen, levels) direction of the documents; distances are 0 if the weights have the other direction.
        """
        taken, possible = (np.where(left[:, None], part[items], 0) for part in self.seen[2:])
        margins = Margins.of(taken, possible)
        moments = margins.moments(taken, possible)
        return margins.distance(moments) * (moments.apart * more > CLOSE) / self.chance[items]

    def of_one(self, items: np.ndarray, level: np.ndarray, left: np.ndarray) -> np.ndarray:
        """(rows,) the same for one level (rows,) of each item."""
        taken, possible = (
            np.stack([part[items, :, level], np.where(left[:, None], part[items], 0).sum(axis=2)], axis=2)
            for part in self.seen[2:]
        )
        taken[..., 1] -= taken[..., 0]
        possible[..., 1] -= possible[..., 0]
        margins = Margins.of(taken, possible)
        return np.asarray(margins.distance(margins.moments(taken, possible))[:, 0] / self.chance[items, level])

    def _plain(self, several: Drawn) -> Moments:
        """Moments of the unweighted documents, whole and mixed groups together."""
        return self.plain.moments(self._merged(several.taken), self._merged(several.possible))

    def _distances(self, several: Drawn, plain: Moments) -> np.ndarray:
        weighted = self.weighted.moments(several.weights, several.weights_possible)
        # 0 if the unweighted documents have the other direction, as the reported effect is theirs
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
    """(…,) largest of (…, levels); numpy's maximum over a short last axis takes ten times as long."""
    return reduce(np.maximum, np.moveaxis(values, -1, 0))
