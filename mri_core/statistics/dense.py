"""Findings of families that are small enough to keep every category of every item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mri_core.records import Evidence
from mri_core.statistics.effects import Effects, intervals, listed_level
from mri_core.statistics.naming import Compare, step_down


@dataclass(frozen=True)
class DenseFindings:
    """A family's findings, (items, categories).

    Attributes:
        evidence: of each category on each item; not a number where it is not there to be compared.
        p, q: (items,).
        tests: items tested, m.
        passed: items with q ≤ α, R.
        level: of the intervals of what is named; all others have 1 − α.
    """

    evidence: Evidence
    p: np.ndarray
    q: np.ndarray
    tests: int
    passed: int
    level: float


def dense_findings(p: np.ndarray, q: np.ndarray, present: np.ndarray, compare: Compare, alpha: float) -> DenseFindings:
    """Names the categories of the items that pass, and tells of all others how they compare.

    Args:
        p, q: (items,).
        present: (items, categories) which there are to be compared.
        compare: compares the categories of some items that are left.
        alpha: the rate that q is held to.
    """
    passing = np.flatnonzero(q <= alpha)
    level = listed_level(len(passing), len(p), alpha)
    seen = compare(np.arange(len(p)), present)
    own, effect, variance = (np.where(present, part, np.nan) for part in (seen.p, seen.effect, seen.variance))
    finding, levels = np.zeros(present.shape, dtype=np.int8), np.full(present.shape, 1 - alpha)
    threshold = float(p[passing].max(initial=0))
    named = step_down(present[passing], threshold, lambda items, left: compare(passing[items], left))
    row, category = np.nonzero(named.finding)
    at = passing[row], category
    levels[at] = level
    for column, told in ((finding, named.finding), (own, named.p), (effect, named.effect), (variance, named.variance)):
        column[at] = told[row, category]
    low, high = intervals(Effects(effect, variance), levels)
    q_of_each = np.broadcast_to(q[:, None], present.shape)
    return DenseFindings(Evidence(effect, low, high, own, q_of_each, finding), p, q, len(p), len(passing), level)
