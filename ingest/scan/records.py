"""What a source of activations is asked for, and what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.extract.token_report import token_warnings
from ingest.run import Run
from mri_core.records.arrays import Activations, Atlas, Frequency
from mri_core.records.graph import Unit

if TYPE_CHECKING:
    from ingest.extract.records import TokenFacts


class Scanned(NamedTuple):
    """What was read of documents.

    Attributes:
        activations: of the scan's `sampled` documents.
        layers: their names.
        tokens: (documents,) of each document that the report is of: those of the sample, then all; None if unknown.
        report: facts for the study's report.
        warnings: what the user should know of the model, a sentence each.
        texts: key of the sample's texts in the cache.
        facts: what became of the tokens, where a model read them.
    """

    activations: Activations
    layers: tuple[str, ...]
    tokens: np.ndarray | None
    report: dict[str, Any]
    warnings: tuple[str, ...] = ()
    texts: str = ""
    facts: TokenFacts | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """What to warn of: of the model, and of the tokens in the report."""
        return (*self.warnings, *token_warnings(self.report))


class PlacedRest(NamedTuple):
    """The documents beyond a sample.

    Attributes:
        rows: `placed_rows` of them, for each layer.
        scanned: as it was, with the facts of all documents.
        scan: of the documents that have a place, which may be fewer where these are tokens.
    """

    rows: tuple[np.ndarray, ...]
    scanned: Scanned
    scan: Scan


class Scan(Protocol):
    """A source of activations, opened but not read. Its attributes are those of the study."""

    @property
    def documents(self) -> Corpus:
        """One document for each row, in order."""

    @property
    def unit(self) -> Unit:
        """What its `documents` are."""

    @property
    def texts(self) -> Corpus:
        """The documents that a store has: these, or where `documents` are tokens those that they are of."""

    @property
    def frequency(self) -> Frequency | None:
        """How often each token occurs, where tokens have rows."""

    @property
    def model(self) -> str:
        """Its name."""

    @property
    def model_revision(self) -> str:
        """What identifies these weights."""

    @property
    def site(self) -> str:
        """Where in the model the activations are read."""

    @property
    def pooling(self) -> str:
        """How a text's tokens become one row."""

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that the activations depend on, as JSON values."""

    @property
    def sample(self) -> np.ndarray | None:
        """Ordinals of the documents that an atlas is fitted to, in rising order; None for all."""

    @property
    def sampled(self) -> Corpus:
        """These documents, numbered anew."""

    def read(self, run: Run) -> Scanned:
        """The activations of the sampled documents."""

    def settled(self, scanned: Scanned) -> tuple[Scan, Scanned]:
        """The scan of what can be placed, which may be less where tokens are: attention sinks are left out of them.

        Args:
            scanned: by `read`.
        """

    def rows(self, run: Run) -> Activations:
        """The activations alone; if the cache has them, the corpus may be gone."""

    def placeable(self, run: Run) -> tuple[Scan, Activations]:
        """The scan of what can be placed, as `settled` gives it, with the activations of its sampled documents."""

    def place_rest(self, atlas: Atlas, scanned: Scanned, run: Run) -> PlacedRest:
        """Places the documents beyond the sample, whose activations are stored nowhere.

        Args:
            atlas: fitted to the sample.
            scanned: by `read`.
            run: receives the stages.
        """

    def texts_held(self) -> str:
        """`Scanned.texts`, the key of the texts, if the cache holds all their rows (no model is loaded); else ""."""


S = TypeVar("S", bound=Scan)


class OfDocuments:
    """What all scans have in common whose documents have rows of their own."""

    @property
    def unit(self) -> Unit:
        """Documents."""
        return "document"

    @property
    def texts(self: S) -> Corpus:
        """The documents."""
        return self.documents

    @property
    def frequency(self) -> Frequency | None:
        """None: documents have rows."""
        return None

    def settled(self: S, scanned: Scanned) -> tuple[S, Scanned]:
        """As it is: every document has a place."""
        return self, scanned

    def placeable(self: S, run: Run) -> tuple[S, Activations]:
        """All of it."""
        return self, self.rows(run)
