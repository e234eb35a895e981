"""Everything that a study owns, as a store holds it: nodes by their properties, and their relationships."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mri_core.records.connectome import Connectome
from mri_core.records.corpus import Document
from mri_core.records.measures import Measure

if TYPE_CHECKING:  # reading commands need no numpy
    import numpy as np

Unit = Literal["document", "token"]  # what is placed in regions and counted
GIVEN = "given"  # the model, site and pooling of activations that were computed elsewhere
SCHEMA_VERSION = 3  # of the graph in a store; study ids have a separate version


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as the graph stores it."""

    index: int
    name: str
    width: int
    regions: int
    documents: int
    explained_variance: float | None  # None for UMAP, whose dimensions are no axes
    tokens: int | None = None  # of a scan of tokens


@dataclass(frozen=True, slots=True)
class Category:
    """A category as the graph stores it; of a scan of tokens `documents` are the texts with a token of it."""

    name: str
    documents: int
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A region as the graph stores it. A component has no documents, entropy and dominant category: they are None.

    Attributes:
        x, y: a cell's column and row; a cluster's centre in the first two dimensions; a component's number and the
            share of the variance that it explains (None for UMAP).
        entropy: bits, of the categories' shares of this region, with equal weights; 0 is one category only.
        dominant_category: the category with the largest share here.
        keywords: words over-represented in its documents (of a component, in those that score highest), most specific
            first.
        exemplars: ordinals of documents near the centre (of a component, of high score), those with most of the words
            first, and of these the nearest.
        strength_in, strength_out: documents that arrive from the layer before, and leave for the layer after.
        pagerank, betweenness, community, participation: in the graph of all categories together, as
            `mri_core.metrics.RegionMetrics` has them; None, as strengths are, if the region has no connection.
        parting_q: q that its outgoing transitions depend on the category; None if not tested.
        tokens: of a scan of tokens, those in it; `documents` are then the texts with one of them, `keywords` its
            over-represented tokens, `exemplars` the texts of its exemplars, and strengths count tokens.
        contexts: of a scan of tokens, the text around each exemplar, which stands between « and ».
    """

    layer: int
    name: str
    x: float
    y: float | None
    documents: int | None
    entropy: float | None
    dominant_category: str | None
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...]
    strength_in: int | None = None
    strength_out: int | None = None
    pagerank: float | None = None
    betweenness: float | None = None
    community: int | None = None
    participation: float | None = None
    parting_q: float | None = None
    tokens: int | None = None
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """A study's own node. Its properties in the graph are these fields, by these names."""

    id: str
    name: str
    model: str
    model_revision: str
    corpus: str
    corpus_hash: str
    site: str
    pooling: str
    atlas: str
    reducer: str | None
    resolution: int | None
    seed: int
    layers: int
    documents: int
    categories: int
    regions: int
    connections: int  # FLOWS_TO relationships: a pair of regions counts once for each category that takes it
    schema_version: int
    software: str
    created_at: str  # ISO 8601, UTC
    parameters: str = field(repr=False)  # JSON: everything needed to run it again
    report: str = field(repr=False)  # JSON: what was skipped, truncated and left out
    fdr: str | None = None  # how the findings' q was computed; None if nothing was tested
    atlas_hash: str | None = None  # SHA-256 of the atlas' arrays; None if an earlier version stored the study
    documents_hash: str | None = None  # of the documents alone; None if an earlier version stored the study
    atlas_of: str | None = None  # id of the study that the atlas was fitted to; None for its own documents
    documents_stored: int | None = None  # as nodes, with all exemplars; None if all documents are
    tokens: int | None = None  # of the documents, those that are placed in regions; None if documents are
    status: Literal["loading", "ready"] = "loading"
    owner: str = ""
    updated_at: str = ""
    revision: int = 1

    @property
    def unit(self) -> Unit:
        """What is placed in regions and counted."""
        return "document" if self.tokens is None else "token"

    @property
    def documents_read(self) -> str:
        """What studies of the same documents have in common; of given activations `corpus_hash` includes these."""
        return self.documents_hash or self.corpus_hash

    @property
    def stored(self) -> str:
        """How many of its documents the graph holds, in words; "" if it holds all of them."""
        if self.documents_stored is None:
            return ""
        return f"{self.name} stores {self.documents_stored:,} of its {self.documents:,} documents"


@dataclass(frozen=True)
class StudyGraph:
    """Everything that a study owns, as it is written to a store.

    `regions` and `categories` are in the order of the connectome's; `documents` may be a stream, read once. `measures`
    are those known when the study becomes ready. `margins` (documents, layers) say how far later documents lie inside
    their regions. `atlas` is the fitted atlas as `mri_core.atlas.file` packs it, b"" if
    it is not to be stored. `stored` (documents,) is true for documents that become nodes; None if all do. `texts`
    (tokens,) is the ordinal of each token's document where the connectome counts tokens; None where documents.
    `labels` (tokens,) is the index of each token's category where tokens have labels of their own; None where they
    have their text's.
    """

    study: Study
    layers: tuple[Layer, ...]
    categories: tuple[Category, ...]
    regions: tuple[Region, ...]
    documents: Iterable[Document]
    connectome: Connectome
    measures: tuple[Measure, ...] = ()
    atlas: bytes = field(default=b"", repr=False)
    margins: np.ndarray | None = field(default=None, repr=False)
    stored: np.ndarray | None = field(default=None, repr=False)
    texts: np.ndarray | None = field(default=None, repr=False)
    labels: np.ndarray | None = field(default=None, repr=False)
