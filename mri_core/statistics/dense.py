"""Findings of families that are small enough to store every category of every item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mri_core.records.connectome import Evidence
from mri_core.statistics.names import Names, name_passing
from mri_core.statistics.naming import Cells, Comparison


@dataclass(frozen=True)
class DenseFindings:
    """A family's findings, (items, categories).

    Attributes:
        evidence: of each category on each item; NaN if it cannot be compared.
        p, q: (items,).
        tests: items tested, m.
        passed: items with q ≤ α, R.
        level: of the confidence intervals of named categories; all others have 1 − α.
    """

    evidence: Evidence
    p: np.ndarray
    q: np.ndarray
    tests: int
    passed: int
    level: float


def dense_findings(
    p: np.ndarray, q: np.ndarray, present: np.ndarray, comparison: Comparison, alpha: float
) -> DenseFindings:
    """Names the categories of the items that pass, and gives the evidence of all others.

    Args:
        p, q: (items,).
        present: (items, categories) which can be compared.
        comparison: of the items.
        alpha: the largest q that passes.
    """
    passing = np.flatnonzero(q <= alpha)
    evidence = _plain(q, present, comparison, alpha)
    names = name_passing(p, q, present[passing], comparison.of(passing), alpha)
    write(evidence, (names.item, names.category), names)
    return DenseFindings(evidence, p, q, len(p), len(passing), names.level)


def write(evidence: Evidence, at: tuple[np.ndarray, ...] | np.ndarray, names: Names) -> None:
    """Writes names into the evidence."""
    columns = {
        "effect": names.effect,
        "ci_low": names.low,
        "ci_high": names.high,
        "p": names.p,
        "finding": names.finding,
        "name_q": names.q,
        "before": names.before,
    }
    for column, values in columns.items():
        getattr(evidence, column)[at] = values


def _plain(q: np.ndarray, present: np.ndarray, comparison: Comparison, alpha: float) -> Evidence:
    """The evidence of all categories before anything is named."""
    seen = comparison.against_the_rest(np.arange(len(q)), present)
    p, effect = (np.where(present, part, np.nan) for part in (seen.p, seen.effect))
    low, high, name_q = np.full((3, *present.shape), np.nan)
    item, category = np.nonzero(np.isfinite(effect))
    low[item, category], high[item, category] = comparison.intervals(Cells(item, category, present[item]), alpha / 2)
    q_of_each = np.broadcast_to(q[:, None], present.shape)
    finding, before = np.zeros(present.shape, dtype=np.int8), np.full(present.shape, None, dtype=object)
    return Evidence(effect, low, high, p, q_of_each, finding, name_q, before)
