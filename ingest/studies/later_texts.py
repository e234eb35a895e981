"""Texts that come after a study was made: run through its own model, as its documents were, for its atlas to place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.extract.records import TokenFacts
from ingest.model.device import find_place
from ingest.model.source import resolve_again
from ingest.pace import ScanMeter
from ingest.progress import Silent
from ingest.scan import GIVEN, load_as_asked
from ingest.studies.reread import request_of
from mri_core.atlas.file import load_atlas
from mri_core.errors import ModelError, MriError, UsageError
from mri_core.paths import atlas_file
from mri_core.records.arrays import Activations, Atlas
from mri_core.records.corpus import Document
from mri_core.records.graph import Study

if TYPE_CHECKING:
    from ingest.model.loading import LoadedModel


class LaterTexts(NamedTuple):
    """Texts as the model holds them.

    Attributes:
        activations: of each text a row for each layer, with its tokens.
        cut: (texts,) tokens beyond the length that the study's texts were cut to.
        unread: (texts,) texts without a token that could be read.
    """

    activations: Activations
    cut: np.ndarray
    unread: np.ndarray


@dataclass(frozen=True)
class LaterReader:
    """A study's model and atlas, ready for later texts. One text at a time goes through the model, whoever asks."""

    model: LoadedModel
    atlas: Atlas
    pooling: str
    _alone: Lock = field(default_factory=Lock, repr=False)

    def read(self, texts: Sequence[str]) -> LaterTexts:
        """Runs texts through the model.

        Raises:
            UsageError: there is no text, or one is blank.
            ModelError: the model fails on them.
        """
        if not texts or any(not text or text.isspace() for text in texts):
            raise UsageError("A text to place has something in it", "One is blank" if texts else "There is none")
        from ingest.extract.extraction import extract

        documents = [Document(ordinal, "", text, "") for ordinal, text in enumerate(texts)]
        rows = _Rows(len(texts), self.model.widths)
        meter = ScanMeter(Silent(), np.array([len(text) for text in texts]))
        with self._alone:
            extract(self.model, documents, len(texts), rows.opened, pooling=self.pooling, meter=meter)
        facts = TokenFacts.of_table(rows.facts)
        # Of a text without tokens one is counted, as an ingest does: lengths are divided by.
        activations = Activations(tuple(rows.layers), np.maximum(facts.read, 1))
        return LaterTexts(activations, facts.cut, facts.unread)


def open_later(study: Study, *, trust_remote_code: bool = False) -> LaterReader:
    """Loads the model of a study as its documents were read, and its atlas.

    Args:
        study: as a store gave it.
        trust_remote_code: run code that the model brings along; that its scan did so is no leave to do it here.

    Raises:
        ModelError: it was made of given activations; or the model is gone, has other weights now, or cannot be loaded.
        StoreError: the atlas is not on this machine.
        MriError: this version does not know how the study was made.
    """
    if study.model == GIVEN:
        fact = f"{study.name} was made of given activations, and nothing is known of their model"
        raise ModelError("Later texts are run through the model of a study", fact, "Scan the texts themselves")
    atlas = load_atlas(atlas_file(study.id))
    report = json.loads(study.report)
    request = request_of(study, trust_remote_code=trust_remote_code)
    request = replace(request, max_length=report.get("max_length", request.max_length))
    try:
        source = resolve_again(request.model, study.model_revision)
    except MriError as error:
        rule = "Later texts are run through the very model of a study"
        remedy = error.remedy or "Put it back where it was when the study was made"
        raise ModelError(rule, str(MriError(error.rule, error.fact)), remedy) from error
    # what it computed in, on whatever device there is
    place = find_place("auto", report.get("run", {}).get("dtype", request.dtype))
    return LaterReader(load_as_asked(request, source, place), atlas, request.pooling)


class _Rows:
    """Where a few texts' rows go: into memory."""

    def __init__(self, texts: int, widths: Sequence[int]) -> None:
        self.layers = [np.empty((texts, width), dtype=np.float32) for width in widths]
        self.facts = np.empty((texts, 3 + len(widths)), dtype=np.int32)

    @contextmanager
    def opened(self, widths: tuple[int, ...]) -> Iterator[_Rows]:
        """Itself."""
        yield self

    def is_wanted(self, ordinal: int) -> bool:
        """All are."""
        return True

    def holds(self, ordinals: Sequence[int]) -> bool:
        """None is there before it is read."""
        return False

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Keeps a batch."""
        for layer, batch in zip(self.layers, rows, strict=True):
            layer[list(ordinals)] = batch
        self.facts[list(ordinals)] = facts.table()
