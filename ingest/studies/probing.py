"""A ready study probed: its activations read again, and how much of the category they and the regions tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ingest.analysis.analyse import read_documents
from ingest.analysis.other_rows import REINITIALISED, block_seeds, token_embeddings
from ingest.analysis.other_rows import random_blocks as read_random_blocks
from ingest.clock import Clock
from ingest.corpus.corpus import Corpus
from ingest.corpus.remembered import RememberedCorpus
from ingest.progress import Progress, Silent
from ingest.scan import ModelScan
from ingest.studies.reread import Reread, reread
from mri_core.errors import MriError
from mri_core.probing import llm_mri
from mri_core.probing.probe import SPLITS, probe, readings
from mri_core.probing.resampling import check_categories
from mri_core.records.arrays import Activations
from mri_core.records.graph import Study
from mri_core.records.measures import FULL_MINUS_REDUCED, PROBE, Measure
from mri_core.store.store import Store

SILENT = Silent()
KINDS = (PROBE, FULL_MINUS_REDUCED)  # of measure, that a probe stores


def probe_study(
    study: Study,
    *,
    splits: int = SPLITS,
    random_blocks: bool = False,
    trust_remote_code: bool = False,
    progress: Progress = SILENT,
    clock: Clock | None = None,
) -> list[Measure]:
    """The measures of `mri_core.probing.probe`, and of LLM-MRI's own comparison, of a ready study.

    Args:
        study: as a store gave it; its measures are not stored here.
        splits: of the documents into those that are fitted to and those held out.
        random_blocks: probe the same model with re-initialised blocks too, drawn anew for each split, or for as many
            splits as there are models; it runs where the cache has no such rows.
        trust_remote_code: run code that the model brings along, where it has to run.
        progress: is told of stages.
        clock: counts the seconds of loading and running a model.

    Raises:
        MriError: what `reread`, `random_blocks` and `probe` raise.
    """
    clock = clock or Clock()
    found = reread(study, progress, clock, trust_remote_code=trust_remote_code)
    groups = groups_of(found.documents)
    check_categories(found.labels, found.names, groups)  # before a model runs for it
    seeds = block_seeds(study.seed, min(splits, REINITIALISED)) if random_blocks else []
    bare = [read_random_blocks(found.scan, seed, progress, clock) for seed in seeds]
    beside = Beside(bare, _embeddings(found, progress, clock), _texts(found.documents, progress))
    return _probe(found, beside, groups, splits, study.seed, progress)


def stored_probe(
    store: Store,
    study: Study,
    *,
    splits: int | None = None,
    random_blocks: bool = False,
    again: bool = False,
    trust_remote_code: bool = False,
    progress: Progress = SILENT,
) -> list[Measure]:
    """The probes of a ready study as its store holds them: made once, anew where more is asked for.

    Args:
        store: that holds the study.
        study: a ready one.
        splits: of the documents; None for what is stored, else 5. A number probes anew.
        random_blocks: probe the same model with re-initialised blocks too.
        again: probe anew what is stored.
        trust_remote_code, progress: as of `probe_study`, whose errors it raises.
    """
    known = store.measures(study, KINDS)
    had_blocks = any(measure.other == "random_blocks" for measure in known)
    if known and not again and splits is None and (had_blocks or not random_blocks):
        return known
    store.check_usable(study.id)
    found = probe_study(
        study,
        splits=splits or SPLITS,
        random_blocks=random_blocks or had_blocks,
        trust_remote_code=trust_remote_code,
        progress=progress,
    )
    store.add_measures(study, found)
    return store.measures(study, KINDS)


class Beside(NamedTuple):
    """What is read next to the study's rows: `random_blocks`, `embeddings` and `texts` of `mri_core.probing.probe`."""

    random_blocks: list[Activations]
    embeddings: np.ndarray | None
    texts: list[str] | None


def _embeddings(found: Reread, progress: Progress, clock: Clock) -> np.ndarray | None:
    """(documents, width) mean token embeddings, the baseline; None where there are none, which is said."""
    if not isinstance(found.scan, ModelScan):
        return None
    try:
        return token_embeddings(found.scan, progress, clock).layers[0]
    except MriError as error:
        progress.note(f"The baseline of token embeddings is left out: {error}")
        return None


def groups_of(documents: Corpus) -> np.ndarray | None:
    """(documents,) number of each document's group; None where none stands in one."""
    if isinstance(documents, RememberedCorpus):
        return documents.groups
    return read_documents(documents).groups if documents.columns.group is not None else None


def _texts(documents: Corpus, progress: Progress) -> list[str] | None:
    """The texts, whose words are a baseline; None where there are none, which is said where the corpus is gone."""
    if isinstance(documents, RememberedCorpus):
        progress.note(f"The bag of words is left out: it needs texts. {documents.why}")
        return None
    texts = [document.text for document in documents]
    return texts if any(texts) else None


def _probe(
    found: Reread, beside: Beside, groups: np.ndarray | None, splits: int, seed: int, progress: Progress
) -> list[Measure]:
    there = {
        "words": beside.texts is not None,
        "random_blocks": bool(beside.random_blocks),
        "embeddings": beside.embeddings is not None,
    }
    steps = readings(len(found.activations.layers), splits, **there)
    progress.stage("probes", steps + llm_mri.READINGS, "readings")
    advance: Callable[[], None] = progress.advance
    measures = probe(
        found.activations,
        found.spec,
        found.labels,
        found.names,
        beside.texts,
        beside.random_blocks,
        beside.embeddings,
        splits,
        seed,
        groups,
        advance,
    )
    return measures + llm_mri.compare(found.activations, found.spec, found.labels, found.names, splits, advance=advance)
