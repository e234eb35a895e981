"""A ready study probed: its activations read again, and how much of the category they and the regions tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ingest.analysis import read_documents
from ingest.clock import Clock
from ingest.corpus import Corpus
from ingest.progress import Progress, Silent
from ingest.random_blocks import random_blocks as read_random_blocks
from ingest.remembered import RememberedCorpus
from ingest.reread import Reread, reread
from mri_core.probing import llm_mri
from mri_core.probing.probe import SPLITS, probe, readings
from mri_core.probing.resampling import check_categories
from mri_core.records import Activations, Measure, Study

SILENT = Silent()


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
        random_blocks: probe the same model with re-initialised blocks too; it runs where the cache has no such rows.
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
    bare = read_random_blocks(found.scan, study.seed, progress, clock) if random_blocks else None
    return _probe(found, bare, groups, splits, study.seed, progress)


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
    found: Reread, bare: Activations | None, groups: np.ndarray | None, splits: int, seed: int, progress: Progress
) -> list[Measure]:
    texts = _texts(found.documents, progress)
    layers = len(found.activations.layers)
    steps = readings(layers, splits, words=texts is not None, random_blocks=bare is not None)
    progress.stage("probes", steps + llm_mri.READINGS, "readings")
    advance: Callable[[], None] = progress.advance
    measures = probe(
        found.activations, found.spec, found.labels, found.names, texts, bare, splits, seed, groups, advance
    )
    return measures + llm_mri.compare(found.activations, found.spec, found.labels, found.names, splits, advance=advance)
