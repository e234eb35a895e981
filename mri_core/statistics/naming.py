"""Which categories a connection that passed is about: step-down naming."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mri_core.statistics.effects import Effects, effects
from mri_core.statistics.exact import fisher
from mri_core.statistics.item_tests import EQUAL


class Compared(NamedTuple):
    """Each category against the others that are compared, (items, categories); what is not compared means nothing.

    Attributes:
        p: two-sided.
        effect, variance: of the difference; the effect's sign says which way it goes.
        more: 1 where the category has more than the others, -1 less, 0 alike.
    """

    p: np.ndarray
    effect: np.ndarray
    variance: np.ndarray
    more: np.ndarray


Compare = Callable[[np.ndarray, np.ndarray], Compared]  # of the items' numbers, and which categories are left of each


class Named(NamedTuple):
    """What is named on each item, (items, categories).

    Attributes:
        finding: 1 more than those compared with, -1 less, 0 not named.
        p, effect, variance: against all others, or for a category named at a later step against those then left.
    """

    finding: np.ndarray
    p: np.ndarray
    effect: np.ndarray
    variance: np.ndarray


def step_down(present: np.ndarray, threshold: float, compare: Compare) -> Named:
    """Names the categories of items that passed.

    The category with the smallest p is named and taken out; the others are tested among themselves, and further ones
    named while p times the number of categories left is at most the threshold (after Benjamini and Bogomolov 2014).
    Where two are left both are named. So one enriched category does not make all others depleted.

    Args:
        present: (items, categories) which categories there are.
        threshold: the largest p of an item that passed.
        compare: compares the categories that are left.
    """
    left = present.copy()
    named = Named(np.zeros(left.shape, dtype=np.int8), np.ones(left.shape), *np.full((2, *left.shape), np.nan))
    going = np.flatnonzero(left.sum(axis=1) > 1)
    for step in range(left.shape[1] - 1):
        if not len(going):
            break
        those = left[going]
        compared = compare(going, those)
        p, several = np.where(those, compared.p, np.inf), those.sum(axis=1)
        passes = (p.min(axis=1) * several <= threshold) | (step == 0)
        chosen = those & passes[:, None] & ((several == 2)[:, None] | _first(p, compared.more))
        _keep(named, going, compared, chosen if step else those)
        named.finding[going] = np.where(chosen, compared.more, named.finding[going])
        left[going] &= ~chosen
        going = going[passes & (several > 2)]
    return named


def against_the_rest(count: np.ndarray, size: np.ndarray, design: np.ndarray | None = None) -> Compare:
    """Compares by Fisher's exact test and log odds.

    Args:
        count, size: (items, categories) documents that have it, and all documents there could be.
        design: (items, categories) by how much log odds vary more than those of independent documents.
    """

    def compare(items: np.ndarray, left: np.ndarray) -> Compared:
        own, everyone = np.where(left, count[items], 0), np.where(left, size[items], 0)
        total, population = own.sum(axis=1, keepdims=True), everyone.sum(axis=1, keepdims=True)
        more = np.sign(own * population - everyone * total)
        found: Effects = effects(own, everyone, left, None if design is None else design[items])
        return Compared(fisher(own, total, everyone, population), *found, more)

    return compare


def _first(p: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The category with the smallest p, of equal ones that which has more, then the first; as a mask."""
    equal = p <= p.min(axis=1, keepdims=True) * EQUAL
    chosen = np.argmax(np.where(equal, more + 2, 0), axis=1)
    return np.arange(p.shape[1]) == chosen[:, None]


def _keep(named: Named, items: np.ndarray, compared: Compared, kept: np.ndarray) -> None:
    row, category = np.nonzero(kept)
    at = items[row], category
    for column, values in ((named.p, compared.p), (named.effect, compared.effect), (named.variance, compared.variance)):
        column[at] = values[row, category]
