"""Confirmation: findings of one study tested on documents that took no part in it, and nothing else.

Each is tested in the direction in which it was found, one-sided, with Holm's (1979) correction over these tests alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import bootstraps, permuted_labels
from mri_core.statistics.conditional import exact_intervals
from mri_core.statistics.effects import log_odds_ratio
from mri_core.statistics.exact import LEAST

PERMUTATIONS, RESAMPLES = 10_000, 1_000
AT_ONCE = 200  # permutations
EQUAL = 1e-12


@dataclass(frozen=True)
class Claim:
    """A finding that is to be confirmed.

    Attributes:
        source, target: regions within the study, `L3/R5`.
        category, finding: whose it is; `more` or `less`.
        effect: log odds ratio that was found.
        share, others_share: of the documents of the category, and of the other categories, that took the connection.
    """

    source: str
    target: str
    category: str
    finding: str
    effect: float
    share: float
    others_share: float


@dataclass(frozen=True)
class Confirmation:
    """What new documents say about the claims, which all arrays are aligned with.

    Attributes:
        claims: that were tested.
        weight, size: documents of the category that take the connection, and all of it.
        others, others_size: the same of the other categories.
        effect: log odds ratio.
        before: (claims,) log odds ratio that the study's shares have in as many documents as there are new ones: the
            effect adds a document to either side, which weighs more in few, so that others are not comparable.
        ci_low, ci_high: its 95 % interval; for groups by resampling them.
        p, q: one-sided in the direction of the claim, and corrected by Holm's method.
        slope, slope_low, slope_high: of `effect` on `before`, through 0, with its 95 % interval over resampled
            documents or groups: 1 if effects are as large as they were, 0 if they are gone.
    """

    claims: tuple[Claim, ...]
    weight: np.ndarray
    size: np.ndarray
    others: np.ndarray
    others_size: np.ndarray
    effect: np.ndarray
    before: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    slope: float
    slope_low: float
    slope_high: float

    @property
    def replicated(self) -> np.ndarray:
        """(claims,) whether each is confirmed."""
        return self.q <= ALPHA


def confirm(
    taken: np.ndarray | csr_matrix,
    labels: np.ndarray,
    claims: Sequence[Claim],
    categories: Sequence[str],
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> Confirmation:
    """Tests claims on new documents.

    Args:
        taken: (claims, documents) whether a document takes each claim's connection, perhaps sparse.
        labels: (documents,) integer category of each.
        claims: one at least, of these categories.
        categories: their names.
        groups: (documents,) number of each document's group; None if they are independent.
        seed: of permutations and resamples.
    """
    label = np.array([list(categories).index(claim.category) for claim in claims])
    sign = np.array([1 if claim.finding == "more" else -1 for claim in claims])
    taken = csr_matrix(taken, dtype=np.float64)
    one_each, population = np.ones(len(labels)), np.full(len(claims), len(labels))
    weight, size, total = (part.astype(np.int64) for part in _counts(taken, labels, label, one_each))
    effect = log_odds_ratio(weight, total, size, population)
    shares, others = (np.array([getattr(claim, name) for claim in claims]) for name in ("share", "others_share"))
    old = log_odds_ratio(shares * size, shares * size + others * (population - size), size, population)
    draws = _resampled(taken, labels, label, groups, seed)
    if groups is None:
        p = _one_sided(weight, total, size, population, sign)
        low, high = exact_intervals(weight, total, size, population, ALPHA / 2)
    else:
        p = _by_permutation(taken, labels, label, sign, groups, seed)
        low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    slopes = np.nansum(draws * old, axis=1) / np.sum(old**2)
    slope_low, slope_high = np.percentile(slopes, [2.5, 97.5])
    return Confirmation(
        tuple(claims),
        weight,
        size,
        total - weight,
        population - size,
        effect,
        old,
        low,
        high,
        p,
        holm(p),
        float(np.nansum(effect * old) / np.sum(old**2)),
        float(slope_low),
        float(slope_high),
    )


def holm(p: np.ndarray) -> np.ndarray:
    """Step-down familywise p (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def _one_sided(
    weight: np.ndarray, total: np.ndarray, size: np.ndarray, population: np.ndarray, sign: np.ndarray
) -> np.ndarray:
    """Fisher's exact p in the direction of each claim."""
    more = hypergeom.sf(weight - 1, population, total, size)
    less = hypergeom.cdf(weight, population, total, size)
    p: np.ndarray = np.clip(np.where(sign > 0, more, less), LEAST, 1)  # a probability that underflows is not 0
    return p


def _by_permutation(
    taken: csr_matrix, labels: np.ndarray, label: np.ndarray, sign: np.ndarray, groups: np.ndarray, seed: int
) -> np.ndarray:
    """One-sided p by permutations that keep groups together, of the difference between the shares of both sides."""
    observed = _difference(taken, labels[None], label)[0] * sign
    reached = np.ones(len(label))
    for several in permuted_labels(labels, PERMUTATIONS, seed, groups, at_once=AT_ONCE):
        reached += (_difference(taken, several, label) * sign >= observed - EQUAL).sum(axis=0)
    p: np.ndarray = reached / (PERMUTATIONS + 1)
    return p


def _difference(taken: csr_matrix, labels: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(permutations, claims) share of the category's documents that take the connection, less that of the others."""
    found = np.empty((len(labels), len(label)))
    total = np.asarray(taken.sum(axis=1)).ravel()
    for category in np.unique(label):
        claims = np.flatnonzero(label == category)
        own = labels == category
        size = own.sum(axis=1)[:, None]
        inside = (taken[claims] @ own.T.astype(np.float64)).T
        others = labels.shape[1] - size
        found[:, claims] = inside / np.maximum(size, 1) - (total[claims] - inside) / np.maximum(others, 1)
    return found


def _resampled(
    taken: csr_matrix, labels: np.ndarray, label: np.ndarray, groups: np.ndarray | None, seed: int
) -> np.ndarray:
    """(resamples, claims) log odds ratios over bootstrap resamples of documents, or of whole groups."""
    found = []
    for drawn in bootstraps(len(labels), RESAMPLES, seed, groups):
        times = np.bincount(drawn, minlength=len(labels)).astype(np.float64)
        weight, size, total = _counts(taken, labels, label, times)
        found.append(log_odds_ratio(weight, total, size, np.full(len(label), times.sum())))
    return np.stack(found)


def _counts(
    taken: csr_matrix, labels: np.ndarray, label: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(claims,) documents of the category that take the connection, all of the category, and all that take it.

    Args:
        times: (documents,) how often each counts.
    """
    weight, total = np.empty(len(label)), taken @ times
    for category in np.unique(label):
        claims = np.flatnonzero(label == category)
        weight[claims] = (taken @ (times * (labels == category)))[claims]
    return weight, np.bincount(labels, times, minlength=int(label.max()) + 1)[label], total
