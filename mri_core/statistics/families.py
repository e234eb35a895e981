"""Which connections, regions and routes differ between categories: each family's tests, effects and findings.

    findings = find_differences(connection_counts(connectome))    # or activity_counts, routing_counts
    findings.evidence    # aligned with the rows of flows, or of activity
    findings.avoided     # items that a category never has and is found to avoid

    connectome = with_evidence(connectome, *all_families(connectome))    # fills in the records

Two given categories, or any subset: `counts, rows = connection_counts(connectome).among(np.array([0, 2]))`, and the
same function. Documents in groups are tested by `grouped.find_grouped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from mri_core.records.connectome import Connectome, Evidence, Flows
from mri_core.records.measures import ALPHA
from mri_core.statistics.conditional import exact_intervals
from mri_core.statistics.counts import Counts, activity_counts, among_source, connection_counts, routing_counts
from mri_core.statistics.dense import DenseFindings, write
from mri_core.statistics.effects import log_odds_ratio
from mri_core.statistics.fdr import Method, bh, check_draws, check_method, dbh, discrete, fwer
from mri_core.statistics.item_tests import ItemTests, item_tests
from mri_core.statistics.names import Names, name_passing
from mri_core.statistics.naming import Counted

Draws = Callable[[], Iterable[np.ndarray]]  # (permutations, items, categories) counts, some permutations at a time


@dataclass(frozen=True)
class Avoided:
    """Items that a category never has and is found to have less often than the others.

    Attributes:
        item, category: of each row.
        row: the first row of the same item in the tested counts, which has the same source and target, or region.
        evidence: as for rows with documents.
    """

    item: np.ndarray
    category: np.ndarray
    row: np.ndarray
    evidence: Evidence


@dataclass(frozen=True)
class Findings:
    """A family's findings.

    Attributes:
        evidence: one entry per row of the counts.
        avoided: named categories with a count of 0.
        p, q: (items,).
        tests: items tested, m.
        passed: items with q ≤ α, R.
        level: of the confidence intervals of named categories; all others have 1 − α.
    """

    evidence: Evidence
    avoided: Avoided
    p: np.ndarray
    q: np.ndarray
    tests: int
    passed: int
    level: float


def find_differences(
    counts: Counts,
    fdr: Method = "discrete",
    alpha: float = ALPHA,
    draws: Draws | None = None,
    *,
    intervals: bool = True,
) -> Findings:
    """Tests every item of a family of independent documents, and names the categories of those that pass.

    Args:
        counts: from `connection_counts`, `activity_counts` or `routing_counts`.
        fdr: the method of q.
        alpha: the largest q that passes.
        draws: counts after permutations, for `fwer`.
        intervals: whether effects have intervals; else they are NaN.
    """
    check_method(fdr, grouped=False)
    check_draws(fdr, draws is not None)
    tests = item_tests(counts)
    plain, p = _look(counts, tests, alpha if intervals else None)
    q = q_values(p, tests, fdr, smallest(tests, draws))
    passing = np.flatnonzero(q <= alpha)
    size = counts.sizes[counts.population[passing]]
    names = name_passing(p, q, size > 0, Counted(counts.dense(passing), size), alpha, intervals=intervals)
    evidence = replace(plain, q=q[counts.item])
    there, place = _rows_of_names(counts, names)
    write(evidence, place, names.of(there))
    return Findings(evidence, _avoided(counts, names.of(~there), q), p, q, len(p), len(passing), names.level)


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
    """The connectome with the evidence of each row, and the connections that categories avoid."""
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
    """Effects of a family on rows without documents; NaN if there could be none."""
    sizes, total = counts.sizes[counts.population[avoided.item]], counts.totals()[avoided.item]
    own = sizes[np.arange(len(sizes)), avoided.category]
    return log_odds_ratio(np.zeros_like(total), total, own, sizes.sum(axis=1))


def in_rows(counts: Counts, dense: DenseFindings) -> Findings:
    """Dense findings at the rows with documents."""
    count = counts.dense(np.arange(len(counts.population)))
    item, category = np.nonzero((dense.evidence.finding < 0) & (count == 0))
    avoided = Avoided(item, category, counts.starts[item], _rows(dense.evidence, item, category))
    evidence = _rows(dense.evidence, counts.item, counts.category)
    return Findings(evidence, avoided, dense.p, dense.q, dense.tests, dense.passed, dense.level)


def _rows(evidence: Evidence, item: np.ndarray, category: np.ndarray) -> Evidence:
    """Chosen cells of evidence (items, categories)."""
    return Evidence(*(getattr(evidence, column.name)[item, category] for column in fields(evidence)))


def q_values(p: np.ndarray, tests: ItemTests, fdr: Method, drawn: Iterable[np.ndarray]) -> np.ndarray:
    """(items,) q of independent documents by one of the methods.

    Args:
        p: (items,).
        tests: the exact tests that p comes from.
        fdr: the method.
        drawn: p after permutations, if the method needs them.
    """
    if fdr == "fwer":
        return fwer(p, drawn)
    if fdr == "bh":
        return bh(p)
    if fdr == "dbh":
        return dbh(p, tests.expected_odds)
    return discrete(p, tests.expected)


def smallest(tests: ItemTests, draws: Draws | None) -> Iterator[np.ndarray]:
    """(permutations, items) the items' p after permutations."""
    yield from (tests.dense_items(counts) for counts in (draws() if draws else ()))


def _look(counts: Counts, tests: ItemTests, alpha: float | None) -> tuple[Evidence, np.ndarray]:
    """The evidence of all rows before naming, without q, and the items' p; without intervals if alpha is None."""
    own_p, p = np.empty(len(counts.item)), np.empty(len(counts.population))
    test = np.empty(len(counts.item), dtype=np.int64)
    for part in counts.parts():
        test[part.rows] = those = tests.tests(part)
        own_p[part.rows] = own = tests.null.p_values(those, part.count)
        p[part.items] = tests.smallest(part, own)
    table = test * (int(counts.count.max(initial=0)) + 1) + counts.count
    first, row = np.unique(table, return_index=True, return_inverse=True)[1:]  # each distinct table is computed once
    population = counts.population[counts.item[first]]
    tables = (
        counts.count[first],
        counts.totals()[counts.item[first]],
        counts.sizes[population, counts.category[first]],
        counts.sizes.sum(axis=1)[population],
    )
    effect = log_odds_ratio(*tables)
    low = high = np.full(len(effect), np.nan)
    if alpha is not None:
        low, high = np.where(np.isnan(effect), np.nan, exact_intervals(*tables, alpha / 2))
    finding, name_q = np.zeros(len(row), dtype=np.int8), np.full(len(row), np.nan)
    before = np.full(len(row), None, dtype=object)
    return Evidence(effect[row], low[row], high[row], own_p, np.empty(0), finding, name_q, before), p


def _rows_of_names(counts: Counts, names: Names) -> tuple[np.ndarray, np.ndarray]:
    """(names,) which have a row, as their count is not 0, and the indices of those rows."""
    keys = counts.item * counts.sizes.shape[1] + counts.category
    wanted = names.item * counts.sizes.shape[1] + names.category
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = keys[place] == wanted
    return there, place[there]


def _avoided(counts: Counts, names: Names, q: np.ndarray) -> Avoided:
    """The names without a row."""
    columns = (names.effect, names.low, names.high, names.p, q[names.item], names.finding, names.q, names.before)
    return Avoided(names.item, names.category, counts.starts[names.item], Evidence(*columns))
