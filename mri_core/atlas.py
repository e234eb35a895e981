"""From activations to regions: an atlas is fitted once over all documents, without their labels, and then frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.chunks import take
from mri_core.errors import UsageError, unknown_name
from mri_core.k_means import cluster_means, converge, first_centres, nearest_centre, own_distances
from mri_core.records import Activations, Atlas, AtlasSpec, LayerAtlas
from mri_core.reducers import REDUCERS, signs
from mri_core.standardise import Standard, fit_standard

CLUSTER_DIMENSIONS = 50
GRID_DIMENSIONS = 2
FINEST_RESOLUTION = 1_000  # a million cells, more than any corpus fills
FEWEST_CLUSTERS, MOST_CLUSTERS = 6, 24
EXEMPLARS = 5
ADJUSTABLE_FROM = 20  # documents: five for each coefficient of length, below which a regression fits noise away


class AtlasFit(NamedTuple):
    """A fitted atlas with what the fit knows of its own documents.

    `codes` is (documents, layers); `exemplars` has for each layer the ordinals nearest each region's centre, by code.
    """

    atlas: Atlas
    codes: np.ndarray
    exemplars: tuple[dict[int, tuple[int, ...]], ...]


def check_spec(spec: AtlasSpec) -> None:
    """Raises `UsageError` for an atlas that cannot be fitted, whatever the corpus."""
    if spec.kind not in ("clusters", "grid"):
        raise unknown_name("atlas", spec.kind, ("clusters", "grid"))
    if spec.reducer not in REDUCERS:
        raise unknown_name("reducer", spec.reducer, REDUCERS)
    if not 1 <= spec.resolution <= FINEST_RESOLUTION:
        rule = f"A grid has a resolution from 1 to {FINEST_RESOLUTION}"
        raise UsageError(rule, f"--resolution is {spec.resolution}")
    if spec.clusters is not None and spec.clusters < 1:
        raise UsageError("An atlas has at least one cluster", f"--clusters is {spec.clusters}")


def cluster_count(spec: AtlasSpec, documents: int) -> int:
    """How many clusters an atlas of so many documents has; raises `UsageError` for more clusters than documents."""
    if spec.clusters is None:
        automatic = round(documents**0.5 / 2)
        return min(max(automatic, FEWEST_CLUSTERS), MOST_CLUSTERS, documents)
    if spec.clusters > documents:
        raise UsageError(
            "An atlas has no more clusters than documents",
            f"--clusters is {spec.clusters} and there are {documents} documents",
            f"Give at most {documents}, or leave --clusters out",
        )
    return spec.clusters


def adjusts_for_length(spec: AtlasSpec, activations: Activations) -> bool:
    """Whether a fit takes length out: where it is wanted, known, and there are documents enough to tell."""
    tokens = activations.tokens
    return spec.length_adjust and tokens is not None and len(tokens) >= ADJUSTABLE_FROM


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
    `grid` is the mapping of LLM-MRI: two dimensions, each cut into `resolution` bins of equal width.

    Args:
        activations: documents × width for each layer, finite.
        spec: kind of atlas and its parameters.
        advance: called after each layer.
        ordinals: of the documents to fit, in rising order; None fits all. Codes and exemplars are then those of these.

    Raises:
        UsageError: more clusters than documents, or a spec that `check_spec` refuses.
    """
    check_spec(spec)
    if ordinals is not None and activations.tokens is not None:
        activations = replace(activations, tokens=activations.tokens[ordinals])
    documents = len(activations.layers[0]) if ordinals is None else len(ordinals)
    cluster_count(spec, documents)
    tokens = activations.tokens if adjusts_for_length(spec, activations) else None
    layers: list[LayerAtlas] = []
    codes = np.empty((documents, len(activations.layers)), dtype=np.int32)
    exemplars: list[dict[int, tuple[int, ...]]] = []
    for index, rows in enumerate(activations.layers):
        layer, reduced = _fit_reduction(rows if ordinals is None else take(rows, ordinals), tokens, spec)
        if spec.kind == "grid":
            layer = _fit_grid(layer, reduced, spec.resolution)
        else:
            layer = _fit_clusters(layer, reduced, spec, codes[:, index - 1] if index else None)
        layers.append(layer)
        codes[:, index] = _assign(layer, reduced)
        exemplars.append(_exemplars(reduced, codes[:, index]))
        advance()
    return AtlasFit(Atlas(spec, tuple(layers)), codes, tuple(exemplars))


def place(atlas: Atlas, activations: Activations) -> np.ndarray:
    """Codes (documents, layers) of the regions that documents, old or new, fall in."""
    return np.stack(
        [
            _assign(layer, _reduce(layer, rows, activations.tokens))
            for layer, rows in zip(atlas.layers, activations.layers, strict=True)
        ],
        axis=1,
    )


def region_name(spec: AtlasSpec, code: int) -> str:
    """A cluster's number, or `<column>-<row>` of a grid's cell."""
    return f"{code // spec.resolution}-{code % spec.resolution}" if spec.kind == "grid" else str(code)


def region_position(atlas: Atlas, layer: int, code: int) -> tuple[float, float]:
    """A cell's column and row counted from 0, or a cluster's centre in the first two dimensions."""
    centres = atlas.layers[layer].centres
    if centres is None:
        return float(code // atlas.spec.resolution), float(code % atlas.spec.resolution)
    return float(centres[code, 0]), float(centres[code, 1])


def _fit_reduction(rows: np.ndarray, tokens: np.ndarray | None, spec: AtlasSpec) -> tuple[LayerAtlas, np.ndarray]:
    """The layer's adjustment, standardisation and axes, and its documents' coordinates on those axes."""
    standard_rows = fit_standard(rows, tokens, spec.standardize)
    dimensions = GRID_DIMENSIONS if spec.kind == "grid" else CLUSTER_DIMENSIONS
    components, explained = REDUCERS[spec.reducer](standard_rows, dimensions)
    reduced = standard_rows.project(components)
    sign = signs(reduced)
    reduced *= sign
    standard = standard_rows.standard
    axes = components * sign[:, None]
    return LayerAtlas(standard.mean, standard.scale, axes, explained, standard.length_coefficients), reduced


def _reduce(layer: LayerAtlas, rows: np.ndarray, tokens: np.ndarray | None) -> np.ndarray:
    if layer.length_coefficients is not None and tokens is None:
        raise UsageError("This atlas was adjusted for length", "The documents to place come without token counts")
    return Standard(layer.mean, layer.scale, layer.length_coefficients).project(rows, tokens, layer.components)


def _fit_grid(layer: LayerAtlas, reduced: np.ndarray, resolution: int) -> LayerAtlas:
    return replace(layer, edges=np.linspace(reduced.min(axis=0), reduced.max(axis=0), resolution + 1, axis=1))


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


def _exemplars(reduced: np.ndarray, codes: np.ndarray) -> dict[int, tuple[int, ...]]:
    """For each occupied region the ordinals of the documents nearest its members' mean, nearest first."""
    occupied, codes = np.unique(codes, return_inverse=True)
    distances = own_distances(reduced, codes, cluster_means(reduced, codes, len(occupied)))
    by_region = np.lexsort((distances, codes))
    firsts = np.searchsorted(codes[by_region], np.arange(len(occupied)))
    nearest = {}
    for code, members in zip(occupied.tolist(), np.split(by_region, firsts[1:]), strict=True):
        nearest[code] = tuple(members[:EXEMPLARS].tolist())
    return nearest
