"""The named categories of a family: those in which the items that passed differ, with their reported statistics."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from mri_core.statistics.effects import agreeing_level
from mri_core.statistics.item_tests import EQUAL
from mri_core.statistics.naming import Cells, Comparison, step_down


@dataclass(frozen=True)
class Names:
    """One row per category named on an item.

    Attributes:
        item, category: of each.
        finding: 1 more than those it was compared with, -1 less.
        p, effect: of that comparison.
        low, high: ends of the effect's confidence interval, which never contains 0; infinite if there is none.
        q: the name's own, at most α: that of its item for the first name, at least that for a further one.
        before: the categories named before on its item, as a tuple, which it was not compared with; None if it was
            compared with all others.
        level: of the intervals.
    """

    item: np.ndarray
    category: np.ndarray
    finding: np.ndarray
    p: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    q: np.ndarray
    before: np.ndarray
    level: float

    def of(self, rows: np.ndarray) -> Names:
        """A selection of rows."""
        columns = (column.name for column in fields(self) if column.name != "level")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})


def name_passing(
    p: np.ndarray,
    q: np.ndarray,
    present: np.ndarray,
    comparison: Comparison,
    alpha: float,
    *,
    intervals: bool = True,
) -> Names:
    """Names the categories of the items with q ≤ α.

    A further name passes where p times the number of categories is at most α R / m, as of R selected of m families
    (Benjamini and Bogomolov 2014), and no more than the p of an item that passed.

    Args:
        p, q: (items,) of the whole family.
        present: (passed, categories) which can be compared, for the items that passed, in order.
        comparison: of these items.
        alpha: the largest q that passes.
        intervals: whether names have intervals, at the level that agrees with them; else these are NaN.
    """
    passing = np.flatnonzero(q <= alpha)
    threshold = min(float(p[passing].max(initial=0)), alpha * len(passing) / max(1, len(p)))
    named = step_down(present, threshold, comparison)
    cells = named.cells(present)
    at, several = (cells.item, cells.category), present.sum(axis=1)[cells.item]
    level, low = 1 - alpha, np.full(len(cells.item), np.nan)
    high = low
    if intervals:
        level = agreeing_level(len(passing), len(p), alpha, _largest_tails(comparison, cells, named.p[at]))
        low, high = comparison.intervals(cells, (1 - level) / 2 * EQUAL)
    several = np.where(several > 2, several, 1)  # two categories have one p, which is their item's
    return Names(
        passing[cells.item],
        cells.category,
        named.finding[at],
        named.p[at],
        named.effect[at],
        low,
        high,
        _own_q(p, q, named.p[at] * several, named.step[at] == 0, len(passing) / max(1, len(p))),
        _named_before(present[cells.item] & ~cells.left),
        level,
    )


def _named_before(before: np.ndarray) -> np.ndarray:
    """(names,) of a mask (names, categories) the categories, as a tuple; None where there are none."""
    found = np.full(len(before), None, dtype=object)
    for name in np.flatnonzero(before.any(axis=1)).tolist():
        found[name] = tuple(np.flatnonzero(before[name]).tolist())
    return found


def _largest_tails(comparison: Comparison, cells: Cells, p: np.ndarray) -> np.ndarray:
    """One-sided p of some names, among which is the largest of all: none exceeds the name's two-sided p (names,)."""
    if not len(p):
        return p
    largest = comparison.tails(cells.of(np.array([p.argmax()])))
    return comparison.tails(cells.of(np.flatnonzero(p * EQUAL >= largest)))


def _own_q(p: np.ndarray, q: np.ndarray, own: np.ndarray, first: np.ndarray, share: float) -> np.ndarray:
    """(names,) q of names: that of the family's items at a name's own p; for a further name p over R / m.

    Args:
        p, q: (items,) of the family.
        own: (names,) p times the number of categories.
        first: (names,) whether it is the first name of its item.
        share: R / m.
    """
    order = np.argsort(p, kind="stable")
    place = np.searchsorted(p[order] * EQUAL, own)
    at_own = np.append(q[order], 1.0)[place]
    return np.minimum(1, np.where(first, at_own, np.maximum(at_own, own / share)))
