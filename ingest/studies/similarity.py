"""Similarity of two studies' activations of the same documents, layer by layer."""

from __future__ import annotations

import numpy as np

from ingest.run import Run
from ingest.studies.reread import reread
from mri_core.evidence.matching_maps import linear_cka
from mri_core.records.graph import Study


def aligned_cka(
    study: Study, other: Study, aligned: np.ndarray, run: Run, *, trust_remote_code: bool = False
) -> np.ndarray:
    """(layers,) linear CKA of each layer of a study with the layer of another that it is aligned with.

    Args:
        study, other: ready studies of the same documents.
        aligned: (layers,) layer of the other study.
        run: receives the stages, and counts the seconds.
        trust_remote_code: run code that a model brings along, where it has to run.

    Raises:
        MriError: what `reread` raises.
    """
    first, second = (reread(one, run, trust_remote_code=trust_remote_code).activations for one in (study, other))
    advance = run.stage("cka", len(aligned), "layers")
    found = []
    for layer, partner in enumerate(aligned.tolist()):
        found.append(linear_cka(first.layers[layer], second.layers[partner], study.seed))
        advance()
    return np.array(found)
