"""Arrays between the stages: activations, and the atlas that maps them to regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # reading commands need no numpy
    import numpy as np

Stack = Literal["encoder", "decoder"]  # of an encoder–decoder
REFITS = 20  # of an atlas, by default
SEEDS = 2**32  # there are, from 0: what NumPy's older generators and scikit-learn take


@dataclass(frozen=True)
class Activations:
    """One pooled row a document for each layer.

    Attributes:
        layers: for each layer a matrix documents × width, float32 or float16, perhaps memory-mapped. Layer 0 is the
            stream after the embedding, layer i after block i; of what blocks add to the stream, layer i is block i + 1.
        tokens: (documents,) the text's own tokens that a row was pooled from; None if lengths are unknown. Of a scan
            whose rows are tokens (tokens, 2) instead: its place among those of its text, from 1, and its log frequency.
    """

    layers: tuple[np.ndarray, ...]
    tokens: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class AtlasSpec:
    """How activations are mapped to regions: everything that a fit depends on besides the activations."""

    kind: str = "clusters"  # one of `mri_core.atlas.kinds.ATLAS_KINDS`
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
        length_coefficients: (4, width) regression on 1, 1/L, log L and L; of tokens (5, width), on those of their place
            and on log frequency; None if nothing is adjusted for.
        centres: (clusters, dimensions) of clusters.
        edges: (2, resolution + 1) bin edges of the two axes of a grid.
        fitted: (different documents, axes) coordinates on `components` of the documents that UMAP was fitted to.
        positions: (different documents, dimensions) where it put them.
        axes_error: the largest relative error of an axis' variance, for axes that were found by iteration; else None.
        distances: (101,) percentiles, from 0 to 100, of the fitted documents' distances (`AtlasKind.distances`); None
            for a refit.
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
    axes_error: float | None = None
    distances: np.ndarray | None = None


@dataclass(frozen=True)
class Frequency:
    """How often each token occurs in the texts of a scan of tokens.

    Attributes:
        ids: (n,) int64 of the tokenizer, in rising order.
        counts: (n,) int64 times.
    """

    ids: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class Atlas:
    """A frozen map from activations to regions, fitted once over all documents without their labels.

    Attributes:
        spec: how it was fitted.
        layers: the arrays of each.
        frequency: of tokens, by which it adjusts those that are placed in it; None for an atlas of documents.
    """

    spec: AtlasSpec
    layers: tuple[LayerAtlas, ...]
    frequency: Frequency | None = None
