"""Texts that were run through a study's model and placed in its atlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.studies.later_texts import LaterReader, LaterTexts
from mri_core.atlas.fitting import place, scores
from mri_core.atlas.kinds import traits_of
from ui.reports.walk import path


@dataclass(frozen=True)
class Placed:
    """Texts that were run through a study's model.

    Attributes:
        study: its id.
        texts: as they were written.
        found: what the model made of them.
        paths: for each text the regions that it passes; none among components.
        scores: for each layer (texts, components); empty for other atlases.
        trusted: whether the model's own code was allowed to run.
    """

    study: str
    texts: tuple[str, ...]
    found: LaterTexts
    paths: tuple[tuple[str, ...], ...]
    scores: tuple[np.ndarray, ...]
    trusted: bool = False

    @classmethod
    def by(cls, reader: LaterReader, study: str, texts: Sequence[str], *, trusted: bool = False) -> Placed:
        """Runs and places them."""
        found, atlas = reader.read(texts), reader.atlas
        if not traits_of(atlas.spec.kind).holds_documents:
            return cls(study, tuple(texts), found, (), scores(atlas, found.activations), trusted)
        codes = place(atlas, found.activations)
        paths = tuple(path(atlas.spec, row) for row in codes.tolist())
        return cls(study, tuple(texts), found, paths, (), trusted)
