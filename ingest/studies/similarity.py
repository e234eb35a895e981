"""Similarity of two studies' activations of the same documents, layer by layer."""

from __future__ import annotations

import numpy as np

from ingest.run import Run
from ingest.studies.reread import reread
from mri_core.errors import UsageError
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
        UsageError: their atlases were fitted to different samples, whose activations alone are at hand.
        MriError: what `reread` raises.
    """
    read = [reread(one, run, trust_remote_code=trust_remote_code) for one in (study, other)]
    own, others = (None if one.scan.sample is None else one.scan.sample.tolist() for one in read)
    if own != others:
        fact = f"The atlases of {study.name} and {other.name} were fitted to different samples"
        raise UsageError("Activations are compared that are those of the same documents", fact, "Leave --cka out")
    first, second = (one.activations for one in read)
    advance = run.stage("cka", len(aligned), "layers")
    found = []
    for layer, partner in enumerate(aligned.tolist()):
        found.append(linear_cka(first.layers[layer], second.layers[partner], study.seed))
        advance()
    return np.array(found)
