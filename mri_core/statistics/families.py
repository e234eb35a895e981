"""Which connections, regions and routes differ between categories: each family's tests, effects and findings.

    findings = find_differences(connection_counts(connectome))    # or activity_counts, routing_counts
    findings.evidence    # aligned with the rows of flows, or of activity
    findings.avoided     # what a category is found to avoid altogether

    connectome = with_evidence(connectome, *all_families(connectome))    # the records filled in

Two given categories, or any subset: `counts, rows = connection_counts(connectome).among(np.array([0, 2]))`, and the
same function. Where documents stand in groups, `draws` yields the items' counts (permutations, items, categories)
after block permutations of the labels, some at a time, as `permuted_counts` gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from mri_core.records import Connectome, Evidence, Flows
from mri_core.statistics.block_permutations import BlockPermutations
from mri_core.statistics.counts import Counts, activity_counts, among_source, connection_counts, routing_counts
from mri_core.statistics.dense import dense_findings
from mri_core.statistics.effects import Effects, RowEffects, effects, intervals, listed_level
from mri_core.statistics.fdr import Method, bh, check_draws, check_method, dbh, discrete, expected_by_permutation, fwer
from mri_core.statistics.item_tests import ItemTests, item_tests
from mri_core.statistics.naming import Named, against_the_rest, step_down

ALPHA = 0.05
Draws = Callable[[], Iterable[np.ndarray]]  # (permutations, items, categories) counts, some permutations at a time


@dataclass(frozen=True)
class Avoided:
    """Items that a category never has and is found to have less often than the others.

    Attributes:
        item, category: of each row.
        row: the first row of the same item in what was tested; its source and target, or region, are this one's.
        evidence: as of the rows that are there.
    """

    item: np.ndarray
    category: np.ndarray
    row: np.ndarray
    evidence: Evidence


@dataclass(frozen=True)
class Findings:
    """A family's findings.

    Attributes:
        evidence: one entry a row of the counts.
        avoided: the rows with a count of 0 that are named.
        p, q: (items,).
        tests: items tested, m.
        passed: items with q ≤ α, R.
        level: of the intervals of what is named; all others have 1 − α.
    """

    evidence: Evidence
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
    check_draws(fdr, grouped, draws is not None)
    tests = item_tests(counts)
    if grouped:
        return _grouped(counts, tests, fdr, alpha, draws() if draws else ())
    plain, p = _look(counts, tests, 1 - alpha)
    q = q_values(p, tests, fdr, smallest(tests, draws), grouped=False)
    passing = np.flatnonzero(q <= alpha)
    level = listed_level(len(passing), len(p), alpha)
    threshold = float(p[passing].max(initial=0))
    size = counts.sizes[counts.population[passing]]
    named = step_down(size > 0, threshold, against_the_rest(counts.dense(passing), size))
    evidence = replace(plain, q=q[counts.item])
    _write(evidence, counts, passing, named, level)
    return Findings(evidence, _avoided(counts, passing, named, q, level), p, q, len(p), len(passing), level)


class Families(NamedTuple):
    """Findings about the connections, the regions and the routes of one connectome."""

    connections: Findings
    regions: Findings
    routes: Findings


def all_families(connectome: Connectome, fdr: Method = "discrete", alpha: float = ALPHA) -> Families:
    """The three families' findings of a study of independent documents."""
    counts = connection_counts(connectome)
    families = (counts, activity_counts(connectome), among_source(counts, connectome))
    return Families(*(find_differences(own, fdr, alpha) for own in families))


def with_evidence(connectome: Connectome, connections: Findings, regions: Findings, routes: Findings) -> Connectome:
    """The connectome with what is known of each row, and what categories avoid."""
    flows, avoided, route = connectome.flows, connections.avoided, routes.evidence
    absent = Flows(
        source=flows.source[avoided.row],
        target=flows.target[avoided.row],
        category=avoided.category,
        weight=np.zeros_like(avoided.category),
        share=np.zeros(len(avoided.category)),
        lift=np.zeros(len(avoided.category)),
        evidence=avoided.evidence,
        routing=_absent_effects(routing_counts(connectome), avoided),
        routing_q=routes.q[avoided.item],
    )
    return replace(
        connectome,
        flows=replace(flows, evidence=connections.evidence, routing=route.effect, routing_q=route.q),
        activity=replace(connectome.activity, evidence=regions.evidence),
        avoided=absent,
    )


