"""From activations to regions: an atlas is fitted once over all documents, without their labels, and then frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.atlas.k_means import cluster_means, converge, first_centres, nearest_centre, own_distances
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.protocol import NoReductionError
from mri_core.atlas.spec import adjusts_for_length, check_spec, cluster_count, component_count
from mri_core.atlas.standardise import fit_standard
from mri_core.chunks import Chosen, Rows
from mri_core.errors import MriError, UsageError
from mri_core.records.arrays import Activations, Atlas, AtlasSpec, LayerAtlas

CLUSTER_DIMENSIONS = 50
GRID_DIMENSIONS = 2
NEAREST = 25  # documents of a region that its exemplars are chosen from
EQUAL = 1e-6  # of an axis's size: a smaller spread is what float32 rounds off


class AtlasFit(NamedTuple):
    """A fitted atlas with what the fit knows of its own documents.

    Attributes:
        atlas: the frozen map.
        codes: (documents, layers) region of each document; (documents, 0) for components, which are no places.
        nearest: for each layer, by code, the ordinals of the documents nearest the region's centre, or of those that
            score highest on the component.
        scores: (documents, layers, components) of an atlas of components; None for other kinds.
    """

    atlas: Atlas
    codes: np.ndarray
    nearest: tuple[dict[int, tuple[int, ...]], ...]
    scores: np.ndarray | None = None


def fit_atlas(
    activations: Activations,
    spec: AtlasSpec,
    advance: Callable[[], None] = lambda: None,
    ordinals: np.ndarray | None = None,
) -> AtlasFit:
    """Fits an atlas layer by layer.

    `clusters` is k-means on the first 50 principal components, chained: layer 0 is ordinary k-means, numbered by
    falling size; every later layer starts from the means, in its own space, of the members that each region had in
    the layer before, and runs to convergence once, so that a region's number is carried through the model.
    `grid` is the mapping of LLM-MRI: two dimensions, each cut into `resolution` bins of equal width. `components` are
    the reduced dimensions themselves.

    Args:
        activations: documents × width for each layer, finite.
        spec: kind of atlas and its parameters.
        advance: called after each layer.
        ordinals: of the documents to fit, in rising order, some perhaps several times; None fits all. Codes and
            nearest documents are then those of these.

    Raises:
        UsageError: more clusters or components than documents, or a spec that `check_spec` refuses.
        MriError: a layer has no reduction of that kind; it is named.
    """
    check_spec(spec)
    if ordinals is not None and activations.tokens is not None:
        activations = replace(activations, tokens=activations.tokens[ordinals])
    documents = len(activations.layers[0]) if ordinals is None else len(ordinals)
    dimensions = _dimensions(spec, documents, [rows.shape[1] for rows in activations.layers])
    tokens = activations.tokens if adjusts_for_length(spec, activations) else None
    layers: list[LayerAtlas] = []
    codes: list[np.ndarray] = []
    scores: list[np.ndarray] = []
    nearest: list[dict[int, tuple[int, ...]]] = []
    for index, rows in enumerate(activations.layers):
        chosen = rows if ordinals is None else Chosen(rows, ordinals)
        layer, reduced = _fit_reduction(chosen, tokens, spec, dimensions, index)
        if spec.kind == "components":
            scores.append(reduced)
            nearest.append(_highest(reduced))
        else:
            layer = _fit_regions(layer, reduced, spec, codes[-1] if codes else None)
            codes.append(_assign(layer, reduced))
            nearest.append(_nearest(reduced, codes[-1]))
        layers.append(layer)
        advance()
    return AtlasFit(
        Atlas(spec, tuple(layers)),
        np.stack(codes, axis=1).astype(np.int32) if codes else np.empty((documents, 0), dtype=np.int32),
        tuple(nearest),
        np.stack(scores, axis=1) if scores else None,
    )


def place(atlas: Atlas, activations: Activations) -> np.ndarray:
    """Codes (documents, layers) of the regions that documents, old or new, fall in.

    Raises:
        UsageError: the atlas is of components, in which documents have `scores` and no place; or it was adjusted for
            length and the documents come without token counts.
    """
    if atlas.spec.kind == "components":
        raise UsageError(
            "A document falls in a cluster or a cell", "This atlas is of components", "Ask for its scores on them"
        )
    reduced = scores(atlas, activations)
    return np.stack([_assign(*pair) for pair in zip(atlas.layers, reduced, strict=True)], axis=1)


def scores(atlas: Atlas, activations: Activations) -> tuple[np.ndarray, ...]:
    """Where documents, old or new, lie in the reduced space of each layer: (documents, dimensions), float32.

    On the components of an atlas of components, the two axes of a grid, the space in which clusters were found.

    Raises:
        UsageError: the atlas was adjusted for length and the documents come without token counts.
    """
    if activations.tokens is None and any(layer.length_coefficients is not None for layer in atlas.layers):
        raise UsageError("This atlas was adjusted for length", "The documents to place come without token counts")
    reducer = REDUCERS[atlas.spec.reducer]
    pairs = zip(atlas.layers, activations.layers, strict=True)
    return tuple(reducer.transform(layer, rows, activations.tokens) for layer, rows in pairs)


def region_name(spec: AtlasSpec, code: int) -> str:
    """A cluster's or component's number, or `<column>-<row>` of a grid's cell."""
    return f"{code // spec.resolution}-{code % spec.resolution}" if spec.kind == "grid" else str(code)


