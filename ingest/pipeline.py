"""The one place where the stages are wired, from a corpus to a ready study in a store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any, Literal

import numpy as np

from ingest.analysis.analyse import Analysis, analyse
from ingest.analysis.document_sample import with_stored
from ingest.analysis.regions import find_regions
from ingest.analysis.supplements import add_missing
from ingest.corpus.groups import groups_of
from ingest.corpus.remembered import is_remembered, remember
from ingest.corpus.summary import corpus_lines
from ingest.frozen import Frozen, open_frozen, request_in
from ingest.progress import Progress, Silent
from ingest.request import Request
from ingest.run import Run
from ingest.scan.opening import open_scan
from ingest.scan.records import Scan, Scanned
from ingest.scan.sample import asked_size, sample_lines, token_lines
from ingest.studies.aligning import reference_rows
from ingest.study_identity import id_of, shape, shape_of, stored_sample
from mri_core.atlas.file import atlas_hash, pack_atlas
from mri_core.atlas.fitting import AtlasFit, region_name
from mri_core.atlas.kinds import ATLAS_KINDS, traits_of
from mri_core.atlas.placing import widths_of
from mri_core.errors import StoreError
from mri_core.evidence.components import METHOD
from mri_core.records.arrays import Activations, Atlas
from mri_core.records.graph import SCHEMA_VERSION, Study, StudyGraph
from mri_core.store import Location, Store, exists, open_store, start_early
from mri_core.store.document_table import is_whole
from mri_core.store.reading import ALL
from mri_core.store.schema import upgraded_line

SILENT = Silent()


@dataclass(frozen=True)
class Outcome:
    """The result of an ingest.

    Attributes:
        study: as the store has it now.
        status: "unchanged" where the very same study was there already.
        seconds: of each stage.
        added: requested parts that such a study lacked.
    """

    study: Study
    status: Literal["ready", "unchanged"]
    seconds: dict[str, float]
    added: tuple[str, ...] = ()


def run(request: Request, *, store: Location | None = None, progress: Progress = SILENT) -> Outcome:
    """Runs the scan of a request and stores the study.

    Args:
        request: the options.
        store: a folder for the embedded engine or a server; None for `MRI_STORE`, else `./mri-store`.
        progress: receives stages, steps and notes.

    Raises:
        MriError: one line that says what is wrong and what to do; no partial study is then visible.
    """
    context = Run(progress)
    request.check()
    if exists(store):
        start_early(store)
    frozen = None
    if request.atlas_of is not None:
        frozen = _frozen(store, request.atlas_of)
        request = request_in(request, frozen)
    widths, frequency = ((), None) if frozen is None else (widths_of(frozen.atlas), frozen.atlas.frequency)
    scan = open_scan(request, widths, context, frequency)
    for line in (*corpus_lines(scan.texts), *token_lines(scan), *sample_lines(scan)):
        context.note(line)
    draft = _draft(request, scan, frozen)
    with open_store(store) as opened:
        if exists(store):  # else the store is not created before there is something to store
            for name in opened.prepare(draft.id):
                context.note(upgraded_line(name))
            if opened.is_ready(draft.id):
                return _again(opened, draft, scan, request, frozen, context)
            opened.check_name(draft.name, draft.id, request.replace, properties=asdict(draft))
        reference = _reference(request, scan, frozen, context)
        scanned = scan.read(context)
        start_early(store)
        analysis = analyse(draft, scan, scanned, request, context, frozen, reference)
        status = _write(opened, analysis, scan, scanned, request, context)
        study = opened.study(draft.id)
        add_missing(opened, study, request, lambda: analysis, context)
        return Outcome(opened.study(draft.id), status, context.clock.seconds())


def _write(
    store: Store, analysis: Analysis, scan: Scan, scanned: Scanned, request: Request, run: Run
) -> Literal["ready", "unchanged"]:
    """Stores the study, and next to the store the files that later work on it needs."""
    study = analysis.graph.study
    with run.time("store"):
        if scanned.texts:
            remember(study.id, scan.texts, _groups_of_texts(scan, analysis.groups), scanned.texts)
        progress = run.counter("store", "rows")
        graph = _sampled(analysis.graph, scan, request)
        return store.write(graph, replace=request.replace, progress=progress, notify=run.note)


def _groups_of_texts(scan: Scan, groups: np.ndarray | None) -> np.ndarray | None:
    """(documents,) as `groups_of`, of what a store has as documents."""
    return groups if scan.unit == "document" else groups_of(scan.texts)


def _sampled(graph: StudyGraph, scan: Scan, request: Request) -> StudyGraph:
    """The graph with the documents that become nodes, where these are not all."""
    sample = stored_sample(request, scan)
    return with_stored(graph, scan.documents.labels, sample["keep_documents"], request.seed) if sample else graph


def _frozen(store: Location | None, name: str) -> Frozen:
    with open_store(store, create=False) as opened:
        return open_frozen(opened, opened.study(name))


def _reference(request: Request, scan: Scan, frozen: Frozen | None, run: Run) -> Activations | None:
    """What the rows are aligned with, if they are."""
    if frozen is None or not request.align:
        return None
    return reference_rows(frozen, scan.documents, run, trust_remote_code=request.trust_remote_code)


def _again(store: Store, draft: Study, scan: Scan, request: Request, frozen: Frozen | None, run: Run) -> Outcome:
    """Adds what a stored study lacks."""
    _restore_labels(draft.id, scan)

    @cache
    def analysis() -> Analysis:
        reference = _reference(request, scan, frozen, run)
        return analyse(draft, scan, scan.read(run), request, run, frozen, reference)

    added = ["atlas"] * _restore_atlas(store, store.study(draft.id), scan, request, frozen, run)
    added += ["file of all documents"] * _restore_table(store, store.study(draft.id), scan, request, analysis, run)
    added += add_missing(store, store.study(draft.id), request, analysis, run)
    return Outcome(store.study(draft.id), "unchanged", run.clock.seconds(), tuple(added))


def _restore_atlas(store: Store, study: Study, scan: Scan, request: Request, frozen: Frozen | None, run: Run) -> bool:
    """Stores the atlas of a study whose store lacks it, or holds a damaged one; returns whether it did.

    Raises:
        StoreError: an atlas that is fitted again has other regions than the study.
    """
    try:
        open_frozen(store, study)
    except StoreError as error:
        run.note(f"{error.fact}: the atlas is stored anew.")
    else:
        return False
    if frozen is None:
        fit = find_regions(scan, scan.read(run), request, run).fit
        _check_regions(store, study, fit)
        atlas = _hashed_as(study, fit.atlas, scan.sampled.documents)
    else:
        atlas = frozen.atlas
    store.add_atlas(study, pack_atlas(atlas), atlas_hash(atlas))
    return True


def _hashed_as(study: Study, atlas: Atlas, documents: int) -> Atlas:
    """An atlas that is fitted again, so that studies placed in it stay comparable with the study.

    Earlier versions hashed an automatic number of regions as a chosen one where it was given.
    """
    shape = ATLAS_KINDS.named(atlas.spec.kind).shape(atlas.spec, documents)
    given = replace(atlas, spec=replace(atlas.spec, **shape))
    return given if atlas_hash(given) == study.atlas_hash else atlas


def _restore_table(
    store: Store, study: Study, scan: Scan, request: Request, analysis: Callable[[], Analysis], run: Run
) -> bool:
    """Writes the table of all documents of a study that stores a sample, if it is gone; returns whether it did.

    Raises:
        StoreError: the documents, analysed again, are in other regions than the study's.
    """
    if study.documents_stored is None or is_whole(store.document_table(study.id), study):
        return False
    run.note(f"{study.stored}, and the file of all of them is gone or damaged: it is written anew.")
    graph = _sampled(analysis().graph, scan, request)
    _refuse_other_regions(store, study, {(each.layer, each.name): each.documents for each in graph.regions})
    store.write_table(graph)
    return True


def _check_regions(store: Store, study: Study, fit: AtlasFit) -> None:
    """Raises `StoreError` unless as many documents are in each region of a fit as in the study's."""
    if fit.scores is not None:
        return
    fitted: dict[tuple[int, str], int | None] = {
        (layer, region_name(fit.atlas.spec, int(code))): int(count)
        for layer, codes in enumerate(fit.codes.T)
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True)
    }
    _refuse_other_regions(store, study, fitted)


