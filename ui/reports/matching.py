"""Matched studies, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mri_core.studies.matching import MatchedStudies
from queries.text import number
from ui.wording.terminal import table


def as_json(found: MatchedStudies, similar: np.ndarray | None) -> dict[str, Any]:
    """The facts as JSON values.

    Args:
        found: the matched studies.
        similar: (layers,) CKA of aligned layers; None if it was not asked for.
    """
    alignment = found.alignment
    return {
        "study": found.study.id,
        "other": found.other.id,
        "information": alignment.information.tolist(),
        "aligned": alignment.aligned.tolist(),
        "agreement": alignment.agreement.tolist(),
        "floor": alignment.floor.tolist(),
        "ceiling": None if found.ceiling is None else found.ceiling.tolist(),
        "cka": None if similar is None else similar.tolist(),
        "findings": found.counted[0],
        "findings_matched": found.counted[1],
        "matches": [match._asdict() for match in found.matches],
    }


def in_words(found: MatchedStudies, similar: np.ndarray | None) -> str:
    """The same for a reader: by layer, then what to ask next."""
    return "\n\n".join(_parts(found, similar))


def _parts(found: MatchedStudies, similar: np.ndarray | None) -> Iterator[str]:
    study, other, matched = found.study, found.other, found.matched
    whole = float(np.mean(found.alignment.agreement))
    yield (
        f"{len(matched.shared)} regions of {study.name} match one of {other.name} by the documents that they share; "
        f"over the layers the maps agree by {number(whole)} (adjusted Rand index, 0 by chance, 1 for the same map)."
    )
    yield _layers(found, similar)
    refits = f"; refits: that of {study.name}'s atlas with its own refits" if found.ceiling is not None else ""
    told, held = found.counted
    yield (
        "aligned: the layer of the other study; information: what their regions say about one another (adjusted mutual "
        "information); jaccard: median over matched regions of shared documents over those of either; over chance: the "
        "same from 0, what regions of these sizes share by chance, to 1, the most that they can share; agreement: "
        f"adjusted Rand index; floor: its largest value over shuffled documents{refits}."
    )
    asked = f"mri query matched-findings --study {study.name} --other {other.name}"
    yield (
        f"{held} of {told} findings of {study.name} have both regions matched in neighbouring layers; whether they "
        f"hold there: {asked}"
    )


def _layers(found: MatchedStudies, similar: np.ndarray | None) -> str:
    alignment, matched = found.alignment, found.matched
    layers = range(found.study.layers)
    inside = [matched.layer == layer for layer in layers]
    columns: dict[str, Any] = {
        "layer": layers,
        "aligned": alignment.aligned.tolist(),
        "information": alignment.information[list(layers), alignment.aligned].tolist(),
        "matched": [int(own.sum()) for own in inside],
        "jaccard": [_median(matched.jaccard[own]) for own in inside],
        "over chance": [_median(matched.over_chance[own]) for own in inside],
        "agreement": alignment.agreement.tolist(),
        "floor": alignment.floor.tolist(),
    }
    if found.ceiling is not None:
        columns["refits"] = found.ceiling.tolist()
    if similar is not None:
        columns["CKA"] = similar.tolist()
    return table(list(columns), zip(*columns.values(), strict=True))


def _median(values: np.ndarray) -> float | None:
    return float(np.median(values)) if len(values) else None
