"""The words of a connection: those over-represented in its documents against its source region's others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mri_core.records.connectome import Connectome, Flows
from mri_core.texts.keywords import WordCounts, population, words_of

Words = dict[tuple[int, int], tuple[str, ...]]


def with_words(connectome: Connectome, words: WordCounts) -> Connectome:
    """The connectome with words on every connection with a finding, avoided ones included.

    Args:
        connectome: with evidence.
        words: from `count_words` over the same documents.
    """
    avoided = connectome.avoided
    found = set(_pairs(connectome.flows, only_found=True)) | (set(_pairs(avoided)) if avoided else set())
    found_words = _words(connectome, sorted(found), words)
    return replace(
        connectome,
        flows=_with_keywords(connectome.flows, found_words),
        avoided=None if avoided is None else _with_keywords(avoided, found_words),
    )


def _words(connectome: Connectome, pairs: list[tuple[int, int]], words: WordCounts) -> Words:
    """The words of each pair of regions; pairs are ordered by source, so that its documents are counted once."""
    found_words: Words = {}
    source, inside, among = -1, np.empty(0, dtype=np.int64), None
    for start, target in pairs:
        layer = connectome.region_layer[start]
        if start != source:
            source, inside = start, np.flatnonzero(connectome.placement[:, layer] == start)
            among = population(words, inside)
        members = inside[connectome.placement[inside, layer + 1] == target]
        # If all documents of a region take one connection, there are no others to compare them with.
        found_words[start, target] = () if len(members) == len(inside) else words_of(words, members, among)
    return found_words


def _with_keywords(flows: Flows, found_words: Words) -> Flows:
    return replace(flows, keywords=tuple(found_words.get(pair, ()) for pair in _pairs(flows)))


def _pairs(flows: Flows, *, only_found: bool = False) -> list[tuple[int, int]]:
    rows = np.arange(len(flows.source))
    if only_found and flows.evidence is not None:
        rows = np.flatnonzero(flows.evidence.finding)
    return list(zip(flows.source[rows].tolist(), flows.target[rows].tolist(), strict=True))
