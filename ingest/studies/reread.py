"""Reads a ready study's activations again, for analyses after its ingest.

A study stores its parameters and none of its rows. The rows are in the cache, else the model runs again; given ones are
in their folder. Cached rows do not need the corpus. They are the same rows that the study was computed from, or an
error says what changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np

from ingest.corpus.corpus import Corpus, open_corpus
from ingest.corpus.given import open_given
from ingest.corpus.remembered import recall
from ingest.executor import place_again
from ingest.extract.token_plan import PLAN
from ingest.model.device import Place, place_on
from ingest.model.source import ModelSource, resolve_again
from ingest.request import Request
from ingest.run import Run
from ingest.scan.from_folder import GivenScan
from ingest.scan.from_model import ModelScan
from ingest.scan.opening import of_units
from ingest.scan.records import Scan
from ingest.scan.sample import fitted_sample
from ingest.study_identity import id_of
from mri_core.errors import CorpusError, ModelError, MriError
from mri_core.paths import lay_in_memory, was_uploaded
from mri_core.records.arrays import Activations, AtlasSpec, Frequency
from mri_core.records.graph import Study

RULE = "A study's activations are read again from its original inputs"
REMEDY = "Restore it, or scan again with `mri ingest … --replace`"


@dataclass(frozen=True)
class Reread:
    """The inputs of a ready study.

    Attributes:
        scan: where its activations come from; `ingest.analysis.other_rows` takes it.
        activations: the rows, memory-mapped, of the documents that the study's atlas was fitted to, in their order:
            all, or a sample of them.
        documents: these, with their texts; iterating reads the corpus again, or raises if that is gone.
        names: of the categories, sorted, as in the study.
        labels: (documents,) index of each document's category in `names`.
        spec: the study's atlas, with its resolved number of clusters or components.
    """

    scan: Scan
    activations: Activations
    documents: Corpus
    names: tuple[str, ...]
    labels: np.ndarray
    spec: AtlasSpec


def reread(
    study: Study,
    run: Run | None = None,
    *,
    trust_remote_code: bool = False,
    unless_cached: MriError | None = None,
    frequency: Frequency | None = None,
) -> Reread:
    """The activations of a ready study with its documents, categories and atlas.

    Args:
        study: from a store.
        run: receives stages where the model runs and notes of the cache, and counts the seconds; None for silence.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        unless_cached: raised where the cache lacks rows, instead of running the model; None to run it.
        frequency: of tokens in the atlas that the study is placed in, as `frequency_in` gives it; None where it has an
            atlas of its own.

    Raises:
        CorpusError: the corpus or the folder is gone, or is no longer what was scanned.
        ModelError: the cache lacks rows, and the model is gone or has other weights now.
        MriError: this version or machine would read other rows than the study's.
    """
    request = request_of(study, trust_remote_code=trust_remote_code)
    run = run or Run()
    opened = _scan(study, request, unless_cached)
    scan = of_units(opened, run, frequency) if isinstance(opened, ModelScan) else opened
    _refuse_other_rows(study, scan, request)
    scan, activations = scan.placeable(run)
    documents = scan.sampled
    if scan.sample is not None:
        run.note(
            f"Activations of {study.name} are those of the {documents.documents:,} {study.unit}s that its atlas was "
            f"fitted to, a sample of {study.tokens or study.documents:,}: what follows is of these."
        )
    names = tuple(name for name, _ in documents.categories)
    return Reread(scan, activations, documents, names, documents.labels, request.atlas_spec)


def request_of(study: Study, *, trust_remote_code: bool) -> Request:
    """The request that a study was made with; raises `MriError` if this version does not know all of its options."""
    kept: dict[str, Any] = json.loads(study.parameters)
    unknown = sorted(kept.keys() - {field.name for field in fields(Request)})
    if unknown:
        fact = f"{study.id} was made by {study.software} with {', '.join(unknown)}, which this version does not know"
        raise MriError(RULE, fact, "Use that version, or scan again")
    kept.setdefault("fit_on", _read(study))  # all of them, unless it says how many
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    kept.setdefault("keep_documents", None)  # a study without it stores all of its documents, however many
    # A pooling that the scan forced is forced here.
    force = "activations" not in kept
    return Request(**{**kept, "name": study.name, "trust_remote_code": trust_remote_code, "force": force})


def _read(study: Study) -> int:
    """How many documents a study read; of tokens also those that it left out as attention sinks."""
    if study.tokens is None:
        return study.documents
    return study.tokens + int(json.loads(study.report).get("sunk_tokens", 0))


def _scan(study: Study, request: Request, unless_cached: MriError | None) -> Scan:
    """The source of the rows, of documents; missing or changed inputs are refused."""
    source = request.activations or request.corpus
    try:
        given = None if request.activations is None else open_given(request.activations, request.corpus_options)
        documents = given.documents if given else open_corpus(cast(str, request.corpus), request.corpus_options)
    except MriError as error:
        unread = _unread(str(source), error)
        known = None if request.activations else recall(study, unread)
        if known is None:
            raise unread from error
        return _model_scan(study, request, known, unless_cached)
    _check_unchanged(study, documents)
    if given:
        return GivenScan(given, fitted_sample(documents, request))
    return _model_scan(study, request, documents, unless_cached)


def open_texts(study: Study, request: Request) -> Corpus:
    """The corpus of a study that a model read, as it was scanned: for what needs texts, and no rows.

    Args:
        study: from a store.
        request: that it was made with.

    Raises:
        CorpusError: the corpus is gone, or has changed.
    """
    source = cast(str, request.corpus)
    try:
        documents = open_corpus(source, request.corpus_options)
    except MriError as error:
        raise _unread(source, error) from error
    _check_unchanged(study, documents)
    return documents


def _check_unchanged(study: Study, documents: Corpus) -> None:
    if documents.content_hash != study.corpus_hash:
        raise CorpusError(RULE, f"{documents.source} has changed since {study.id} was scanned", REMEDY)


def _unread(source: str, error: MriError) -> CorpusError:
    if was_uploaded(source):
        fact = f"{Path(source).name} was uploaded to the page, which deletes an upload after its scan"
        return CorpusError(RULE, f"{fact}, and this needs its texts", "Delete the study, and scan the file by its path")
    if lay_in_memory(source):
        return CorpusError(RULE, error.fact, error.remedy)
    return CorpusError(RULE, f"{source} cannot be read: {MriError(error.rule, error.fact)}", REMEDY)


def _model_scan(study: Study, request: Request, documents: Corpus, unless_cached: MriError | None) -> ModelScan:
    """The scan of the study's model. If that is gone, the cache may still hold all rows."""
    place, elsewhere = _place(study, request)
    try:
        source = resolve_again(request.model, study.model_revision)
    except MriError as error:
        gone = ModelSource(study.model, request.model, None, study.model_revision)
        fact = f"The cache lacks rows of {study.id}, and its model cannot be run: {MriError(error.rule, error.fact)}"
        lacking = ModelError(RULE, fact, error.remedy if lay_in_memory(request.model) else REMEDY)
        return ModelScan(request, documents, gone, place, lacking=lacking)
    return ModelScan(request, documents, source, place, lacking=elsewhere or unless_cached)


