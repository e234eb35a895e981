"""Which tokens of a corpus a scan places: found once by the model's tokenizer, and stored next to its activations."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ingest.cache.entries import disk_errors
from ingest.corpus.corpus import Corpus
from ingest.executor import ModelLoader
from ingest.extract.poolings import POOLINGS
from ingest.extract.token_corpus import TokenCorpus, tokens_of
from ingest.extract.token_plan import PLAN, TokenPlan, arrays_of, plan_of
from ingest.model.device import Place
from ingest.model.source import ModelSource
from ingest.request import Request
from ingest.run import Run
from mri_core.errors import CorpusError, MriError
from mri_core.paths import token_plans_folder
from mri_core.records.corpus import UNTAGGED


def planned(
    request: Request, texts: Corpus, source: ModelSource, place: Place, run: Run, lacking: MriError | None = None
) -> TokenCorpus:
    """The tokens of a corpus that a request scans; the model is loaded where they are not known yet.

    Args:
        request: the options.
        texts: its corpus.
        source: its model.
        place: where it runs.
        run: receives the stages and counts the seconds.
        lacking: why the model cannot be loaded, if only what is stored can be read.

    Raises:
        CorpusError: no word is placed of a tag that the request names.
        MriError: `lacking`; or whatever loading a model raises, `plan_tokens` or `tokens_of`.
    """
    path = token_plans_folder() / f"{_key(request, texts, source)}.npz"
    plan = _stored(path)
    if plan is None:
        if lacking is not None:
            raise lacking
        plan = _made(request, texts, source, place, run)
        _store(path, plan)
    tokens = tokens_of(texts, plan)
    if request.categories and (gone := tokens.unplaced):
        fact = (
            f"The model reads no token of {min(gone)!r}: its words share one, are left out or lie beyond --max-length"
        )
        raise CorpusError("A category has tokens that are placed", fact, "Leave it out of --categories")
    return tokens


def _made(request: Request, texts: Corpus, source: ModelSource, place: Place, run: Run) -> TokenPlan:
    from ingest.extract.reader import encoder_for
    from ingest.extract.token_planner import Choice, plan_tokens

    with run.time("load_model"):
        model = ModelLoader(request, source, place, None, False, ())()
    untagged = UNTAGGED if request.untagged else None
    choice = Choice(model.max_length, model.starts_bare, request.subtokens, untagged)
    with run.time("activations"):
        return plan_tokens(encoder_for(model, POOLINGS.named(request.pooling)), texts, choice)


def _key(request: Request, texts: Corpus, source: ModelSource) -> str:
    """A hash of everything that decides which tokens there are."""
    decisive = ("stack", "max_length", "template", "chat", "subtokens", "untagged")
    known = {name: getattr(request, name) for name in decisive}
    known |= {"texts": texts.content_hash, "model": source.revision, "form": PLAN}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:32]


def _stored(path: Path) -> TokenPlan | None:
    """A plan from the disk; None if there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return plan_of({name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None


def _store(path: Path, plan: TokenPlan) -> None:
    unfinished = path.with_suffix(f".partial-{os.getpid()}")
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                np.savez(file, **arrays_of(plan))  # type: ignore[arg-type]
            unfinished.replace(path)
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
