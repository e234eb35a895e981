"""Tests a study's findings on texts that took no part in it: a scan in its atlas, then those tests and no others."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingest.corpus.corpus import CorpusOptions
from ingest.corpus.formats.memory import held_corpus
from ingest.pipeline import SILENT, Outcome, run
from ingest.progress import Progress
from ingest.request import Request
from ingest.request_checks import HELD_OUT
from mri_core.errors import UsageError
from mri_core.evidence.confirming import Claim
from mri_core.paths import forget
from mri_core.records.graph import GIVEN, Study
from mri_core.store import Location, Named, open_store
from mri_core.studies.confirmation import Confirmed, claims_of, confirm_study, found_claims, measures_of
from mri_core.studies.placements import categories_of
from mri_core.studies.plan import Plan, read_plan, write_plan

SELECTING = ("limit", "match", "bins", "top", "holdout", "held_out", "categories")  # documents of one corpus alone


@dataclass(frozen=True)
class NewCorpus:
    """Texts that a study is confirmed on.

    Attributes:
        source: a corpus as `mri.ingest` takes it, from memory too, or the name of a study that is placed in the atlas
            already; for a study of given activations a folder of such.
        name: of the new study; None for that of the confirmed one with `-confirmation`.
        columns: options of the corpus that differ from the confirmed study's, such as `text` and `label`.
        trust_remote_code: run code that the study's model brings along.
        replace: the new study takes the place of one of its name.
    """

    source: str | Path | object
    name: str | None = None
    columns: tuple[tuple[str, Any], ...] = ()
    trust_remote_code: bool = False
    replace: bool = False


def plan_confirmation(study: str, path: Path, *, store: Location | None = None) -> str:
    """Writes what a confirmation of a study will test to a file; returns the hash of the plan.

    Raises:
        MriError: the study names no finding, or the file is there already.
    """
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        return write_plan(found, claims_of(opened, found), path)


def confirm(
    study: Named,
    corpus: NewCorpus,
    *,
    plan: Path | None = None,
    store: Location | None = None,
    progress: Progress = SILENT,
) -> Confirmed:
    """Scans a corpus in a study's atlas and tests the study's findings on it; both are stored.

    Args:
        study: name or id of a ready study.
        corpus: texts that took no part in it.
        plan: a file of `plan_confirmation`; its claims are tested, and no others. None for the study's findings.
        store: a folder for the embedded engine or a server; None for `MRI_STORE`, else `./mri-store`.
        progress: receives stages, steps and notes.

    Raises:
        MriError: the plan was changed, the corpus lacks a category of the study or took part in it, and then no study
            of it is left; or what `run` raises.
    """
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        agreed = None if plan is None else read_plan(plan, found)
        claims = claims_of(opened, found) if agreed is None else agreed.claims
        placed = [one for one in opened.studies() if one.atlas_hash == found.atlas_hash and one.id != found.id]
        named = str(corpus.source) if isinstance(corpus.source, str | Path) else ""
        by = next((one.id for one in placed if named in (one.name, one.id)), None)
        categories = categories_of(opened, found)
    if by is not None:
        return _tested(found, by, claims, store, agreed)
    outcome = run(_request(found, corpus, categories), store=store, progress=progress)
    return _tested_once_scanned(found, outcome, claims, store, agreed)


def confirm_held_out(
    request: Request, *, store: Location | None = None, progress: Progress = SILENT
) -> Confirmed | None:
    """Tests the findings of a scan with `holdout` on the documents that were held out; None if nothing was found.

    Args:
        request: of the scan, whose study is ready.
        store, progress: as of `confirm`.
    """
    with open_store(store, create=False) as opened:
        found = opened.study(request.name)
        claims = found_claims(opened, found)
    if not claims:
        progress.note(f"{request.name} names no connection that its held-out documents could confirm.")
        return None
    name = f"{request.name}{HELD_OUT}"
    own: dict[str, Any] = {field.name: getattr(request, field.name) for field in fields(CorpusOptions)}
    own |= {"held_out": True, "atlas_of": request.name, "replace": request.replace}
    own |= {"keep_documents": request.keep_documents}
    placed = Request(corpus=request.corpus, name=name, trust_remote_code=request.trust_remote_code, **own)
    return _tested_once_scanned(found, run(placed, store=store, progress=progress), claims, store)


def _tested_once_scanned(
    study: Study, outcome: Outcome, claims: tuple[Claim, ...], store: Location | None, plan: Plan | None = None
) -> Confirmed:
    """As `_tested`; a study that was scanned for it is deleted where its documents are refused. Its rows are cached."""
    try:
        return _tested(study, outcome.study.id, claims, store, plan)
    except UsageError:
        if outcome.status == "ready":
            with open_store(store, create=False) as opened:
                opened.delete(outcome.study)
            forget(outcome.study.id)
        raise


def _tested(
    study: Study, by: str, claims: tuple[Claim, ...], store: Location | None, plan: Plan | None = None
) -> Confirmed:
    with open_store(store, create=False) as opened:
        other = opened.study(by)
        confirmed = confirm_study(opened, study, other, claims, plan)
        opened.add_measures(other, measures_of(confirmed))
    return confirmed


def _request(study: Study, corpus: NewCorpus, categories: list[str]) -> Request:
    """The scan of the new texts: columns as the study's unless others are named, and its categories."""
    stored: dict[str, Any] = json.loads(study.parameters)
    if stored.get("bins") is not None:
        fact = f"The categories of {study.name} are quantiles of its own documents"
        raise UsageError("New texts are labelled as those of the study", fact, "Scan with labels that are categories")
    own: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value := stored[field.name], list) else value
        for field in fields(CorpusOptions)
        if field.name in stored and field.name not in SELECTING
    }
    name = corpus.name or f"{study.name}-confirmation"
    own |= {"name": name, "atlas_of": study.id, "replace": corpus.replace}
    source = corpus.source if isinstance(corpus.source, str | Path) else None
    if study.site == GIVEN:
        if source is None:
            fact = f"Those of {study.name} were given, and a corpus in memory has none"
            raise UsageError("New activations are compared with those of the study", fact, "Name their folder")
        return Request(**{"activations": source, **own, **dict(corpus.columns)})
    own |= {"categories": tuple(categories), "trust_remote_code": corpus.trust_remote_code, "corpus": source}
    options = own | dict(corpus.columns)
    return Request(**(options if source is not None else options | held_corpus(corpus.source, options)))