def _refuse_other_regions(store: Store, study: Study, fitted: dict[tuple[int, str], int | None]) -> None:
    """Raises `StoreError` unless these are the regions of the study, by layer and name, and their documents."""
    asked = (
        "MATCH (r:Region {llm_mri: true, study: $study}) "
        "RETURN r.layer AS layer, r.name AS name, coalesce(r.tokens, r.documents) AS n"
    )
    stored = {(layer, name): n for layer, name, n in store.read(asked, {"study": study.id}, max_rows=ALL).rows}
    if stored != fitted:
        fact = f"Fitted again here, {study.name} would have other regions than {study.software} stored"
        raise StoreError("An atlas places later texts in the study's own regions", fact, "Scan with another --name")


def _restore_labels(study: str, scan: Scan) -> None:
    """Restores labels and groups likewise, if the rows are cached: no model is run for them."""
    if not is_remembered(study) and (texts := scan.texts_held()):
        remember(study, scan.texts, groups_of(scan.texts), texts)


def _draft(request: Request, scan: Scan, frozen: Frozen | None) -> Study:
    """The study as far as it is known before the expensive stages."""
    documents, spec = scan.texts, request.atlas_spec
    chosen = shape(spec, scan.sampled.documents) if frozen is None else shape_of(spec)
    fit_on = None if scan.sample is None else asked_size(request)
    stored = stored_sample(request, scan)
    return Study(
        id=id_of(request, scan, None if frozen is None else frozen.hash),
        name=request.name,
        model=scan.model,
        model_revision=scan.model_revision,
        corpus=documents.source,
        corpus_hash=documents.content_hash,
        site=scan.site,
        pooling=scan.pooling,
        atlas=spec.kind,
        reducer=spec.reducer,
        resolution=chosen["resolution"],
        seed=spec.seed,
        layers=0,
        documents=documents.documents,
        categories=len(scan.documents.categories),
        regions=0,
        connections=0,
        schema_version=SCHEMA_VERSION,
        software=f"llm-mri-graph {version('llm-mri-graph')}",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        parameters=json.dumps(_set({**request.parameters(), **chosen, **stored, "fit_on": fit_on}), sort_keys=True),
        report="{}",
        fdr=request.fdr if traits_of(spec.kind).holds_documents else METHOD,
        documents_hash=documents.documents_hash,
        atlas_of=None if frozen is None else frozen.origin,
        tokens=None if scan.unit == "document" else scan.documents.documents,
    )


def _set(choices: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in choices.items() if value is not None}