def region_position(atlas: Atlas, layer: int, code: int) -> tuple[float, float | None]:
    """A cell's column and row counted from 0; a cluster's centre in the first two dimensions; a component's number and
    the share of the variance that it explains, None where the reducer has no such share."""
    fitted = atlas.layers[layer]
    if atlas.spec.kind == "components":
        straight = REDUCERS[atlas.spec.reducer].straight
        return float(code), float(fitted.explained_variance[code]) if straight else None
    if fitted.centres is None:
        return float(code // atlas.spec.resolution), float(code % atlas.spec.resolution)
    return float(fitted.centres[code, 0]), float(fitted.centres[code, 1])


def explained(atlas: Atlas, layer: int) -> float | None:
    """Share of the rows' variance on the axes that a layer was reduced to; None for UMAP, which has no axes."""
    straight = REDUCERS[atlas.spec.reducer].straight
    return float(atlas.layers[layer].explained_variance.sum()) if straight else None


def _dimensions(spec: AtlasSpec, documents: int, widths: list[int]) -> int:
    if spec.kind == "components":
        return component_count(spec, documents, widths)
    if spec.kind == "grid":
        return GRID_DIMENSIONS
    cluster_count(spec, documents)
    return CLUSTER_DIMENSIONS


def _fit_reduction(
    rows: Rows, tokens: np.ndarray | None, spec: AtlasSpec, dimensions: int, index: int
) -> tuple[LayerAtlas, np.ndarray]:
    """The layer's adjustment, standardisation and reduction, and where its documents lie in the reduced space."""
    try:
        return REDUCERS[spec.reducer].fit(fit_standard(rows, tokens, spec.standardize), dimensions, spec.seed)
    except NoReductionError as error:
        remedy = "Give more documents, or choose another --reducer"
        raise MriError("Every document has a place in every layer", f"Layer {index}: {error}", remedy) from error


def _fit_regions(layer: LayerAtlas, reduced: np.ndarray, spec: AtlasSpec, previous: np.ndarray | None) -> LayerAtlas:
    if spec.kind == "grid":
        return _fit_grid(layer, reduced, spec.resolution)
    return _fit_clusters(layer, reduced, spec, previous)


def _fit_grid(layer: LayerAtlas, reduced: np.ndarray, resolution: int) -> LayerAtlas:
    lowest, highest = reduced.min(axis=0), reduced.max(axis=0)
    highest = np.where(highest - lowest > EQUAL * np.maximum(np.abs(lowest), np.abs(highest)), highest, lowest)
    return replace(layer, edges=np.linspace(lowest, highest, resolution + 1, axis=1))


def _fit_clusters(layer: LayerAtlas, reduced: np.ndarray, spec: AtlasSpec, previous: np.ndarray | None) -> LayerAtlas:
    count = cluster_count(spec, len(reduced))
    if previous is not None:
        return replace(layer, centres=converge(reduced, cluster_means(reduced, previous, count)))
    centres = first_centres(reduced, count, spec.seed)
    sizes = np.bincount(nearest_centre(reduced, centres), minlength=count)
    return replace(layer, centres=centres[np.argsort(-sizes, kind="stable")])


def _assign(layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
    if layer.centres is not None:
        return nearest_centre(reduced, layer.centres)
    edges = np.asarray(layer.edges)
    return _bin(edges[0], reduced[:, 0]) * (edges.shape[1] - 1) + _bin(edges[1], reduced[:, 1])


def _bin(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Right-closed bins, the lowest edge included; outside values fall in the outermost bin."""
    bins = len(edges) - 1
    if edges[0] == edges[-1]:  # an axis on which all documents are equal
        return np.full(len(values), (bins - 1) // 2)
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, bins - 1)


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
