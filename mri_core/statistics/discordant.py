"""Paired documents: did as many gain an item as lost it? McNemar's exact test, or swaps of whole groups.

A document that is read twice has an item, such as a region, both times, once or never. Only those that have it once say
something about a change: under the null hypothesis each is as likely to have gained as to have lost it (McNemar 1947).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import ndtr
from scipy.stats import beta, binom

from mri_core.records.measures import ALPHA
from mri_core.statistics.fdr import EQUAL, Method, bh, check_method, dbh, discrete, expected_by_permutation, fwer

LEAST = 1e-12  # of 1 - F
AT_ONCE = 1 << 20  # cells of items × permutations that are computed at once


@dataclass(frozen=True)
class Discordant:
    """Documents that have an item in one of two readings only, in long form.

    Attributes:
        item: (rows,) number of the item.
        document: (rows,) number of the document; a document has an item at most once.
        gained: (rows,) whether it has the item in the second reading only; else in the first only.
        items, documents: their numbers.
    """

    item: np.ndarray
    document: np.ndarray
    gained: np.ndarray
    items: int
    documents: int

    def counts(self, labels: np.ndarray, categories: int) -> tuple[np.ndarray, np.ndarray]:
        """(items, categories) documents of each category that gained, and that lost, each item.

        Args:
            labels: (documents,) integer category of each.
            categories: their number.
        """
        number = self.item * categories + labels[self.document]
        return tuple(
            np.bincount(number[own], minlength=self.items * categories).reshape(self.items, categories)
            for own in (self.gained, ~self.gained)
        )  # type: ignore[return-value]


@dataclass(frozen=True)
class Changes:
    """The tests of a family of items.

    Attributes:
        gained, lost: (items,) documents.
        effect: (items,) log odds of gaining among the discordant documents; infinite if all gained or all lost.
        ci_low, ci_high: (items,) its interval, of the level 1 − α R / m if q ≤ α (Benjamini and Yekutieli 2005), or of
            the level of the largest p among these, so that none of them contains 0.
        p, q: (items,).
        tests: number of the items, m.
        passed: of those with q ≤ α, R.
    """

    gained: np.ndarray
    lost: np.ndarray
    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    tests: int
    passed: int


def find_changes(
    seen: Discordant,
    fdr: Method = "discrete",
    groups: np.ndarray | None = None,
    permutations: int = 2_000,
    seed: int = 0,
    alpha: float = ALPHA,
) -> Changes:
    """Tests every item for a change between two readings of the same documents.

    Independent documents have the exact binomial test, whose null distribution is discrete; permutations swap the two
    readings of a document, or of a whole group.

    Args:
        seen: the discordant documents; every item has one at least.
        fdr: the method of q.
        groups: (documents,) number of each document's group; None if they are independent.
        permutations, seed: of the swaps, for `fwer` and for groups.
        alpha: the largest q that passes.
    """
    check_method(fdr, grouped=groups is not None)
    gained, lost = (counts[:, 0] for counts in seen.counts(np.zeros(seen.documents, dtype=np.int64), 1))
    if groups is None:
        p = _exact_p(gained, lost)
        q = _exact_q(p, gained + lost, seen, fdr, permutations, seed)
    else:
        p, q = _grouped(seen, groups, fdr, permutations, seed)
    passed = int((q <= alpha).sum())
    named = max(
        alpha * passed / max(1, len(q)), float(p[q <= alpha].max(initial=0))
    )  # else an interval may deny its change
    level = np.where(q <= alpha, named, alpha)
    size = gained + lost if groups is None else _effective(seen, groups, gained / (gained + lost))
    low, high = _interval(gained, lost, level, size)
    with np.errstate(divide="ignore"):
        effect = np.log(gained) - np.log(lost)
    return Changes(gained, lost, effect, low, high, p, q, len(p), passed)


def _exact_p(gained: np.ndarray, lost: np.ndarray) -> np.ndarray:
    return np.minimum(1, 2 * binom.cdf(np.minimum(gained, lost), gained + lost, 0.5))


def _exact_q(
    p: np.ndarray, sizes: np.ndarray, seen: Discordant, fdr: Method, permutations: int, seed: int
) -> np.ndarray:
    if fdr == "bh":
        return bh(p)
    if fdr == "fwer":
        swapped = (_exact_p(*_split(net, sizes)) for net in _swapped(seen, None, permutations, seed))
        return fwer(p, swapped)
    different, times = np.unique(sizes, return_counts=True)

    def reached(thresholds: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """For each number of discordant documents, how often it occurs, and F at the thresholds."""
        for size, count in zip(different.tolist(), times.tolist(), strict=True):
            attained = np.append(0, _exact_p(np.arange(size // 2 + 1), size - np.arange(size // 2 + 1)))
            yield count, attained[np.searchsorted(attained, thresholds * EQUAL, side="right") - 1]

    if fdr == "dbh":
        return dbh(p, lambda at: np.sum([count * F / np.maximum(1 - F, LEAST) for count, F in reached(at)], axis=0))
    return discrete(p, lambda at: np.sum([count * F for count, F in reached(at)], axis=0))


def _grouped(
    seen: Discordant, groups: np.ndarray, fdr: Method, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """p by swaps of whole groups, with the net change over its own spread as the statistic; and q."""
    by_group = _net(seen, groups)
    spread = np.sqrt(np.asarray(by_group.multiply(by_group).sum(axis=1)).ravel())
    observed = _tail(np.asarray(by_group.sum(axis=1)).ravel(), spread)
    reached = np.ones(len(observed))

    def draws() -> Iterator[np.ndarray]:
        """Tails of swapped readings, some at a time; counts those that reach the observed ones."""
        for net in _swapped(seen, groups, permutations, seed):
            tails = _tail(net, spread)
            reached[:] += (tails <= observed * EQUAL).sum(axis=0)
            yield tails

    q = fwer(observed, draws()) if fdr == "fwer" else discrete(observed, expected_by_permutation(observed, draws()))
    return reached / (permutations + 1), q


def _tail(net: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Two-sided normal tail of net changes; 1 if a whole number of groups cancels to nothing."""
    z = np.divide(np.abs(net), spread, out=np.zeros(net.shape), where=spread > 0)
    tail: np.ndarray = 2 * ndtr(-z)
    return tail


