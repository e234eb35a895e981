"""Probes a ready study: the accuracy with which its activations and regions predict the category."""

from __future__ import annotations

import numpy as np

from ingest.analysis.other_rows import REINITIALISED, block_seeds, token_embeddings
from ingest.analysis.other_rows import random_blocks as read_random_blocks
from ingest.corpus.corpus import Corpus
from ingest.corpus.groups import groups_of
from ingest.corpus.remembered import RememberedCorpus
from ingest.extract.token_corpus import TokenCorpus
from ingest.frozen import frequency_in
from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.studies.reread import Reread, reread
from mri_core.errors import MriError
from mri_core.probing import llm_mri
from mri_core.probing.probe import SPLITS, Baselines, probe, readings
from mri_core.probing.resampling import check_categories
from mri_core.records.arrays import Frequency
from mri_core.records.graph import Study
from mri_core.records.measures import FULL_MINUS_REDUCED, PROBE, Measure
from mri_core.store.store import Store

KINDS = (PROBE, FULL_MINUS_REDUCED)  # of measure, that a probe stores


def probe_study(
    study: Study,
    *,
    splits: int = SPLITS,
    random_blocks: bool = False,
    trust_remote_code: bool = False,
    run: Run | None = None,
    frequency: Frequency | None = None,
) -> list[Measure]:
    """The measures of `mri_core.probing.probe`, and of LLM-MRI's own comparison, of a ready study.

    That comparison splits documents as if they were independent. Of a study of tokens, whose texts it would part, it is
    left out.

    Args:
        study: from a store; its measures are not stored here.
        splits: into training and held-out documents.
        random_blocks: probe the same model with re-initialised blocks too, drawn again for each split, or for as many
            splits as there are models; it runs unless the cache has such rows.
        trust_remote_code: run code that the model brings along, where it has to run.
        run: receives the stages and counts the seconds of loading and running a model; None for silence.
        frequency: as `reread` takes it.

    Raises:
        MriError: what `reread`, `random_blocks` and `probe` raise.
    """
    run = run or Run()
    found = reread(study, run, trust_remote_code=trust_remote_code, frequency=frequency)
    groups = groups_of(found.documents)
    check_categories(found.labels, found.names, groups)  # before a model runs for it
    seeds = block_seeds(study.seed, min(splits, REINITIALISED)) if random_blocks else []
    untrained = [read_random_blocks(found.scan, seed, run) for seed in seeds]
    embeddings = _embeddings(found, run)
    types = found.documents.plan.kind if isinstance(found.documents, TokenCorpus) else None
    texts = None if types is not None else _texts(found.documents, run)
    baselines = Baselines(texts, untrained, embeddings, types)
    return _probe(found, baselines, groups, splits, study, run)


def stored_probe(
    store: Store,
    study: Study,
    *,
    splits: int | None = None,
    random_blocks: bool = False,
    again: bool = False,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> list[Measure]:
    """The probes of a ready study as its store holds them: made once, and again if more is requested.

    Args:
        store: that holds the study.
        study: a ready one.
        splits: of the documents; None for what is stored, else 5. A number probes again.
        random_blocks: probe the same model with re-initialised blocks too.
        again: repeat stored probes.
        trust_remote_code, run: as of `probe_study`, whose errors it raises.
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
        run=run,
        frequency=frequency_in(store, study),
    )
    store.add_measures(study, found)
    return store.measures(study, KINDS)


def _embeddings(found: Reread, run: Run) -> np.ndarray | None:
    """(documents, width) mean token embeddings, the baseline; None, with a note, if there are none."""
    if not isinstance(found.scan, ModelScan):
        return None
    try:
        return token_embeddings(found.scan, run).layers[0]
    except MriError as error:
        run.note(f"The baseline of token embeddings is left out: {error}")
        return None


def _texts(documents: Corpus, run: Run) -> list[str] | None:
    """The texts, whose words are a baseline; None if there are none, with a note if the corpus is gone."""
    if isinstance(documents, RememberedCorpus):
        run.note(f"The bag of words is left out: it needs texts. {documents.why}")
        return None
    texts = [document.text for document in documents]
    return texts if any(texts) else None


def _probe(
    found: Reread, baselines: Baselines, groups: np.ndarray | None, splits: int, study: Study, run: Run
) -> list[Measure]:
    compared = study.unit == "document"
    steps = readings(len(found.activations.layers), splits, baselines) + (llm_mri.READINGS if compared else 0)
    advance = run.stage("probes", steps, "readings")
    read = (found.activations, found.spec, found.labels, found.names)
    measures = probe(*read, baselines, count=splits, seed=study.seed, groups=groups, advance=advance)
    return measures + (llm_mri.compare(*read, splits, advance=advance) if compared else [])
