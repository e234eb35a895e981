"""The tests of every scan: which differences between the categories exceed chance, and their effect sizes.

weighed = weigh(connectome, Procedure(labels, categories=4), Names(categories, regions))
weighed.connectome.flows.evidence    # and .avoided, weighed.parting_q, weighed.measures
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.evidence.detectable import detectable_measures
from mri_core.records.connectome import Connectome
from mri_core.records.measures import ALPHA, FAMILIES, FINDINGS, NBS, Measure
from mri_core.statistics.divergence import divergence_measures
from mri_core.statistics.families import Families, with_evidence
from mri_core.statistics.nbs import Network
from mri_core.statistics.parting import parting, parting_q
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.reliability import reliability, reliability_measures
from mri_core.statistics.tables import connection_tables, region_tables
from mri_core.statistics.whole import whole_tests

FAMILIES_TESTED = 3  # connections, regions, routing
RELIABILITY_STEPS = 21  # halvings, and each shuffle


class Names(NamedTuple):
    """Names of the categories, and of the regions within their study (`L3/R5`), in the connectome's order."""

    categories: Sequence[str]
    regions: Sequence[str]


@dataclass(frozen=True)
class Weighed:
    """A connectome with its evidence.

    Attributes:
        connectome: with evidence on flows and activity, and the connections that categories avoid.
        parting_q: (regions,) q that a region's outgoing transitions depend on the category; NaN if untested.
        measures: `findings` of each family, `divergence` of each layer, `global`, `nbs`, `reliability` of each step;
            if documents are independent, `detectable` effects.
        sample: documents of the sample that tests of the whole permute; None if all are.
    """

    connectome: Connectome
    parting_q: np.ndarray
    measures: tuple[Measure, ...]
    sample: int | None = None


def steps(procedure: Procedure, layers: int) -> int:
    """How often `weigh` calls `advance`."""
    return 2 * procedure.permutations + layers - 1 + RELIABILITY_STEPS


def weigh(
    connectome: Connectome,
    procedure: Procedure,
    names: Names,
    advance: Callable[[], None] = lambda: None,
    tested: Callable[[], None] = lambda: None,
) -> Weighed:
    """Tests the families connections, regions, routing and parting, the layers, and the whole connectome.

    Args:
        connectome: of documents; components hold none.
        procedure: how it is tested.
        names: of categories and regions in measures.
        advance: called `steps` times, after the families are tested.
        tested: called after each of the `FAMILIES_TESTED`.
    """
    connections = connection_tables(connectome.placement)
    found = []
    for tables, inside in ((connections, False), (region_tables(connectome.placement), False), (connections, True)):
        found.append(procedure.differences(tables, inside=inside))
        tested()
    families = Families(*found)
    q = _parting(connectome, procedure, advance)
    layers, sample = _of_layers(connectome, procedure, names, advance)
    seen = [] if procedure.groups is not None else detectable_measures(connectome)
    measures = (*_counted(families, procedure), _counted_partings(q), *layers, *seen)
    return Weighed(with_evidence(connectome, *families), q, measures, sample)


def _parting(connectome: Connectome, procedure: Procedure, advance: Callable[[], None]) -> np.ndarray:
    tested = parting(connectome.placement, procedure.labels, procedure.seed, procedure.groups, advance=advance)
    q = np.full(len(connectome.region_code), np.nan)
    q[tested.region.astype(np.int64)] = parting_q(tested.p, procedure.fdr)
    return q


def _counted(found: Families, procedure: Procedure) -> list[Measure]:
    """The number of findings of each family, as measures."""
    return [
        Measure(
            FINDINGS,
            family.passed,
            other=name,
            details={
                "tests": family.tests,
                "alpha": ALPHA,
                "level": family.level,
                "fdr": procedure.fdr,
                "more": int((family.evidence.finding > 0).sum()),
                "less": int((family.evidence.finding < 0).sum()) + len(family.avoided.item),
            },
        )
        for name, family in zip(FAMILIES, found, strict=False)
    ]


def _counted_partings(q: np.ndarray) -> Measure:
    tested = q[np.isfinite(q)]
    details = {"tests": len(tested), "alpha": ALPHA}
    return Measure(FINDINGS, int((tested <= ALPHA).sum()), other="parting", details=details)


def _of_layers(
    connectome: Connectome, procedure: Procedure, names: Names, advance: Callable[[], None]
) -> tuple[list[Measure], int | None]:
    """The measures of layers, network and steps, and the size of the sample that is permuted, if there is one."""
    chance = (procedure.labels, procedure.categories, procedure.seed, procedure.groups)
    apart, networks, sample = whole_tests(connectome.placement, *chance, procedure.permutations, advance)
    measures = [*divergence_measures(apart), *(_network_measure(network, names) for network in networks)]
    if connectome.category_documents.min() > 1:
        measures += reliability_measures(reliability(connectome.placement, *chance, advance=advance))
    return measures, sample


def _network_measure(network: Network, names: Names) -> Measure:
    """The largest component of connections beyond a threshold; its category is set if there is one."""
    regions = names.regions
    pairs = zip(network.source.tolist(), network.target.tolist(), strict=True)
    return Measure(
        NBS,
        network.value,
        category=None if network.category is None else names.categories[network.category],
        other=f"|z| > {network.threshold:g}",
        p=network.p,
        details={
            "threshold": network.threshold,
            "permutations": network.permutations,
            "finding": {1: "more", -1: "less", 0: None}[network.sign],
            "connections": [[regions[source], regions[target]] for source, target in pairs],
        },
    )