def _absent_effects(counts: Counts, avoided: Avoided) -> np.ndarray:
    """Effects of a family on rows that have no documents; not a number where there could be none."""
    sizes = counts.sizes[counts.population[avoided.item]]
    found = np.where(sizes > 0, effects(counts.dense(avoided.item), sizes, sizes > 0).effect, np.nan)
    return found[np.arange(len(found)), avoided.category]


def _grouped(counts: Counts, tests: ItemTests, fdr: Method, alpha: float, draws: Iterable[np.ndarray]) -> Findings:
    """Findings of documents in groups: p by permutation, intervals as much wider as groups make counts vary more."""
    count, size = counts.dense(np.arange(len(counts.population))), counts.sizes[counts.population]
    permuted = BlockPermutations(tests, count, size)
    p = tests.dense_items(count)
    q = fwer(p, permuted.smallest(draws)) if fdr == "fwer" else discrete(p, permuted.expected(p, draws))
    told = dense_findings(p, q, size > 0, against_the_rest(count, size, permuted.design_effects()), alpha)
    told.evidence.p[:] = np.where(size > 0, permuted.p_values(), np.nan)
    item, category = np.nonzero((told.evidence.finding < 0) & (count == 0))
    avoided = Avoided(item, category, counts.starts[item], _rows(told.evidence, item, category))
    evidence = _rows(told.evidence, counts.item, counts.category)
    return Findings(evidence, avoided, p, q, told.tests, told.passed, told.level)


def _rows(evidence: Evidence, item: np.ndarray, category: np.ndarray) -> Evidence:
    """Chosen cells of evidence (items, categories)."""
    return Evidence(*(getattr(evidence, column.name)[item, category] for column in fields(evidence)))


def q_values(p: np.ndarray, tests: ItemTests, fdr: Method, drawn: Iterable[np.ndarray], grouped: bool) -> np.ndarray:
    """(items,) q by one of the methods.

    Args:
        p: (items,), or where documents are grouped the statistics.
        tests: the exact tests that p comes from.
        fdr: the method.
        drawn: p after permutations, where the method asks for them.
        grouped: whether documents are.
    """
    if fdr == "fwer":
        return fwer(p, drawn)
    if fdr == "bh":
        return bh(p)
    if fdr == "dbh":
        return dbh(p, tests.expected_odds)
    return discrete(p, expected_by_permutation(p, drawn) if grouped else tests.expected)


def smallest(tests: ItemTests, draws: Draws | None) -> Iterator[np.ndarray]:
    """(permutations, items) the items' p after permutations."""
    yield from (tests.dense_items(counts) for counts in (draws() if draws else ()))


def _look(counts: Counts, tests: ItemTests, level: float) -> tuple[Evidence, np.ndarray]:
    """The evidence of all rows before anything is named, without q, and the items' p."""
    effect, low, high, own_p = np.empty((4, len(counts.item)))
    p = np.empty(len(counts.population))
    found = RowEffects(counts.sizes)
    for part in counts.parts():
        own_p[part.rows] = own = tests.null.p[tests.cells(part)]
        p[part.items] = tests.smallest(part, own)
        seen = found.of(part)
        effect[part.rows] = seen.effect
        low[part.rows], high[part.rows] = intervals(seen, level)
    return Evidence(effect, low, high, own_p, np.empty(0), np.zeros(len(effect), dtype=np.int8)), p


def _evidence(effect: Effects, p: np.ndarray, q: np.ndarray, level: float) -> Evidence:
    return Evidence(effect.effect, *intervals(effect, level), p, q, np.zeros(len(p), dtype=np.int8))


def _write(evidence: Evidence, counts: Counts, passing: np.ndarray, named: Named, level: float) -> None:
    """Puts what is named into its rows."""
    rows, place = counts.rows_of(passing)
    chosen = named.finding[place, counts.category[rows]] != 0
    rows, place = rows[chosen], place[chosen]
    at = place, counts.category[rows]
    effect = Effects(named.effect[at], named.variance[at])
    told = _evidence(effect, named.p[at], evidence.q[rows], level)
    for column in fields(told):
        getattr(evidence, column.name)[rows] = getattr(told, column.name)
    evidence.finding[rows] = named.finding[at]


def _avoided(counts: Counts, passing: np.ndarray, named: Named, q: np.ndarray, level: float) -> Avoided:
    at = np.nonzero((named.finding < 0) & (counts.dense(passing) == 0))
    item = passing[at[0]]
    evidence = _evidence(Effects(named.effect[at], named.variance[at]), named.p[at], q[item], level)
    return Avoided(item, at[1], counts.starts[item], replace(evidence, finding=named.finding[at]))
