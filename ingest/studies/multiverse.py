"""Repeats the analysis of a ready study under other choices, from its rows: headline numbers in each universe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ingest.corpus.groups import groups_of
from ingest.run import Run
from ingest.studies.reread import reread
from mri_core.errors import UsageError
from mri_core.evidence.multiverse import multiverse_measures, universes
from mri_core.records.graph import Study
from mri_core.records.measures import MULTIVERSE, Measure
from mri_core.statistics.fdr import Method
from mri_core.statistics.procedure import Procedure
from mri_core.store.store import Store

SEEDS = 3


def stored_multiverse(
    store: Store,
    study: Study,
    *,
    seeds: int | None = None,
    clusters: Sequence[int] = (),
    again: bool = False,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> list[Measure]:
    """The universes of a ready study as its store holds them: analysed once, and again if others are requested.

    Args:
        store: that holds the study.
        study: a ready one.
        seeds: None for what is stored, else 3. A number repeats the analysis.
        clusters: as for `multiverse_study`; any repeat the analysis.
        again: repeat a stored analysis.
        trust_remote_code, run: as of `multiverse_study`, whose errors it raises.
    """
    known = [] if again or seeds is not None or clusters else store.measures(study, [MULTIVERSE])
    if known:
        return known
    store.check_usable(study.id)
    found = multiverse_study(
        study, seeds=seeds or SEEDS, clusters=clusters, trust_remote_code=trust_remote_code, run=run
    )
    store.add_measures(study, found)
    return store.measures(study, [MULTIVERSE])


def multiverse_study(
    study: Study,
    *,
    seeds: int = SEEDS,
    clusters: Sequence[int] = (),
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> list[Measure]:
    """The measures of `mri_core.evidence.multiverse` of a ready study; they are not stored here.

    Args:
        study: from a store.
        seeds: how many, from the study's own on.
        clusters: numbers of clusters besides the study's; none for half as many and twice as many.
        trust_remote_code: run code that the model brings along, where it has to run.
        run: receives the stages; None for silence.

    Raises:
        MriError: what `reread` and `universes` raise.
    """
    if study.atlas_of is not None:
        fact = f"{study.name} is placed in the atlas of {study.atlas_of}"
        raise UsageError("A multiverse fits the atlas again", fact, f"Ask for that of {study.atlas_of}")
    run = run or Run()
    found = reread(study, run, trust_remote_code=trust_remote_code)
    choices = universes(found.activations, found.spec, seeds, clusters)
    method = cast(Method, study.fdr or "discrete")  # older studies were not tested
    groups = groups_of(found.documents)
    procedure = Procedure(found.labels, len(found.names), method, groups, seed=found.spec.seed)
    advance = run.stage("universes", len(choices) * len(found.activations.layers), "layers")
    return multiverse_measures(found.activations, found.spec, procedure, choices, advance)
