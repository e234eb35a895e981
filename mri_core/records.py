"""The frozen records that pass from stage to stage, and the ids of what a study owns.

corpus → `Document` → `Activations` → `Atlas` → `Connectome` → `StudyGraph` (all that a study owns) → store → `Table`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from mri_core.readable import readable

if TYPE_CHECKING:  # reading commands need no numpy
    import numpy as np

SCHEMA_VERSION = 3  # of the graph in a store; what a study's id is made from has a version of its own
Pooling = Literal["mean", "last", "first", "mean-all"]  # how a text's tokens become one row
Site = Literal["residual", "attention", "mlp"]  # where in a block its states are read
Stack = Literal["encoder", "decoder"]  # of an encoder–decoder
AtlasKind = Literal["clusters", "grid", "components"]
EXCERPT_LENGTH = 280  # characters of a document that the graph keeps
REFITS = 20  # of an atlas, unless asked otherwise
SEEDS = 2**32  # there are, from 0: what NumPy's older generators and scikit-learn take


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled text of a corpus.

    Attributes:
        ordinal: position in the corpus as scanned, counted from 0; the row of every array that has one row a document.
        category: its label, 1 to 200 characters.
        text: the text itself, never blank for a corpus; "" where given activations come without texts.
        title: what a reader sees first: the title column, else the id, else the beginning of the text.
        source_id: the user's own id of the document, where the corpus has one.
        group: what it belongs to, where documents are not independent.
    """

    ordinal: int
    category: str
    text: str
    title: str
    source_id: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Activations:
    """One pooled row a document for each layer.

    Attributes:
        layers: for each layer a matrix documents × width, float32 or float16, perhaps memory-mapped. Layer 0 is the
            stream after the embedding, layer i after block i; of what blocks add to the stream, layer i is block i + 1.
        tokens: (documents,) the text's own tokens that a row was pooled from; None where lengths are not known.
    """

    layers: tuple[np.ndarray, ...]
    tokens: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class AtlasSpec:
    """How activations are mapped to regions; all that a fit depends on besides the activations."""

    kind: AtlasKind = "clusters"
    clusters: int | None = None  # None: half the square root of the documents, between 6 and 24
    reducer: str = "pca"
    resolution: int = 10
    components: int | None = None  # None: 10, or one less than the documents
    threshold: float = 0.3
    standardize: bool = True
    length_adjust: bool = True
    seed: int = 0


@dataclass(frozen=True)
class LayerAtlas:
    """The fitted arrays that place a row of one layer.

    Attributes:
        mean, scale: (width,) subtracted and divided by; scale is infinite for a column without weight, which becomes 0.
        components: (dimensions, width) orthonormal axes of the reduced space.
        explained_variance: (dimensions,) share of the standardised rows' variance on each axis.
        length_coefficients: (4, width) regression on 1, 1/L, log L and L; None where lengths are not adjusted for.
        centres: (clusters, dimensions) of clusters.
        edges: (2, resolution + 1) bin edges of the two axes of a grid.
        fitted: (different documents, axes) coordinates on `components` of the documents that UMAP was fitted to.
        positions: (different documents, dimensions) where it put them.
    """

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray
    explained_variance: np.ndarray
    length_coefficients: np.ndarray | None = None
    centres: np.ndarray | None = None
    edges: np.ndarray | None = None
    fitted: np.ndarray | None = None
    positions: np.ndarray | None = None


@dataclass(frozen=True)
class Atlas:
    """A frozen map from activations to regions, fitted once over all documents without their labels."""

    spec: AtlasSpec
    layers: tuple[LayerAtlas, ...]


@dataclass(frozen=True)
class Evidence:
    """Whether a category differs from the others by more than chance, one row for each row that was counted.

    Attributes:
        effect: log odds ratio of the category against all others together (`mri_core.statistics`); between components
            Fisher's z minus the mean of the others'. NaN where it is not defined, as are the others.
        ci_low, ci_high: its interval; infinite where the margins set no end.
        p: the category's own.
        q: that of the whole connection or region among all of its family.
        finding: 1 where the category is found to have more, -1 where less, 0 where it is not named.
        name_q: of what is named, the name's own q; else NaN.
    """

    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    finding: np.ndarray
    name_q: np.ndarray


@dataclass(frozen=True)
class Flows:
    """Connections in long form: one row a pair of regions of neighbouring layers and category connected there.

    All arrays have the same length. `source` and `target` index the connectome's regions, `category` its categories.
    `weight` counts documents, or between components is Spearman's rho, which has neither `share` nor `lift`.

    Attributes:
        evidence: whether the category takes the connection more or less than the others; None where untested.
        routing, routing_q: effect and q of the same among the documents in the source region only.
        stability: share of refits in which the finding is found again; NaN where there is none.
        keywords: words over-represented among the connection's documents against its source region's.
    """

    source: np.ndarray
    target: np.ndarray
    category: np.ndarray
    weight: np.ndarray
    share: np.ndarray | None
    lift: np.ndarray | None
    evidence: Evidence | None = None
    routing: np.ndarray | None = None
    routing_q: np.ndarray | None = None
    stability: np.ndarray | None = None
    keywords: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True)
