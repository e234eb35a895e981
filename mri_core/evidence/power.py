"""Power of a study of some size: exact power of one connection's test, and the smallest detectable effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, norm, poisson

from mri_core.atlas.kinds.clusters import cluster_count
from mri_core.records.arrays import AtlasSpec
from mri_core.statistics.exact import null_tests
from mri_core.statistics.item_tests import ItemTests, margin_tests

CHANCE = 0.8  # power to plan for
SMALLEST = 1e-12  # p-values below are small enough for any family
GRID = 2_000  # thresholds evaluated, each 1 % above the one before
LARGE = 100  # expected documents, above which there are too many tables to enumerate
SEEN = 1e-6  # total probability of the rarest counts, which are left out
LAYERS, STAYING = 7, 0.8  # of a planned study: layers, and the share of documents that stay in a region


class Detectable(NamedTuple):
    """The smallest effect that a study could have detected: the category's share of the connection, and its lift."""

    share: float
    lift: float


def power(documents: int, share: float, lift: float, threshold: float, categories: int = 2) -> float:
    """Power to find a connection that one category takes more, or less, often than the others.

    Exact: binomial counts of the category and of the others together, summed over all tables. With more than 100
    expected documents of the category, the difference of the shares is taken as normal, which is accurate to .05 there.

    Args:
        documents: of each category.
        share: of the connection, mean over the categories.
        lift: the category's share over that mean.
        threshold: the largest p that is found (`threshold_alone`).
        categories: in the study; all others take the connection equally often.
    """
    own, other = share * lift, share * (categories - lift) / (categories - 1)
    rest = documents * (categories - 1)
    factor = categories if categories > 2 else 1
    if documents * share > LARGE:
        return _normal_power(own, other, documents, rest, threshold / factor)
    mine, theirs = _likely(documents, own), _likely(rest, other)
    totals = np.arange(mine[0] + theirs[0], mine[-1] + theirs[-1] + 1)
    null = null_tests(totals, np.full_like(totals, documents), np.full_like(totals, documents + rest))
    count, other_count = np.meshgrid(mine, theirs, indexing="ij")
    p = null.p_values(count + other_count - totals[0], count) * factor
    chance = binom.pmf(mine, documents, own)[:, None] * binom.pmf(theirs, rest, other)
    return float(chance[p <= threshold].sum())


def detectable(
    documents: int, share: float, threshold: float, categories: int = 2, chance: float = CHANCE
) -> Detectable | None:
    """The smallest lift above 1 with a given power, to 1 %; None if even the largest lacks it.

    Args:
        documents, share, threshold, categories: as of `power`.
        chance: the power.
    """
    low, high = 1.0, min(float(categories), 1 / share)
    if power(documents, share, high, threshold, categories) < chance:
        return None
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        if power(documents, share, middle, threshold, categories) < chance:
            low = middle
        else:
            high = middle
    return Detectable(share * high, high)


def threshold_alone(expected: Callable[[np.ndarray], np.ndarray], alpha: float = 0.05) -> float:
    """The largest p with which a connection is found if nothing else is: Σ F(t) ≤ α.

    Args:
        expected: Σ F of the family: `item_tests(counts).expected` of a study, `typical_tests(…).expected` of a plan.
    """
    thresholds = np.geomspace(SMALLEST, alpha, GRID)
    return float(thresholds[np.flatnonzero(expected(thresholds) <= alpha)].max(initial=0))


def typical_tests(documents: int, categories: int = 2, layers: int = LAYERS, regions: int | None = None) -> ItemTests:
    """The tests of a planned study with equal regions, in which four of five documents stay in their region.

    Args:
        documents: of each category.
        regions: per layer; None for as many as `--clusters auto` makes.
    """
    everyone = documents * categories
    regions = regions or cluster_count(AtlasSpec(), everyone)
    pairs = regions * (regions - 1)
    apart = poisson.ppf((np.arange(pairs) + 0.5) / pairs, everyone * (1 - STAYING) / regions / max(1, regions - 1))
    totals = np.concatenate([np.full(regions, round(everyone * STAYING / regions)), apart[apart > 0]]).astype(np.int64)
    totals = np.tile(totals, layers - 1)
    return margin_tests(totals, np.zeros_like(totals), np.full((1, categories), documents))


def _normal_power(own: float, other: float, documents: int, rest: int, threshold: float) -> float:
    """Two-sided power of a normal test of two shares, with the standard error under no difference."""
    both = (own * documents + other * rest) / (documents + rest)
    null, true = (
        np.sqrt(first * (1 - first) / documents + second * (1 - second) / rest)
        for first, second in ((both, both), (own, other))
    )
    reach, difference = norm.isf(threshold / 2) * null, abs(own - other)
    if not true:  # all documents of the category take it and no others
        return float(difference >= reach)
    return float(norm.sf((reach - difference) / true) + norm.cdf((-reach - difference) / true))


def _likely(documents: int, share: float) -> np.ndarray:
    """The counts with non-negligible probability."""
    low, high = binom.ppf([SEEN, 1 - SEEN], documents, share)
    return np.arange(int(low), int(high) + 1)
