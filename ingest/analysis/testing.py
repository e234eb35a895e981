"""Tests of documents in the regions of an atlas, as a study stores them: of all, or of those it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ingest.corpus.formats.columns import Columns
from ingest.run import Run
from mri_core.atlas.fitting import AtlasFit, region_name
from mri_core.evidence.components import weigh_components
from mri_core.evidence.factors import factor_measures, factors
from mri_core.evidence.weighing import FAMILIES_TESTED, Names, steps, weigh
from mri_core.records.arrays import Activations
from mri_core.records.connectome import Connectome
from mri_core.records.crossed import CROSS
from mri_core.records.ids import local_id, region_id
from mri_core.records.measures import FINDINGS, Measure
from mri_core.statistics.blocks import shared
from mri_core.statistics.procedure import Procedure


@dataclass(frozen=True)
class Tested:
    """Documents in the regions of an atlas, and what their categories differ in.

    Attributes:
        connectome: with its evidence.
        measures: of the tests.
        parting_q: (regions,) q that a region's outgoing transitions depend on the category, NaN if untested; None for
            components.
        activations: of the documents that the atlas was fitted to.
        fit: the atlas, with the regions of the documents.
        procedure: how differences were tested.
        regions: ids of the connectome's regions in the store.
        names: of the categories.
        permuted: documents of the sample that tests of the whole permute; None if all are.
    """

    connectome: Connectome
    measures: tuple[Measure, ...]
    parting_q: np.ndarray | None
    activations: Activations
    fit: AtlasFit
    procedure: Procedure
    regions: tuple[str, ...]
    names: tuple[str, ...]
    permuted: int | None = None


@dataclass(frozen=True)
class Testing:
    """Tests documents of a study: all, or those that its atlas was fitted to.

    Attributes:
        study: its id.
        activations: of the documents that the atlas was fitted to.
        names: of the categories.
        columns: of the corpus.
        run: receives the steps.
    """

    study: str
    activations: Activations
    names: tuple[str, ...]
    columns: Columns
    run: Run

    def of(self, connectome: Connectome, fit: AtlasFit, procedure: Procedure) -> Tested:
        """The documents with their evidence, also of each factor if labels are crossed.

        Args:
            connectome: of the documents, untested.
            fit: the atlas with their regions.
            procedure: how differences are tested.
        """
        ids = _region_ids(self.study, connectome, fit)
        known = (self.activations, fit, procedure, ids, self.names)
        if fit.scores is not None:
            weighed_components, counted = weigh_components(connectome, fit.scores, procedure.labels)
            return Tested(weighed_components, (counted,), None, *known)
        of_measures = Names(self.names, [local_id(self.study, region) for region in ids])
        total = steps(procedure, int(connectome.region_layer[-1]) + 1)
        tested = self.run.stage("tests", FAMILIES_TESTED, "families")
        weighed = weigh(connectome, procedure, of_measures, self.run.later("statistics", total, "steps"), tested)
        measures = weighed.measures
        if len(self.columns.labels) > 1:
            found = factors(self.columns.labels, [category.split(CROSS) for category in self.names])
            measures = (*measures, *factor_measures(connectome, found, procedure, of_measures))
        return Tested(weighed.connectome, measures, weighed.parting_q, *known, weighed.sample)


def procedure_of(whole: Procedure, sample: np.ndarray) -> Procedure:
    """The same procedure for some of the documents, by their ordinals."""
    groups = None if whole.groups is None else shared(whole.groups[sample])
    return replace(whole, labels=whole.labels[sample], groups=groups)


def with_findings_of(whole: Tested, sampled: Tested) -> tuple[Measure, ...]:
    """The measures of all documents; numbers of findings with that of a sample, `in_sample`, in their details."""
    if whole is sampled:
        return whole.measures
    known = {measure.other: measure.value for measure in sampled.measures if measure.kind == FINDINGS}
    return tuple(
        replace(measure, details={**measure.details, "in_sample": known[measure.other]})
        if measure.kind == FINDINGS and measure.other in known
        else measure
        for measure in whole.measures
    )


def _region_ids(study: str, connectome: Connectome, fit: AtlasFit) -> tuple[str, ...]:
    codes = zip(connectome.region_layer.tolist(), connectome.region_code.tolist(), strict=True)
    return tuple(region_id(study, layer, region_name(fit.atlas.spec, code)) for layer, code in codes)
