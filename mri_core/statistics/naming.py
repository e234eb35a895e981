"""Which categories a connection that passed is about: step-down naming."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mri_core.statistics.effects import Effects, effects
from mri_core.statistics.exact import fisher
from mri_core.statistics.item_tests import EQUAL


class Named(NamedTuple):
    """What is named on each item, (items, categories).

    Attributes:
        finding: 1 more than those compared with, -1 less, 0 not named.
        effects: against all others, or for a category named at a later step against those that were left.
        p: of the same comparison.
    """

    finding: np.ndarray
    effects: Effects
    p: np.ndarray


def name_categories(count: np.ndarray, size: np.ndarray, threshold: float) -> Named:
    """Names the categories of items that passed.

    The category with the smallest p is named and taken out; the others are tested among themselves, and further ones
    named while p times the number of categories left is at most the threshold (after Benjamini and Bogomolov 2014).
    Where two are left both are named. So one enriched category does not make all others depleted.

    Args:
        count, size: (items, categories) documents that have it, and all documents there could be.
        threshold: the largest p of an item that passed.
    """
    left = size > 0
    found = Named(
        np.zeros(count.shape, dtype=np.int8), Effects(*np.full((2, *count.shape), np.nan)), np.ones(count.shape)
    )
    going = np.flatnonzero(left.sum(axis=1) > 1)
    for step in range(count.shape[1] - 1):
        part = (count[going], size[going], left[going])
        p, more, compared = _p_values(*part), _direction(*part), effects(*part)
        several = part[2].sum(axis=1)
        passes = p.min(axis=1) * several <= threshold if step else np.ones(len(going), dtype=bool)
        first = _first(p, more)
        named = part[2] & passes[:, None] & ((several == 2)[:, None] | first)
        kept = part[2] if step == 0 else named
        _keep(found, going, kept, compared, p)
        found.finding[going] = np.where(named, more, found.finding[going])
        left[going] &= ~named
        going = going[passes & (left[going].sum(axis=1) > 1)]
    return found


def _p_values(count: np.ndarray, size: np.ndarray, left: np.ndarray) -> np.ndarray:
    """p of each category that is left against the others that are; infinite for those that are not."""
    count, size = np.where(left, count, 0), np.where(left, size, 0)
    p = fisher(count, count.sum(axis=1, keepdims=True), size, size.sum(axis=1, keepdims=True))
    return np.where(left, p, np.inf)


def _direction(count: np.ndarray, size: np.ndarray, left: np.ndarray) -> np.ndarray:
    """1 where the category has it more often than the others that are left, -1 where less often, 0 where alike."""
    total = np.where(left, count, 0).sum(axis=1, keepdims=True)
    population = np.where(left, size, 0).sum(axis=1, keepdims=True)
    return np.sign(count * population - size * total).astype(np.int8)


def _first(p: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The category with the smallest p, of equal ones that which has more, then the first; as a mask."""
    equal = p <= p.min(axis=1, keepdims=True) * EQUAL
    chosen = np.argmax(np.where(equal, more + 2, 0), axis=1)
    return np.arange(p.shape[1]) == chosen[:, None]


def _keep(found: Named, items: np.ndarray, kept: np.ndarray, compared: Effects, p: np.ndarray) -> None:
    row, category = np.nonzero(kept)
    at = items[row], category
    found.effects.effect[at], found.effects.variance[at] = (
        compared.effect[row, category],
        compared.variance[row, category],
    )
    found.p[at] = p[row, category]