class Activity:
    """Use of the regions in long form: one row a region and category with a document there (`ACTIVATED_BY`)."""

    region: np.ndarray
    category: np.ndarray
    documents: np.ndarray
    share: np.ndarray
    lift: np.ndarray
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Connectome:
    """Counts of documents by region, connection and category; or how components move together.

    Attributes:
        region_layer, region_code: (regions,) layer and the atlas's code of each occupied region, ordered by both.
        region_documents: (regions,) documents in each; None for components, which hold none.
        category_documents: (categories,) documents of each category.
        placement: (documents, layers) index of the region that each document passes in each layer; (documents, 0) for
            components.
        flows, activity: the counts in long form; components have no activity.
        avoided: connections that a category is found to avoid altogether, as `flows` with a weight of 0; of components
            findings whose rho lies below the threshold of `flows`, with it. None where untested.
    """

    region_layer: np.ndarray
    region_code: np.ndarray
    region_documents: np.ndarray | None
    category_documents: np.ndarray
    placement: np.ndarray
    flows: Flows
    activity: Activity
    avoided: Flows | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as the graph keeps it."""

    index: int
    name: str
    width: int
    regions: int
    documents: int
    explained_variance: float | None  # None for UMAP, whose dimensions are no axes


@dataclass(frozen=True, slots=True)
class Category:
    """A category as the graph keeps it."""

    name: str
    documents: int


@dataclass(frozen=True, slots=True)
class Region:
    """A region as the graph keeps it. A component has no documents, entropy and dominant category: they are None.

    Attributes:
        x, y: a cell's column and row; a cluster's centre in the first two dimensions; a component's number and the
            share of the variance that it explains (None for UMAP).
        entropy: bits, of the categories' shares of this region, each category counting alike; 0 is one category only.
        dominant_category: the category with the largest share here.
        keywords: words over-represented in its documents (of a component, in those that score highest), most telling
            first.
        exemplars: ordinals of documents near the centre (of a component, of high score), those with most of the words
            first, and of these the nearest.
        strength_in, strength_out: documents that arrive from the layer before, and leave for the layer after.
        pagerank, betweenness, community, participation: in the graph of all categories together, as
            `mri_core.metrics.RegionMetrics` has them; None, as strengths are, where nothing connects the region.
        parting_q: whether where its documents go depends on their category; None where it is not tested.
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
    report: str = field(repr=False)  # JSON: what was skipped, cut and left out on the way
    fdr: str | None = None  # how the findings' q was worked out; None where nothing was tested
    status: Literal["loading", "ready"] = "loading"
    owner: str = ""
    updated_at: str = ""
    revision: int = 1


@dataclass(frozen=True)
class StudyGraph:
    """Everything that a study owns, as it is written to a store.

    `regions` and `categories` are in the order of the connectome's; `documents` may be a stream, read once. `measures`
    are those that are known when the study becomes ready.
    """

    study: Study
    layers: tuple[Layer, ...]
    categories: tuple[Category, ...]
    regions: tuple[Region, ...]
    documents: Iterable[Document]
    connectome: Connectome
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A number about a study, a layer or a category, which is no property of one region or connection.

    Attributes:
        kind: what is measured, such as `density`.
        value: None where it is not defined; `details` then say why, as `undefined`.
        layer, category, other: what it is about, where it has them; `other` is a second category.
        ci_low, ci_high: its interval.
        p, q: its chance.
        details: JSON values.
    """

    kind: str
    value: float | None
    layer: int | None = None
    category: str | None = None
    other: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    q: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that a query returned. `cut` says that there were more than were asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def layer_id(study: str, index: int) -> str:
    """Key of a `Layer`."""
    return f"{study}/L{index}"


def region_id(study: str, layer: int, name: str) -> str:
    """Key of a `Region`."""
    return f"{study}/L{layer}/R{name}"


def category_id(study: str, name: str) -> str:
    """Key of a `Category`."""
    return f"{study}/C/{name}"


def document_id(study: str, ordinal: int) -> str:
    """Key of a `Document`."""
    return f"{study}/D{ordinal}"


def measure_id(study: str, measure: Measure) -> str:
    """Key of a `Measure`; names are quoted, so that no two measures share one."""
    layer = [] if measure.layer is None else [f"L{measure.layer}"]
    category = [] if measure.category is None else ["C", quote(measure.category, safe="")]
    other = [] if measure.other is None else ["O", quote(measure.other, safe="")]
    return "/".join([study, "M", measure.kind, *layer, *category, *other])


def local_id(study: str, key: str) -> str:
    """A key within its study: `L3/R5` of `news-0123abcd/L3/R5`."""
    return key.removeprefix(f"{study}/")


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The beginning of a text as a reader wants it, on one line, cut at `length` characters with an ellipsis."""
    line = " ".join(readable(text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
