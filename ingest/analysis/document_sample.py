"""Which documents become nodes of the graph: all, or a stratified sample with the exemplars of every region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.corpus.sampling import stratified_sample
from mri_core.records.graph import StudyGraph


def with_stored(graph: StudyGraph, labels: np.ndarray, most: int, seed: int) -> StudyGraph:
    """The graph with the documents that become nodes, where these are not all.

    Args:
        graph: a study's, whose counts are of all documents.
        labels: (documents,) index of each document's category among the graph's.
        most: size of the sample, with one document of each category at least; exemplars come on top of it.
        seed: of the sample.
    """
    counts = {category.name: category.documents for category in graph.categories}
    masks = stratified_sample(counts, max(most, len(counts)), seed)
    stored = np.zeros(len(labels), dtype=bool)
    for index, name in enumerate(counts):
        stored[labels == index] = np.frombuffer(masks[name], dtype=bool)
    stored[[ordinal for region in graph.regions for ordinal in region.exemplars]] = True
    if stored.all():
        return graph
    return replace(graph, study=replace(graph.study, documents_stored=int(stored.sum())), stored=stored)
