"""Which connections, regions and routes differ between categories: each family's tests, effects and findings.

    findings = find_differences(connection_counts(connectome))      # or activity_counts, routing_counts
    findings.found.effect, .ci_low, .ci_high, .p, .q, .finding      # aligned with the rows of flows, or of activity
    findings.avoided.row, .category, .found.effect, …               # what a category is found to avoid altogether

Two given categories, or any subset: `counts, rows = connection_counts(connectome).among(np.array([0, 2]))`, and the
same function. Where documents stand in groups, `draws` yields after each block permutation of the labels the items'
counts (items, categories), such as `connection_tables(placement).counts(permuted, categories)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.statistics.counts import Counts
from mri_core.statistics.effects import Effects, intervals, listed_level, row_effects
from mri_core.statistics.fdr import Method, bh, check_method, dbh, discrete, expected_by_permutation, fwer
from mri_core.statistics.item_tests import ItemTests, item_tests
from mri_core.statistics.naming import Named, against_the_rest, step_down

ALPHA = 0.05
Draws = Callable[[], Iterable[np.ndarray]]  # (items, categories) counts after each permutation of the labels


class Found(NamedTuple):
    """What is known of each row.

    Attributes:
        effect, ci_low, ci_high: log odds minus the mean of the other categories', with its interval; of a category
            named at a later step against those that were left. Not a number where there is nobody to compare with.
        p: of the category against the same others.
        q: of the row's item.
        finding: int8; 1 more than the others, -1 less, 0 not named.
    """

    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    finding: np.ndarray


@dataclass(frozen=True)
class Avoided:
    """Items that a category never has and is found to have less often than the others.

    Attributes:
        item, category: of each row.
        row: the first row of the same item in what was tested; its source and target, or region, are this one's.
        found: as of the rows that are there.
    """

    item: np.ndarray
    category: np.ndarray
    row: np.ndarray
    found: Found


@dataclass(frozen=True)
class Findings:
    """A family's findings.

    Attributes:
        found: one entry a row of the counts.
        avoided: the rows with a count of 0 that are named.
        p, q: (items,).
        tests: items tested, m.
        passed: items with q ≤ α, R.
        level: of the intervals of what is named; all others have 1 − α.
    """

    found: Found
    avoided: Avoided
    p: np.ndarray
    q: np.ndarray
    tests: int
    passed: int
    level: float


def find_differences(
    counts: Counts, fdr: Method = "discrete", alpha: float = ALPHA, draws: Draws | None = None, grouped: bool = False
) -> Findings:
    """Tests every item of a family, and names the categories of those that pass.

    Args:
        counts: from `connection_counts`, `activity_counts` or `routing_counts`.
        fdr: how q is made.
        alpha: the rate that q is held to.
        draws: counts after permutations, for `fwer` and wherever documents stand in groups.
        grouped: documents stand in groups, so that the exact p is a statistic only and permutations tell its chance.
    """
    check_method(fdr, grouped)
    tests = item_tests(counts)
    cells = tests.cells(counts)
    p = tests.items(counts, cells)
    q = _q_values(p, tests, fdr, _smallest(tests, draws), grouped)
    passing = np.flatnonzero(q <= alpha)
    level = listed_level(len(passing), len(p), alpha)
    threshold = float(p[passing].max(initial=0))
    size = counts.sizes[counts.population[passing]]
    named = step_down(size > 0, threshold, against_the_rest(counts.dense(passing), size))
    found = _found(row_effects(counts), cells, q[counts.item], 1 - alpha)
    _write(found, counts, passing, named, level)
    return Findings(found, _avoided(counts, passing, named, q, level), p, q, len(p), len(passing), level)


def _q_values(p: np.ndarray, tests: ItemTests, fdr: Method, drawn: Iterable[np.ndarray], grouped: bool) -> np.ndarray:
    if fdr == "fwer":
        return fwer(p, drawn)
    if fdr == "bh":
        return bh(p)
    if fdr == "dbh":
        return dbh(p, tests.expected_odds)
    return discrete(p, expected_by_permutation(p, drawn) if grouped else tests.expected)


def _smallest(tests: ItemTests, draws: Draws | None) -> Iterator[np.ndarray]:
    """The items' p after each permutation."""
    yield from (tests.dense_items(counts) for counts in (draws() if draws else ()))


def _found(effect: Effects, p: np.ndarray, q: np.ndarray, level: float) -> Found:
    return Found(effect.effect, *intervals(effect, level), p.copy(), q, np.zeros(len(p), dtype=np.int8))


def _write(found: Found, counts: Counts, passing: np.ndarray, named: Named, level: float) -> None:
    """Puts what is named into its rows."""
    place = np.full(len(counts.population), -1)
    place[passing] = np.arange(len(passing))
    rows = np.flatnonzero(place[counts.item] >= 0)
    at = place[counts.item[rows]], counts.category[rows]
    rows, at = rows[named.finding[at] != 0], tuple(part[named.finding[at] != 0] for part in at)
    effect = Effects(named.effect[at], named.variance[at])
    for column, values in zip(found, (effect.effect, *intervals(effect, level), named.p[at]), strict=False):
        column[rows] = values
    found.finding[rows] = named.finding[at]


def _avoided(counts: Counts, passing: np.ndarray, named: Named, q: np.ndarray, level: float) -> Avoided:
    at = np.nonzero((named.finding < 0) & (counts.dense(passing) == 0))
    item = passing[at[0]]
    found = _found(Effects(named.effect[at], named.variance[at]), named.p[at], q[item], level)
    return Avoided(item, at[1], counts.starts[item], found._replace(finding=named.finding[at]))
