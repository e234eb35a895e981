"""What is added to a ready study: the stability of its findings under refits, and controls.

Either takes longer than the rest of the statistics, and may be added later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from ingest.analysis.analyse import Analysis
from ingest.analysis.controls import BLOCKS, control_measures
from ingest.analysis.testing import Tested
from ingest.request import Request
from ingest.run import Run
from ingest.scan.records import Scan
from mri_core.atlas.kinds import traits_of
from mri_core.atlas.quality import Quality, agreements, atlas_quality, quality_measures
from mri_core.evidence.refits import refitted
from mri_core.records.connectome import Flows
from mri_core.records.graph import Study
from mri_core.records.measures import CONTROL, QUALITY, REFITTED, Measure
from mri_core.statistics.atlas_spread import Headlines, atlas_spread_measures, headlines
from mri_core.statistics.families import Findings
from mri_core.statistics.reliability import Agreed, placed_agreement, placed_measures
from mri_core.statistics.stability import Stability, routing_floor_measures, stability
from mri_core.statistics.tables import Tables
from mri_core.store.measuring import Stable
from mri_core.store.store import Store


def add_missing(
    store: Store,
    study: Study,
    request: Request,
    analysed: Callable[[], Analysis],
    run: Run,
) -> list[str]:
    """Adds what the request asks for and the study lacks; returns what was added.

    Args:
        store: that holds the study.
        study: a ready one.
        request: that gives it.
        analysed: what it was computed from; called where something is missing.
        run: receives the stages and counts the seconds.
    """
    added = []
    lacks_refits = _lacks_refits(store, study, request)
    lacks_controls = request.controls and _lacks_controls(store, study)
    if lacks_refits or lacks_controls:
        what = " and ".join(["stability under refits"] * lacks_refits + ["controls"] * lacks_controls)
        run.note(f"{study.name} is stored; added to it now: {what}.")
    if lacks_refits:
        found = analysed()
        with run.time("statistics"):
            result, spread = _refit(found.fitted, found.scan, request, run)
        store.add_measures(study, [*routing_floor_measures(result), *spread], stable_rows(found.fitted, result))
        added.append(f"stability under {result.refits} refits")
    if lacks_controls:
        found = analysed()
        measures = control_measures(found.scan, found.fitted, request, run)
        if measures:  # components without texts have none
            store.add_measures(study, measures)
            added.append("controls")
    return added


def _lacks_controls(store: Store, study: Study) -> bool:
    """Whether there are none, or only one model of random blocks, as in earlier versions."""
    known = store.measures(study, [CONTROL])
    return not known or any("seed" in measure.details and str(measure.other).startswith(BLOCKS) for measure in known)


def _lacks_refits(store: Store, study: Study, request: Request) -> bool:
    """Whether fewer refits are stored than requested; components have no regions to recover, a frozen atlas no fit."""
    if not traits_of(study.atlas).holds_documents or not request.refits or study.atlas_of:
        return False
    known = store.measures(study, [QUALITY])  # stored last by refits; earlier versions had none
    return not known or min(int(m.details["refits"]) for m in known if m.other == REFITTED) < request.refits


def _refit(found: Tested, scan: Scan, request: Request, run: Run) -> tuple[Stability, list[Measure]]:
    """The results of the refits, in one pass: stability, headline numbers, agreement of held-out documents."""
    fit, procedure = found.fit, found.procedure
    refits = refitted(
        found.activations,
        fit.atlas,
        fit.codes,
        procedure.seed,
        procedure.groups,
        request.refits,
        run.stage("refits", request.refits * len(found.activations.layers), "layers"),
    )
    others: list[Headlines] = []
    agreed: list[Agreed] = []
    drawn: list[np.ndarray] = []
    alike: list[np.ndarray] = []
    moved: list[np.ndarray] = []

    def placed() -> Iterator[np.ndarray]:
        for refit in refits:
            drawn.append(refit.drawn)
            alike.append(agreements(fit.codes, refit.codes))
            moved.append((refit.codes != fit.codes).mean(axis=0))
            yield refit.codes

    def seen(codes: np.ndarray, tables: Tables, findings: Findings) -> None:
        others.append(headlines(codes, procedure, tables, findings))
        agreed.append(placed_agreement(tables, drawn[-1], procedure.labels, procedure.categories))

    result = stability(fit.codes, procedure, placed(), seen)
    spread = atlas_spread_measures(others, result.floors, found.measures, len(found.connectome.flows.weight))
    if scan.sample is not None:
        spread = [replace(one, details={**one.details, "sample": len(fit.codes)}) for one in spread]
    return result, [*spread, *placed_measures(agreed), *quality_measures(_quality(found, run), alike, moved)]


def _quality(found: Tested, run: Run) -> Quality | None:
    fit = found.fit
    if any(layer.centres is None for layer in fit.atlas.layers):  # of clusters alone
        return None
    advance = run.stage("atlas quality", len(found.activations.layers), "layers")
    return atlas_quality(found.activations, fit.atlas, fit.codes, advance=advance)


def stable_rows(tested: Tested, found: Stability) -> list[Stable]:
    """The shares of refits, by the ids that the store has."""
    flows, avoided = tested.connectome.flows, tested.connectome.avoided
    rows = _stable(tested, flows, found.found)
    return rows if avoided is None else [*rows, *_stable(tested, avoided, found.avoided)]


def _stable(tested: Tested, flows: Flows, shares: np.ndarray) -> list[Stable]:
    ids, names = tested.regions, tested.names
    columns = zip(flows.source.tolist(), flows.target.tolist(), flows.category.tolist(), shares.tolist(), strict=True)
    return [
        Stable(ids[source], ids[target], names[category], share)
        for source, target, category, share in columns
        if not np.isnan(share)
    ]
