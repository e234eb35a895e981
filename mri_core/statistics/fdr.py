"""From p-values to q-values: discrete and classical false discovery rates, and the familywise error rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Literal, get_args

import numpy as np

from mri_core.errors import UsageError, unknown_name

Method = Literal["discrete", "dbh", "bh", "fwer"]
FEW = 1_000  # different p-values, up to which lookup is faster than sorting all
EQUAL = 1 + 1e-9  # p-values of the same table, computed in two ways, differ by rounding


def check_method(method: str, grouped: bool) -> None:
    """Refuses an unknown method, or one that needs exact tests if documents are in groups."""
    if method not in get_args(Method):
        raise unknown_name("method of the false discovery rate", method, get_args(Method))
    if grouped and method in ("dbh", "bh"):
        raise UsageError(
            f"--fdr {method} rests on exact tests, which take documents as independent",
            "With --group they are not",
            "Take --fdr discrete or --fdr fwer, which permute the groups",
        )


def check_draws(method: str, drawn: bool) -> None:
    """Refuses `fwer` without permutations, which would never find anything."""
    if not drawn and method == "fwer":
        raise ValueError("fwer needs permuted counts (draws)")


def discrete(p: np.ndarray, expected: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """q(t) = Σ F(t) / #{p ≤ t}, made monotone (Heyse 2011): expected null p-values at or below t over observed ones.

    Args:
        p: (items,).
        expected: Σ F at rising thresholds.
    """
    thresholds, place = _ranked(p)
    share = expected(thresholds) / np.cumsum(np.bincount(place))
    return np.minimum(1, np.minimum.accumulate(share[::-1])[::-1])[place]


def dbh(p: np.ndarray, expected_odds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Step-down q of Döhler, Durand and Roquain (2018, DBH-SD): proven under independence.

    Args:
        p: (items,).
        expected_odds: Σ F / (1 − F) at rising thresholds below 1.
    """
    thresholds, place = _ranked(p)
    times = np.bincount(place)
    share = np.ones(len(thresholds))
    below = thresholds < 1
    rank = np.cumsum(times) - times + 1  # rank of the first of equal p-values
    share[below] = expected_odds(thresholds[below]) / rank[below]
    return np.minimum(1, np.maximum.accumulate(share))[place]


def bh(p: np.ndarray) -> np.ndarray:
    """q of Benjamini and Hochberg (1995)."""
    return discrete(p, lambda thresholds: thresholds * len(p))


def fwer(p: np.ndarray, draws: Iterable[np.ndarray]) -> np.ndarray:
    """Step-down familywise p of Westfall and Young (1993): how often the rest's minimum is as small when permuted.

    Args:
        p: (items,).
        draws: the items' p (permutations, items) after permutations of the labels, some at a time.
    """
    order = np.argsort(p, kind="stable")
    bound = p[order] * EQUAL
    reached, drawn = np.ones(len(p)), 1  # the observed labelling is one of the permutations
    for several in draws:
        smallest = np.minimum.accumulate(several[:, order[::-1]], axis=1)[:, ::-1]
        reached += (smallest <= bound).sum(axis=0)
        drawn += len(several)
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(reached / drawn)
    return adjusted


def expected_by_permutation(p: np.ndarray, draws: Iterable[np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Σ F of statistics with a null distribution from permutations: the mean number at or below a threshold.

    The observed labelling counts as one of the permutations, so that no estimate is below their resolution.

    Args:
        p: (items,) the statistics, small under the alternative; thresholds are among them.
        draws: the statistics (permutations, items) after permutations of the labels, some at a time.
    """
    thresholds = np.unique(p)
    reached = np.zeros(len(thresholds) + 1)
    drawn = 0
    for several in chain([p[None]], draws):
        reached += np.bincount(np.searchsorted(thresholds * EQUAL, several.ravel()), minlength=len(reached))
        drawn += len(several)
    share = np.cumsum(reached)[:-1] / drawn
    return lambda at: share[np.searchsorted(thresholds, at)]


def _ranked(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different p-values in order, and which each is."""
    different = np.unique(p)
    if len(different) <= FEW:
        return different, np.searchsorted(different, p)
    order = np.argsort(p)
    rising = p[order]
    place = np.empty(len(p), dtype=np.int64)
    place[order] = np.append(0, np.cumsum(rising[1:] != rising[:-1]))
    return different, place
