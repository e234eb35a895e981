"""`ingest`: the one place where the stages are wired, from a corpus to a ready study in a store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ingest.clock import Clock
from ingest.corpus import Corpus
from ingest.determinants import id_of, shape
from ingest.progress import Progress, Silent, counter
from ingest.report import build_report, corpus_lines, correlation_lines
from ingest.request import Request
from ingest.scan import Scan, Scanned, open_scan
from mri_core.atlas import AtlasFit, fit_atlas
from mri_core.atlas_file import save_atlas
from mri_core.connectome import build_connectome
from mri_core.correlations import build_correlations
from mri_core.keywords import WordCounts, count_words
from mri_core.paths import atlas_file
from mri_core.records import SCHEMA_VERSION, AtlasSpec, Category, Connectome, Study, StudyGraph
from mri_core.regions import describe_layers, describe_regions, with_metrics
from mri_core.store import exists, open_store, start_early

SILENT = Silent()


@dataclass(frozen=True)
class Outcome:
    """What an ingest came to: the study, whether it was there already, and the seconds of each stage."""

    study: Study
    status: Literal["ready", "unchanged"]
    seconds: dict[str, float]


def ingest(
    corpus: str | Path | None = None, *, store: str | Path | None = None, progress: Progress = SILENT, **choices: Any
) -> Outcome:
    """Scans a corpus and keeps the study.

    Args:
        corpus: a file, a folder, or the name of a dataset on the hub; None with `activations`.
        store: a folder for the embedded engine; None for `MRI_STORE`, else `./mri-store`.
        progress: is told what happens.
        choices: the fields of `ingest.request.Request`; `name` is required.

    Raises:
        MriError: one line that says what is wrong and what to do; nothing is then left half-visible.
    """
    return run(Request(corpus=corpus, **choices), store=store, progress=progress)


def run(request: Request, *, store: str | Path | None = None, progress: Progress = SILENT) -> Outcome:
    """Scans what a request asks for and keeps the study; see `ingest`."""
    clock = Clock()
    request.check()
    if exists(store):
        start_early(store)
    scan = open_scan(request)
    for line in corpus_lines(scan.documents):
        progress.note(line)
    draft = _draft(request, scan)
    with open_store(store) as opened:
        if exists(store):  # else nothing is made before there is something to keep
            if opened.is_ready(draft.id):
                _restore_atlas(draft.id, scan, request.atlas_spec, progress, clock)
                return Outcome(opened.study(draft.id), "unchanged", clock.seconds())
            opened.check_name(draft.name, draft.id, request.replace, properties=asdict(draft))
        scanned = scan.read(progress, clock)
        start_early(store)
        graph, fit = _analyse(draft, scan, scanned, request.atlas_spec, progress, clock)
        with clock.time("store"):
            save_atlas(fit.atlas, atlas_file(draft.id))
            status = opened.write(
                graph, replace=request.replace, progress=counter(progress, "store", "rows"), notify=progress.note
            )
        return Outcome(opened.study(draft.id), status, clock.seconds())


def _restore_atlas(study: str, scan: Scan, spec: AtlasSpec, progress: Progress, clock: Clock) -> None:
    """A study made elsewhere, or whose cache was emptied, gets its atlas back, by which later texts are placed."""
    if not atlas_file(study).exists():
        progress.note(f"The atlas of {study} is not on this machine: it is fitted again.")
        save_atlas(fit_atlas(scan.read(progress, clock).activations, spec).atlas, atlas_file(study))


def _draft(request: Request, scan: Scan) -> Study:
    """The study as far as it is known before anything dear is done."""
    documents, spec = scan.documents, request.atlas_spec
    chosen = shape(spec, documents.documents)
    return Study(
        id=id_of(request.name, scan, spec),
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
        categories=len(documents.categories),
        regions=0,
        connections=0,
        schema_version=SCHEMA_VERSION,
        software=f"llm-mri-graph {version('llm-mri-graph')}",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        parameters=json.dumps(_set({**request.parameters(), **chosen}), sort_keys=True),
        report="{}",
    )


def _set(choices: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in choices.items() if value is not None}


def _analyse(
    draft: Study, scan: Scan, scanned: Scanned, spec: AtlasSpec, progress: Progress, clock: Clock
) -> tuple[StudyGraph, AtlasFit]:
    for line in scanned.warnings:
        progress.note(line)
    names = [name for name, _ in scan.documents.categories]
    with clock.time("atlas"):
        progress.stage("atlas", len(scanned.layers), "layers")
        fit = fit_atlas(scanned.activations, spec, progress.advance)
    with clock.time("statistics"):
        labels, words = _read_documents(scan.documents, names)
    with clock.time("connectome"):
        connectome, warnings = _connect(fit, labels, names, scanned.layers)
    for line in warnings:
        progress.note(line)
    with clock.time("statistics"):
        regions = with_metrics(describe_regions(fit, connectome, names, words), connectome, spec.seed)
        report = build_report(scan.documents, scanned, spec, fit.codes, warnings)
    study = replace(
        draft,
        layers=len(scanned.layers),
        regions=len(regions),
        connections=len(connectome.flows.weight),
        report=json.dumps(report, sort_keys=True),
    )
    graph = StudyGraph(
        study=study,
        layers=describe_layers(fit, connectome, scanned.layers),
        categories=tuple(Category(name, count) for name, count in scan.documents.categories),
        regions=regions,
        documents=scan.documents,
        connectome=connectome,
    )
    return graph, fit


def _connect(
    fit: AtlasFit, labels: np.ndarray, categories: Sequence[str], layers: Sequence[str]
) -> tuple[Connectome, list[str]]:
    """The connections, with what there is to warn of."""
    if fit.scores is None:
        return build_connectome(fit.codes, labels, len(categories)), []
    found = build_correlations(fit.scores, labels, len(categories), fit.atlas.spec.threshold)
    return found.connectome, correlation_lines(found, categories, layers)


def _read_documents(documents: Corpus, categories: Sequence[str]) -> tuple[np.ndarray, WordCounts | None]:
    """Each document's index of its category, and the documents' words, in one reading."""
    index = {name: number for number, name in enumerate(categories)}
    labels = np.empty(documents.documents, dtype=np.int32)

    def texts() -> Iterator[str]:
        for document in documents:
            labels[document.ordinal] = index[document.category]
            yield document.text

    words = count_words(texts())
    return labels, words
