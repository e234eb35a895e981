"""From activations to regions: an atlas is fitted once over all documents, without their labels, and then frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np

from mri_core.atlas.bins import EQUAL
from mri_core.atlas.k_means import cluster_means, own_distances
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.kinds.kind import Given
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.protocol import NoReductionError
from mri_core.atlas.spec import adjusts_for_length, check_spec, columns_of
from mri_core.atlas.standardise import Columns, fit_standard
from mri_core.chunks import Chosen, Rows
from mri_core.errors import MriError, UsageError
from mri_core.records.arrays import Activations, Atlas, AtlasSpec, Frequency, LayerAtlas

PERCENTILES = np.arange(101)
NEAREST = 25  # documents of a region that its exemplars are chosen from


class Later(NamedTuple):
    """How documents lie in an atlas that was not fitted to them.

    Attributes:
        distances: (documents, layers) float32, as `AtlasKind.distances`.
        margins: (documents, layers) float32, as `AtlasKind.margins`; None if the kind has none.
    """

    distances: np.ndarray
    margins: np.ndarray | None


class AtlasFit(NamedTuple):
    """An atlas with the data of documents: those that it was fitted to, or later ones that were placed in it.

    Attributes:
        atlas: the frozen map.
        codes: (documents, layers) region of each document; (documents, 0) if regions hold none, as for components.
        nearest: for each layer, by code, the ordinals of the documents nearest the region's centre, or of those that
            score highest on the component.
        scores: (documents, layers, components) if regions hold no documents; else None.
        later: how later documents lie in it; None for those that it was fitted to.
    """

    atlas: Atlas
    codes: np.ndarray
    nearest: tuple[dict[int, tuple[int, ...]], ...]
    scores: np.ndarray | None = None
    later: Later | None = None


class LayerFit(NamedTuple):
    """One layer of an atlas with the data of its own documents.

    Attributes:
        layer: the fitted arrays.
        reduced: (documents, dimensions) coordinates in the reduced space, float32.
        codes: (documents,) region of each document; None if regions hold none.
    """

    layer: LayerAtlas
    reduced: np.ndarray
    codes: np.ndarray | None


def fit_atlas(
    activations: Activations,
    spec: AtlasSpec,
    advance: Callable[[], None] = lambda: None,
    ordinals: np.ndarray | None = None,
    frequency: Frequency | None = None,
) -> AtlasFit:
    """Fits an atlas layer by layer: `mri_core.atlas.kinds` defines how each kind finds regions in the reduced rows.

    Args:
        activations: documents × width for each layer, finite.
        spec: kind of atlas and its parameters.
        advance: called after each layer.
        ordinals: of the documents to fit, in rising order; None fits all. Codes and nearest documents then refer to
            these.
        frequency: of the tokens, where rows are tokens: it becomes part of the atlas.

    Raises:
        UsageError: more clusters or components than documents, or a spec that `check_spec` refuses.
        MriError: a layer has no reduction of that kind; it is named.
    """
    check_spec(spec)
    documents = len(activations.layers[0]) if ordinals is None else len(ordinals)
    dimensions = dimensions_of(spec, activations, documents)
    tokens = activations.tokens if adjusts_for_length(spec, activations) else None
    if tokens is not None and ordinals is not None:
        tokens = tokens[ordinals]
    kind, found, codes = ATLAS_KINDS.named(spec.kind), Described(), None
    layers: list[LayerAtlas] = []
    for index, rows in enumerate(activations.layers):
        chosen = rows if ordinals is None else Chosen(rows, ordinals)
        fit = fit_layer(chosen, tokens, spec, dimensions, index, codes)
        codes = fit.codes
        distances = kind.distances(fit.layer, fit.reduced, codes)
        layers.append(replace(fit.layer, distances=np.percentile(distances, PERCENTILES).astype(np.float32)))
        found.add(fit.reduced, codes)
        advance()
    return found.as_fit(Atlas(canonical(spec, documents), tuple(layers), frequency))


def canonical(spec: AtlasSpec, documents: int) -> AtlasSpec:
    """The specification as its atlas holds it: a number that is the automatic one is left open.

    Atlases of equal arrays are then equal, and have one hash, however their number of regions was given.

    Args:
        spec: of an atlas.
        documents: that it is fitted to.
    """
    kind = ATLAS_KINDS.named(spec.kind)
    chosen = [own.name for own in fields(AtlasSpec) if own.default is None and getattr(spec, own.name) is not None]
    open_ones: dict[str, Any] = dict.fromkeys(chosen)
    automatic = kind.shape(replace(spec, **open_ones), documents)
    same: dict[str, Any] = {name: None for name in chosen if getattr(spec, name) == automatic.get(name)}
    return replace(spec, **same)


def own_spec(atlas: Atlas, documents: int) -> AtlasSpec:
    """The specification of an atlas of so many other documents, with as many clusters as this one where they suffice.

    Args:
        atlas: a fitted one, perhaps to more documents or fewer.
        documents: that the other is to be fitted to.
    """
    centres = atlas.layers[0].centres
    return replace(atlas.spec, clusters=None if centres is None else min(len(centres), documents))


class Described:
    """Codes, scores and nearest documents of the layers so far."""

    def __init__(self) -> None:
        self._codes: list[np.ndarray] = []
        self._scores: list[np.ndarray] = []
        self._nearest: list[dict[int, tuple[int, ...]]] = []

    def add(self, reduced: np.ndarray, codes: np.ndarray | None) -> None:
        """Adds a layer.

        Args:
            reduced: (documents, dimensions) in its reduced space.
            codes: (documents,) region of each; None if regions hold none.
        """
        if codes is None:
            self._scores.append(reduced)
            self._nearest.append(_highest(reduced))
        else:
            self._codes.append(codes)
            self._nearest.append(_nearest(reduced, codes))

    def as_fit(self, atlas: Atlas, later: Later | None = None) -> AtlasFit:
        """All layers together."""
        if self._codes:
            return AtlasFit(atlas, np.stack(self._codes, axis=1).astype(np.int32), tuple(self._nearest), later=later)
        none = np.empty((len(self._scores[0]), 0), dtype=np.int32)
        return AtlasFit(atlas, none, tuple(self._nearest), np.stack(self._scores, axis=1), later)


def dimensions_of(spec: AtlasSpec, activations: Activations, documents: int) -> int:
    """The number of dimensions that each layer is reduced to for so many documents; raises as `fit_atlas`."""
    return ATLAS_KINDS.named(spec.kind).dimensions(spec, documents, [rows.shape[1] for rows in activations.layers])


def fit_layer(
    rows: Rows,
    tokens: np.ndarray | None,
    spec: AtlasSpec,
    dimensions: int,
    index: int,
    before: np.ndarray | None,
    counts: np.ndarray | None = None,
    columns: Columns | None = None,
) -> LayerFit:
    """Fits one layer: adjustment, standardisation, reduction, regions.

    Args:
        rows: (documents, width).
        tokens: (documents,) lengths to adjust for; None adjusts for nothing.
        spec: of the atlas.
        dimensions: to reduce to.
        index: of the layer, to name it.
        before: (documents,) codes in the layer before; None for the first.
        counts: (documents,) how often each counts, as in a bootstrap resample; None for once.
        columns: whether they are centred and scaled; None as the spec says, both or neither.

    Raises:
        MriError: the layer has no reduction of that kind.
    """
    kind = ATLAS_KINDS.named(spec.kind)
    try:
        standard = fit_standard(rows, tokens, columns or columns_of(spec), counts)
        layer, reduced = REDUCERS.named(spec.reducer).fit(standard, dimensions, spec.seed)
    except NoReductionError as error:
        remedy = "Give more documents, or choose another --reducer"
        raise MriError("Every document has a place in every layer", f"Layer {index}: {error}", remedy) from error
    layer = kind.fit(layer, Given(reduced, spec, before, counts))
    return LayerFit(layer, reduced, kind.assign(layer, reduced) if kind.traits.holds_documents else None)


def place(atlas: Atlas, activations: Activations) -> np.ndarray:
    """Codes (documents, layers) of the regions that documents, old or new, fall in.

    Raises:
        UsageError: the atlas' regions hold no documents, which only have `scores` on them; or it was adjusted for
            length and the documents come without token counts.
    """
    kind = ATLAS_KINDS.named(atlas.spec.kind)
    reduced = scores(atlas, activations)
    return np.stack([kind.assign(*pair) for pair in zip(atlas.layers, reduced, strict=True)], axis=1)


def scores(atlas: Atlas, activations: Activations) -> tuple[np.ndarray, ...]:
    """Coordinates of documents, old or new, in the reduced space of each layer: (documents, dimensions), float32.

    On the components of an atlas of components, the two axes of a grid, the space in which clusters were found.

    Raises:
        UsageError: the atlas was adjusted for length and the documents come without token counts.
    """
    pairs = zip(atlas.layers, activations.layers, strict=True)
    return tuple(layer_scores(atlas.spec, layer, rows, activations.tokens) for layer, rows in pairs)


def layer_scores(spec: AtlasSpec, layer: LayerAtlas, rows: Rows, tokens: np.ndarray | None) -> np.ndarray:
    """The same of one layer: (documents, dimensions), float32.

    Args:
        spec: of the atlas.
        layer: of the atlas.
        rows: (documents, width).
        tokens: (documents,) their lengths; None if they are unknown.

    Raises:
        UsageError: as `scores`.
    """
    if tokens is None and layer.length_coefficients is not None:
        raise UsageError("This atlas was adjusted for length", "The documents to place come without token counts")
    return REDUCERS.named(spec.reducer).transform(layer, rows, tokens)


def region_name(spec: AtlasSpec, code: int) -> str:
    """The name of a region within its layer, given by the kind of atlas."""
    return ATLAS_KINDS.named(spec.kind).region_name(spec, code)


def region_position(atlas: Atlas, layer: int, code: int) -> tuple[float, float | None]:
    """The position of a region, in the coordinates of its kind of atlas."""
    return ATLAS_KINDS.named(atlas.spec.kind).position(atlas.layers[layer], atlas.spec, code)


def explained(atlas: Atlas, layer: int) -> float | None:
    """Share of the rows' variance on the axes that a layer was reduced to; None for UMAP, which has no axes."""
    straight = REDUCERS.named(atlas.spec.reducer).straight
    return float(atlas.layers[layer].explained_variance.sum()) if straight else None


def _nearest(reduced: np.ndarray, codes: np.ndarray) -> dict[int, tuple[int, ...]]:
    """For each occupied region the ordinals of the documents nearest its members' mean, nearest first."""
    occupied, codes = np.unique(codes, return_inverse=True)
    distances = own_distances(reduced, codes, cluster_means(reduced, codes, len(occupied)))
    by_region = np.lexsort((distances, codes))
    firsts = np.searchsorted(codes[by_region], np.arange(len(occupied)))
    nearest = {}
    for code, members in zip(occupied.tolist(), np.split(by_region, firsts[1:]), strict=True):
        nearest[code] = tuple(members[:NEAREST].tolist())
    return nearest


def _highest(scores: np.ndarray) -> dict[int, tuple[int, ...]]:
    """The ordinals of the documents that score highest on each component on which not all are equal, in order."""
    order = np.argsort(-scores, axis=0, kind="stable")[:NEAREST]
    apart = np.flatnonzero(np.ptp(scores, axis=0) > EQUAL * np.abs(scores).max(axis=0))
    return {code: tuple(order[:, code].tolist()) for code in apart.tolist()}
