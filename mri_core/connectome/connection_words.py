"""The words of a connection: those over-represented in its documents against its source region's others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mri_core.records.connectome import Connectome, Flows
from mri_core.texts.keywords import Population, WordCounts, documents_with, words_of

Words = dict[tuple[int, int], tuple[str, ...]]


def with_words(connectome: Connectome, words: WordCounts) -> Connectome:
    """The connectome with words on every connection on which something was found, and on what is avoided.

    Args:
        connectome: with evidence.
        words: from `count_words` over the same documents.
    """
    avoided = connectome.avoided
    found = set(_pairs(connectome.flows, only_found=True)) | (set(_pairs(avoided)) if avoided else set())
    told = _words(connectome, sorted(found), words)
    return replace(
        connectome,
        flows=_told(connectome.flows, told),
        avoided=None if avoided is None else _told(avoided, told),
    )


def _words(connectome: Connectome, pairs: list[tuple[int, int]], words: WordCounts) -> Words:
    """Of each pair of regions, which are ordered by source so that its documents are counted once."""
    told: Words = {}
    source, inside, among = -1, np.empty(0, dtype=np.int64), None
    for start, target in pairs:
        layer = connectome.region_layer[start]
        if start != source:
            source, inside = start, np.flatnonzero(connectome.placement[:, layer] == start)
            among = Population(len(inside), documents_with(words, inside))
        members = inside[connectome.placement[inside, layer + 1] == target]
        # All documents of a region that go one way have nobody to be told apart from.
        told[start, target] = () if len(members) == len(inside) else words_of(words, members, among)
    return told


def _told(flows: Flows, told: Words) -> Flows:
    return replace(flows, keywords=tuple(told.get(pair, ()) for pair in _pairs(flows)))


def _pairs(flows: Flows, *, only_found: bool = False) -> list[tuple[int, int]]:
    rows = np.arange(len(flows.source))
    if only_found and flows.evidence is not None:
        rows = np.flatnonzero(flows.evidence.finding)
    return list(zip(flows.source[rows].tolist(), flows.target[rows].tolist(), strict=True))