def _place(study: Study, request: Request) -> tuple[Place, MriError | None]:
    """Where the study's model ran, and why it cannot be run there now: the cache's rows need no device."""
    made = json.loads(study.report).get("run", {}).get("device")
    if lay_in_memory(request.model):  # where it lay is where it was read
        return place_on(made or "cpu", "auto"), None
    here = place_again(request, request.device, request.dtype)
    if made in (None, here.device):
        return here, None
    there = place_on(made, request.dtype)
    if (there.dtype, there.is_autocast) == (here.dtype, here.is_autocast):  # the rows of here are as good
        return here, None
    fact = f"The cache lacks rows of {study.id}, which was read on {made}, and this machine has {here.device} alone"
    return there, MriError(RULE, fact, "Read it where it was made, or scan again with `mri ingest … --replace`")


def refuse_older_plan(study: Study) -> None:
    """Raises `MriError` for a scan of tokens by a version that chose other tokens of words that share one."""
    if study.unit == "token" and json.loads(study.report).get("plan", 1) < PLAN:
        fact = f"An earlier version made {study.id}, and chose the tokens of words that share one otherwise"
        rule = "Tokens are read again as their scan chose them"
        raise MriError(rule, fact, "Scan again with `mri ingest … --replace`")


def _refuse_other_rows(study: Study, scan: Scan, request: Request) -> None:
    """Refuses a scan with another id, the hash of everything that determines the rows, and says what else changed.

    A later version of results changes what is computed of the rows, and not these.
    """
    report = json.loads(study.report)
    if id_of(request, scan, study.atlas_hash if study.atlas_of else None, report.get("results")) == study.id:
        return
    refuse_older_plan(study)
    run = report.get("run", {})
    made = " as ".join(run[key] for key in ("device", "dtype") if run.get(key))
    fact = f"{study.id} was read {f'on {made} ' if made else ''}by {study.software}; here and now the rows would differ"
    raise MriError(RULE, fact, "Read it where it was made, or scan again with `mri ingest … --replace`")
