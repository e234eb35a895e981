"""The graph of a study whose units are tokens, as its store has it: tokens are counted, and their texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.analysis.testing import Tested
from ingest.corpus.corpus import Corpus
from ingest.extract.token_corpus import TokenCorpus
from mri_core.connectome.text_counts import texts_of_regions, with_texts
from mri_core.evidence.within import with_within, within_counted
from mri_core.records.graph import Category, Layer, Region, StudyGraph
from mri_core.statistics.procedure import PERMUTATIONS, REPEATED

PERMUTED = 100_000_000  # labels of single tokens in all permutations of a test


def permutations_of(documents: Corpus) -> int:
    """How many permutations a study's tests have.

    Labels of single tokens are permuted token by token, within their texts: of many tokens fewer times.

    Args:
        documents: of the study, or its tokens.
    """
    if not isinstance(documents, TokenCorpus) or not documents.plan.labels:
        return PERMUTATIONS
    return min(PERMUTATIONS, max(REPEATED, PERMUTED // documents.documents))


def within(tested: Tested, tokens: TokenCorpus, seed: int) -> Tested:
    """The tests of tokens, with what stands within their types.

    Args:
        tested: of all tokens.
        tokens: these.
        seed: of random signs.
    """
    connectome = with_within(tested.connectome, tokens.labels, tokens.plan.kind, tokens.groups, seed=seed)
    return replace(tested, connectome=connectome, measures=within_counted(tested.measures, connectome))


def as_tokens(graph: StudyGraph, tokens: TokenCorpus) -> StudyGraph:
    """The graph with its texts as documents, where it was made with tokens in their place.

    Args:
        graph: whose documents are tokens.
        tokens: these.
    """
    text = tokens.plan.text
    texts = int((np.diff(tokens.plan.starts) > 0).sum())
    contexts = tokens.contexts([ordinal for region in graph.regions for ordinal in region.exemplars])
    held = texts_of_regions(graph.connectome.placement, text)
    regions = zip(graph.regions, held.tolist(), strict=True)
    by_category = zip(graph.categories, tokens.texts_by_category(), strict=True)
    return replace(
        graph,
        study=replace(graph.study, tokens=tokens.documents),
        layers=tuple(_layer(layer, texts) for layer in graph.layers),
        categories=tuple(Category(each.name, count, each.documents) for each, count in by_category),
        regions=tuple(_region(region, count, text, contexts) for region, count in regions),
        documents=tokens.texts,
        connectome=with_texts(graph.connectome, tokens.labels, text),
        texts=text,
        labels=tokens.labels if tokens.plan.labels else None,
    )


def _layer(layer: Layer, texts: int) -> Layer:
    return replace(layer, documents=texts, tokens=layer.documents)


def _region(region: Region, texts: int, text: np.ndarray, contexts: dict[int, str]) -> Region:
    return replace(
        region,
        documents=texts,
        tokens=region.documents,
        exemplars=tuple(int(text[ordinal]) for ordinal in region.exemplars),
        contexts=tuple(contexts[ordinal] for ordinal in region.exemplars),
    )
