"""Activations computed elsewhere, used as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.given import GivenActivations
from ingest.extract.token_report import given_token_report
from ingest.run import Run
from ingest.scan.records import OfDocuments, PlacedRest, Scanned
from ingest.scan.sample import copied, rest_of, sampled_of
from mri_core.atlas.compact import placed_rows
from mri_core.chunks import Chosen
from mri_core.records.arrays import Activations, Atlas
from mri_core.records.graph import GIVEN


@dataclass(frozen=True)
class GivenScan(OfDocuments):
    """Activations computed elsewhere, used as they are."""

    given: GivenActivations
    sample: np.ndarray | None = field(default=None, compare=False)
    model: str = GIVEN
    site: str = GIVEN
    pooling: str = GIVEN

    @property
    def documents(self) -> Corpus:
        """As the folder lists them."""
        return self.given.documents

    @property
    def model_revision(self) -> str:
        """A hash of the content: nothing else is known about the model."""
        return self.documents.content_hash[:16]

    @property
    def identity(self) -> dict[str, Any]:
        """Rows, documents and token counts."""
        return {"activations": self.documents.content_hash}

    @cached_property
    def sampled(self) -> Corpus:
        """Part of the documents, or all."""
        return sampled_of(self)

    def read(self, run: Run) -> Scanned:
        """The mapped files."""
        activations = self.rows(run)
        names = tuple(f"L{i}" for i in range(len(activations.layers)))
        return _with_tokens(Scanned(activations, names, None, {}), self.sampled, activations.tokens)

    def rows(self, run: Run) -> Activations:
        """The mapped files; a sample of them as a copy."""
        return self.given.activations if self.sample is None else copied(self.given.activations, self.sample)

    def place_rest(self, atlas: Atlas, scanned: Scanned, run: Run) -> PlacedRest:
        """Placed block by block."""
        given, rest = self.given.activations, rest_of(self)
        tokens = None if given.tokens is None else given.tokens[rest]
        with run.time("atlas"):
            placed = placed_rows(atlas, [Chosen(rows, rest) for rows in given.layers], tokens)
        return PlacedRest(tuple(placed), _with_tokens(scanned, self.documents, given.tokens), self)

    def texts_held(self) -> str:
        """None: the rows are in their folder."""
        return ""


def _with_tokens(scanned: Scanned, documents: Corpus, tokens: np.ndarray | None) -> Scanned:
    """With the lengths of these documents."""
    return scanned._replace(tokens=tokens, report=given_token_report(documents, tokens))
