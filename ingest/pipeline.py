"""`ingest`: the one place where the stages are wired, from a corpus to a ready study in a store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from ingest.analysis.analyse import Analysis, analyse, read_documents
from ingest.analysis.supplements import add_missing
from ingest.clock import Clock
from ingest.corpus.remembered import is_remembered, remember
from ingest.corpus.summary import corpus_lines
from ingest.progress import Progress, Silent, counter
from ingest.request import Request
from ingest.scan import Scan, open_scan
from ingest.study_identity import id_of, shape
from mri_core.atlas.file import save_atlas
from mri_core.atlas.fitting import fit_atlas
from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.evidence.components import METHOD
from mri_core.paths import atlas_file
from mri_core.records.arrays import AtlasSpec
from mri_core.records.graph import SCHEMA_VERSION, Study
from mri_core.store import Store, exists, open_store, start_early
from mri_core.store.schema import upgraded_line

SILENT = Silent()


@dataclass(frozen=True)
class Outcome:
    """What an ingest came to.

    Attributes:
        study: as the store has it now.
        status: "unchanged" where the very same study was there already.
        seconds: of each stage.
        added: what such a study lacked and was asked for.
    """

    study: Study
    status: Literal["ready", "unchanged"]
    seconds: dict[str, float]
    added: tuple[str, ...] = ()


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
    known = {field.name for field in fields(Request)}
    for name in choices:
        if name not in known:
            raise unknown_name("option of ingest", name, known)
    if "name" not in choices:
        raise UsageError("A study has a name", "ingest was called without one", 'Name it: ingest(…, name="news")')
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
            for name in opened.prepare(draft.id):
                progress.note(upgraded_line(name))
            if opened.is_ready(draft.id):
                return _again(opened, draft, scan, request, progress, clock)
            opened.check_name(draft.name, draft.id, request.replace, properties=asdict(draft))
        scanned = scan.read(progress, clock)
        start_early(store)
        analysis = analyse(draft, scan, scanned, request, progress, clock)
        with clock.time("store"):
            save_atlas(analysis.fit.atlas, atlas_file(draft.id))
            if scanned.texts:
                remember(draft.id, scan.documents, analysis.procedure.groups, scanned.texts)
            status = opened.write(
                analysis.graph,
                replace=request.replace,
                progress=counter(progress, "store", "rows"),
                notify=progress.note,
            )
        study = opened.study(draft.id)
        add_missing(opened, study, request, scan, lambda: analysis, progress, clock)
        return Outcome(opened.study(draft.id), status, clock.seconds())


def _again(store: Store, draft: Study, scan: Scan, request: Request, progress: Progress, clock: Clock) -> Outcome:
    """A study that is there already gets what it lacks."""
    _restore_atlas(draft.id, scan, request.atlas_spec, progress, clock)
    _restore_labels(draft.id, scan)

    @cache
    def analysis() -> Analysis:
        return analyse(draft, scan, scan.read(progress, clock), request, progress, clock)

    added = add_missing(store, store.study(draft.id), request, scan, analysis, progress, clock)
    return Outcome(store.study(draft.id), "unchanged", clock.seconds(), tuple(added))


def _restore_atlas(study: str, scan: Scan, spec: AtlasSpec, progress: Progress, clock: Clock) -> None:
    """A study made elsewhere, or whose cache was emptied, gets its atlas back, by which later texts are placed."""
    if not atlas_file(study).exists():
        progress.note(f"The atlas of {study} is not on this machine: it is fitted again.")
        save_atlas(fit_atlas(scan.read(progress, clock).activations, spec).atlas, atlas_file(study))


def _restore_labels(study: str, scan: Scan) -> None:
    """The same of its labels and groups, which serve together with cached rows alone: no model is run for them."""
    if not is_remembered(study) and (texts := scan.texts_held()):
        remember(study, scan.documents, read_documents(scan.documents).groups, texts)


def _draft(request: Request, scan: Scan) -> Study:
    """The study as far as it is known before anything dear is done."""
    documents, spec = scan.documents, request.atlas_spec
    chosen = shape(spec, documents.documents)
    return Study(
        id=id_of(request, scan),
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
        fdr=request.fdr if traits_of(spec.kind).holds_documents else METHOD,
    )


def _set(choices: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in choices.items() if value is not None}
