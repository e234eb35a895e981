"""A ready study analysed again under other choices, from its rows: its headline numbers in each of these universes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ingest.clock import Clock
from ingest.progress import Progress, Silent
from ingest.studies.probing import groups_of
from ingest.studies.reread import reread
from mri_core.evidence.multiverse import multiverse_measures, universes
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.statistics.fdr import Method
from mri_core.statistics.procedure import Procedure

SEEDS = 3
SILENT = Silent()


def multiverse_study(
    study: Study,
    *,
    seeds: int = SEEDS,
    clusters: Sequence[int] = (),
    trust_remote_code: bool = False,
    progress: Progress = SILENT,
) -> list[Measure]:
    """The measures of `mri_core.evidence.multiverse` of a ready study; they are not stored here.

    Args:
        study: as a store gave it.
        seeds: how many, from the study's own on.
        clusters: numbers of clusters besides the study's; none for half as many and twice as many.
        trust_remote_code: run code that the model brings along, where it has to run.
        progress: is told of stages.

    Raises:
        MriError: what `reread` and `universes` raise.
    """
    found = reread(study, progress, Clock(), trust_remote_code=trust_remote_code)
    choices = universes(found.activations, found.spec, seeds, clusters)
    method = cast(Method, study.fdr or "discrete")  # older studies were not tested
    groups = groups_of(found.documents)
    procedure = Procedure(found.labels, len(found.names), method, groups, seed=found.spec.seed)
    progress.stage("universes", len(choices) * len(found.activations.layers), "layers")
    return multiverse_measures(found.activations, found.spec, procedure, choices, progress.advance)