def _net(seen: Discordant, groups: np.ndarray | None) -> csr_matrix:
    """(items, groups or documents) gained minus lost."""
    own = seen.document if groups is None else np.unique(groups, return_inverse=True)[1][seen.document]
    signs = np.where(seen.gained, 1.0, -1.0)
    return csr_matrix((signs, (seen.item, own)), shape=(seen.items, int(own.max(initial=-1)) + 1))


def _swapped(seen: Discordant, groups: np.ndarray | None, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """(some permutations, items) net changes after swaps of the two readings, by document or by group."""
    net, random = _net(seen, groups), np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // max(1, max(net.shape)))
    for first in range(0, permutations, at_once):
        signs = random.integers(0, 2, (net.shape[1], min(at_once, permutations - first))) * 2.0 - 1
        yield (net @ signs).T


def _split(net: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gained and lost of net changes."""
    gained = ((sizes + net) / 2).round()
    return gained, sizes - gained


def _effective(seen: Discordant, groups: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(items,) independent documents that a share of gained ones is as sure as, by groups (Rao and Scott 1992).

    Where all documents gained, or all lost, their spread shows nothing: a group then counts once.
    """
    own = np.unique(groups, return_inverse=True)[1][seen.document]
    shape = (seen.items, int(own.max(initial=-1)) + 1)
    gained = csr_matrix((seen.gained.astype(float), (seen.item, own)), shape=shape)
    sizes = csr_matrix((np.ones(len(own)), (seen.item, own)), shape=shape)
    total, several = np.asarray(sizes.sum(axis=1)).ravel(), np.diff(sizes.indptr)
    residual = gained - sizes.multiply(share[:, None]).tocsr()
    squares = np.asarray(residual.multiply(residual).sum(axis=1)).ravel()
    variance = squares * several / np.maximum(several - 1, 1) / total**2
    size = np.divide(share * (1 - share), variance, out=several.astype(float), where=variance > 0)
    return np.minimum(size, total)


def _interval(
    gained: np.ndarray, lost: np.ndarray, level: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of the log odds, from Clopper and Pearson's (1934) of the share, on so many independent documents."""
    share = gained / (gained + lost)
    more, less = share * size, (1 - share) * size
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(gained > 0, beta.ppf(level / 2, more, less + 1), 0)
        high = np.where(lost > 0, beta.isf(level / 2, more + 1, less), 1)
        return np.log(low) - np.log1p(-low), np.log(high) - np.log1p(-high)
