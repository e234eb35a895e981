"""Matches the layers and regions of two studies of the same documents, whatever their models and atlases are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError
from mri_core.evidence.matching_maps import Alignment, Matched, align, match_regions
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from mri_core.records.measures import QUALITY, REFITTED
from mri_core.records.units import refuse_tokens
from mri_core.store.matches import Match
from mri_core.store.reading import Readable
from mri_core.studies.confirmation import found_claims
from mri_core.studies.placements import categories_of, read_placements
from mri_core.studies.same_documents import is_paired


@dataclass(frozen=True)
class MatchedStudies:
    """Two studies with their matched regions.

    Attributes:
        study, other: the studies.
        alignment: of their layers.
        matched: their regions.
        matches: the same by ids, as the store holds them.
        ceiling: (layers,) adjusted Rand index of the first atlas with its own refits; None without refits.
        counted: findings of the first study, and those of which both regions have partners in neighbouring layers.
    """

    study: Study
    other: Study
    alignment: Alignment
    matched: Matched
    matches: tuple[Match, ...]
    ceiling: np.ndarray | None
    counted: tuple[int, int]


def match_studies(
    store: Readable,
    study: Study,
    other: Study,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> MatchedStudies:
    """Matches two studies; nothing is stored.

    Args:
        store: that holds both.
        study, other: ready studies of the same documents.
        begin: called with the number of calls of `advance`.
        advance: called after each step.

    Raises:
        UsageError: they read different documents, are one study, or regions of one hold no documents.
    """
    _check(study, other)
    begin(2 + study.layers)
    categories = categories_of(store, study)
    read = []
    for one in (study, other):
        read.append(read_placements(store, one, categories))
        advance()
    codes, others = (own.placement for own in read)
    alignment = align(codes, others, study.seed, advance)
    matched = match_regions(codes, others, alignment.aligned)
    pairs = zip(
        matched.code.tolist(),
        matched.other_code.tolist(),
        matched.shared.tolist(),
        matched.jaccard.tolist(),
        matched.over_chance.tolist(),
        strict=True,
    )
    matches = tuple(Match(read[0].regions[a], read[1].regions[b], *numbers) for a, b, *numbers in pairs)
    return MatchedStudies(
        study, other, alignment, matched, matches, _ceiling(store, study), _counted(store, study, other.id, matches)
    )


def _counted(store: Readable, study: Study, other: str, matches: Sequence[Match]) -> tuple[int, int]:
    partner = {local_id(study.id, match.region): layer_of(local_id(other, match.other)) for match in matches}
    claims = found_claims(store, study)
    ends = [(partner.get(claim.source), partner.get(claim.target)) for claim in claims]
    return len(claims), sum(u is not None and v == u + 1 for u, v in ends)


def _check(study: Study, other: Study) -> None:
    rule = "Regions are matched by the documents that they share"
    if study.id == other.id:
        raise UsageError(rule, f"{study.name} is named twice", "Name two studies")
    for one in (study, other):
        refuse_tokens(one, rule)
        if not traits_of(one.atlas).holds_documents:
            raise UsageError(rule, f"{one.name} is a study of components, which hold none", "Take another study")
    if not is_paired(study, other):
        fact = f"{study.name} read {study.corpus} and {other.name} {other.corpus}, or other documents of it"
        raise UsageError(rule, fact, "Scan the very same documents: same file, sample and seed")


def _ceiling(store: Readable, study: Study) -> np.ndarray | None:
    known = {m.layer: m.value for m in store.measures(study, [QUALITY]) if m.other == REFITTED}
    values = [known.get(layer) for layer in range(study.layers)]
    return None if None in values else np.array(values, dtype=float)
