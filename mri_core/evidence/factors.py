"""Crossed labels: the effect of each factor with the others held constant, as measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mri_core.evidence.weighing import Names
from mri_core.numbers import finite
from mri_core.records.connectome import Connectome
from mri_core.records.measures import ALPHA, FINDINGS, Measure
from mri_core.statistics.counts import Counts, connection_counts
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.dense import DenseFindings
from mri_core.statistics.families import Draws
from mri_core.statistics.mantel_haenszel import find_factor
from mri_core.statistics.paths import permuted_within
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import Tables, connection_tables


class Factor(NamedTuple):
    """One of the labels that were crossed.

    Attributes:
        name: of its column.
        levels: in order.
        crossing: the level of it, and of the others together, of each category.
    """

    name: str
    levels: tuple[str, ...]
    crossing: Crossing


def factors(columns: Sequence[str], categories: Sequence[Sequence[str]]) -> list[Factor]:
    """The factors of crossed categories.

    Args:
        columns: names of the labels.
        categories: the levels of each category, one per column.
    """
    found = []
    for column, name in enumerate(columns):
        levels, level = np.unique([own[column] for own in categories], return_inverse=True)
        others = ["\0".join([*own[:column], *own[column + 1 :]]) for own in categories]
        stratum = np.unique(others, return_inverse=True)[1]
        found.append(Factor(name, tuple(levels.tolist()), Crossing(level, stratum)))
    return found


def factor_measures(
    connectome: Connectome, found: Sequence[Factor], procedure: Procedure, names: Names
) -> list[Measure]:
    """For each factor the connections on which its levels differ, given the others: their number and each of them.

    The number is a measure of kind `findings`, each connection one of kind `factor`.

    Args:
        connectome: of documents in crossed categories.
        found: from `factors`.
        procedure: how it is tested.
        names: of the regions.
    """
    measures = []
    for factor in found:
        counts = connection_counts(connectome)
        findings = factor_findings(connectome, counts, factor, procedure)
        measures.append(_counted(factor, findings, procedure))
        measures += _each(connectome, counts.starts, factor, findings, names)
    return measures


def factor_findings(connectome: Connectome, counts: Counts, factor: Factor, procedure: Procedure) -> DenseFindings:
    """The connections on which the levels of a factor differ, given the others.

    Args:
        connectome: of documents in crossed categories.
        counts: its connections.
        factor: one of the labels.
        procedure: how it is tested.
    """
    tables = connection_tables(connectome.placement)
    if procedure.groups is not None:
        return procedure.grouped(tables, procedure.groups, factor.crossing)
    draws = _draws(tables, factor, procedure) if procedure.fdr == "fwer" else None
    return find_factor(counts, factor.crossing, procedure.fdr, ALPHA, draws)


def _draws(tables: Tables, factor: Factor, procedure: Procedure) -> Draws:
    """Counts after permutations of the labels within strata."""
    labels, stratum = procedure.labels, factor.crossing.stratum[procedure.labels]
    return lambda: permuted_within(
        tables, labels, procedure.categories, procedure.permutations, procedure.seed, stratum
    )


def _counted(factor: Factor, findings: DenseFindings, procedure: Procedure) -> Measure:
    ways = {way: int((findings.evidence.finding == sign).sum()) for way, sign in (("more", 1), ("less", -1))}
    details = {"tests": findings.tests, "alpha": ALPHA, "level": findings.level, "fdr": procedure.fdr, **ways}
    return Measure(FINDINGS, findings.passed, other=f"factor {factor.name}", details=details)


def _each(
    connectome: Connectome, first: np.ndarray, factor: Factor, findings: DenseFindings, names: Names
) -> list[Measure]:
    evidence, flows = findings.evidence, connectome.flows
    measures = []
    for item, level in np.argwhere(evidence.finding != 0).tolist():
        ends = [int(end[first[item]]) for end in (flows.source, flows.target)]
        source, target = (names.regions[end] for end in ends)
        measures.append(
            Measure(
                "factor",
                float(evidence.effect[item, level]),
                int(connectome.region_layer[ends[0]]),
                category=factor.levels[level],
                other=f"{factor.name} {source}>{target}",
                ci_low=finite(evidence.ci_low[item, level]),
                ci_high=finite(evidence.ci_high[item, level]),
                p=float(evidence.p[item, level]),
                q=float(findings.q[item]),
                details={
                    "factor": factor.name,
                    "source": source,
                    "target": target,
                    "finding": "more" if evidence.finding[item, level] > 0 else "less",
                },
            )
        )
    return measures
