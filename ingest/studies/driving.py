"""The tokens that put documents in their regions, over a sample of a study's documents: stored as measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ingest.frozen import open_frozen
from ingest.run import Run
from ingest.studies.explaining import Explainer, check_explicable
from ingest.studies.later_texts import open_later
from ingest.studies.reread import open_texts, request_of
from mri_core.atlas.parts import check_linear
from mri_core.errors import UsageError
from mri_core.evidence.driving import by_word, driving_measures
from mri_core.numbers import is_whole
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.measures import DRIVING, Measure
from mri_core.records.units import refuse_tokens
from mri_core.store.reading import ALL, Readable
from mri_core.store.store import Store
from mri_core.studies.placements import REGIONS
from mri_core.studies.token_request import Named, ask_tokens

DOCUMENTS = 300  # of the sample
AT_ONCE = 32  # texts, of which all parts are held

Regions = dict[str, list[dict[str, float]]]  # of a layer: for each the parts of its documents


def stored_driving(
    store: Store,
    study: Study,
    *,
    documents: int | None = None,
    again: bool = False,
    trust_remote_code: bool = False,
    run: Run | None = None,
) -> list[Measure]:
    """The driving tokens of a ready study's regions as its store holds them: made once, and again if asked for.

    Args:
        store: that holds the study.
        study: a ready one of texts that a model read, with clusters.
        documents: of the sample, at most; None for what is stored, else 300. A number reads them again.
        again: repeat what is stored.
        trust_remote_code: run code that the model brings along, whether or not its scan did.
        run: receives the stages; None for silence.

    Raises:
        UsageError: `documents` is no whole number from 1;
            its regions are no clusters, or it was aligned with another study.
        ModelError: it was made of given activations, or its model is gone or fails.
        CorpusError: its corpus is gone or has changed.
    """
    if study.unit == "token":
        refuse_tokens(study, "Driving tokens are those of whole documents", ask_tokens(store, study))
    if documents is not None and (not is_whole(documents) or documents < 1):
        raise UsageError("The documents of a sample are a whole number from 1", f"documents is {documents!r}")
    known = store.measures(study, [DRIVING])
    if known and not again and documents is None:
        return known
    store.check_usable(study.id)
    run = run or Run()
    found = driving_tokens(store, study, documents or DOCUMENTS, trust_remote_code=trust_remote_code, run=run)
    if found:
        store.add_measures(study, found)
    return store.measures(study, [DRIVING])


def driving_tokens(
    store: Readable, study: Study, documents: int, *, trust_remote_code: bool = False, run: Run
) -> list[Measure]:
    """As `stored_driving`, without storing them."""
    check_explicable(study)
    if study.atlas != "clusters":
        rule, fact = "Driving tokens are those of margins between clusters", f"{study.name} has {study.atlas} instead"
        raise UsageError(rule, fact, "Explain a document of it, or scan with clusters")
    check_linear(open_frozen(store, study).atlas.spec)
    texts = _sample(study, documents)
    if len(texts) < study.documents:
        run.note(f"Driving tokens are those of a sample: {len(texts)} of {study.documents:,} documents.")
    advance = run.stage("explaining", len(texts), "texts")
    explainer = Explainer(open_later(store, study, trust_remote_code=trust_remote_code), study)
    layers: list[Regions] = [defaultdict(list) for _ in range(study.layers)]
    for start in range(0, len(texts), AT_ONCE):
        _add(layers, explainer, texts[start : start + AT_ONCE])
        for _ in texts[start : start + AT_ONCE]:
            advance()
    rows = store.read(REGIONS, {"study": study.id}, max_rows=ALL).rows
    words = {local_id(study.id, region): set(keywords) for region, keywords, _ in rows}
    return [measure for layer, regions in enumerate(layers) for measure in driving_measures(regions, words, layer)]


def _sample(study: Study, documents: int) -> list[str]:
    """The texts of so many documents, drawn with the study's seed; of all, if there are no more."""
    corpus = open_texts(study, request_of(study, trust_remote_code=False))
    count = min(documents, study.documents)
    chosen = set(np.random.default_rng(study.seed).choice(study.documents, count, replace=False).tolist())
    return [document.text for document in corpus if document.ordinal in chosen]


def _add(layers: Sequence[Regions], explainer: Explainer, texts: Sequence[str]) -> None:
    """Adds some texts to the regions in which they lie."""
    told = explainer.explain(texts, Named(tuple(range(len(layers)))))
    for text, one in zip(texts, told, strict=True):
        for of_layer in one.layers:
            layers[of_layer.layer][of_layer.region].append(by_word(text, one.tokens.tokens, of_layer.tokens))
