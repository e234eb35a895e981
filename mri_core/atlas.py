"""From activations to regions: an atlas is fitted once over all documents, without their labels, and then frozen."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.errors import UsageError, unknown_name
from mri_core.records import Activations, Atlas, AtlasSpec, LayerAtlas
from mri_core.reducers import REDUCERS

CLUSTER_DIMENSIONS = 50
GRID_DIMENSIONS = 2
FINEST_RESOLUTION = 1_000  # a million cells, more than any corpus fills
FEWEST_CLUSTERS, MOST_CLUSTERS = 6, 24
RESTARTS = 10  # of k-means at layer 0; later layers are started by the chain
EXEMPLARS = 5
ADJUSTABLE_FROM = 20  # documents: five for each coefficient of length, below which a regression fits noise away
CONSTANT = 1e-12  # a spread this small against the layer's largest, or the column's size, is rounding noise


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


def fit_atlas(activations: Activations, spec: AtlasSpec, advance: Callable[[], None] = lambda: None) -> AtlasFit:
    """Fits an atlas layer by layer.

    `clusters` is k-means on the first 50 principal components, chained: layer 0 is ordinary k-means, numbered by
    falling size; every later layer starts from the means, in its own space, of the members that each region had in
    the layer before, and runs to convergence once, so that a region's number is carried through the model.
    `grid` is the mapping of LLM-MRI: two dimensions, each cut into `resolution` bins of equal width.

    Args:
        activations: documents × width for each layer, finite.
        spec: kind of atlas and its parameters.
        advance: called after each layer.

    Raises:
        UsageError: more clusters than documents, or a spec that `check_spec` refuses.
    """
    check_spec(spec)
    cluster_count(spec, len(activations.layers[0]))
    tokens = activations.tokens if adjusts_for_length(spec, activations) else None
    layers: list[LayerAtlas] = []
    codes: list[np.ndarray] = []
    exemplars: list[dict[int, tuple[int, ...]]] = []
    for rows in activations.layers:
        layer, reduced = _fit_reduction(rows, tokens, spec)
        layer = (
            _fit_grid(layer, reduced, spec.resolution)
            if spec.kind == "grid"
            else _fit_clusters(layer, reduced, spec, codes)
        )
        layers.append(layer)
        codes.append(_assign(layer, reduced))
        exemplars.append(_exemplars(reduced, codes[-1]))
        advance()
    return AtlasFit(Atlas(spec, tuple(layers)), np.stack(codes, axis=1), tuple(exemplars))


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
    """The layer's adjustment, standardisation and axes, and its documents on those axes."""
    values = np.asarray(rows, dtype=np.float64)
    size = np.abs(values).max(axis=0)
    coefficients = None
    if tokens is not None:
        coefficients = np.linalg.lstsq(_length_terms(tokens), values, rcond=None)[0]
        values = values - _length_terms(tokens) @ coefficients
    mean, spread = values.mean(axis=0), values.std(axis=0)
    constant = spread <= CONSTANT * np.maximum(size, spread.max())
    scale = np.where(constant, np.inf, spread if spec.standardize else 1.0)
    dimensions = GRID_DIMENSIONS if spec.kind == "grid" else CLUSTER_DIMENSIONS
    standardised = (values - mean) / scale
    reduction = REDUCERS[spec.reducer](standardised, dimensions)
    layer = LayerAtlas(mean, scale, reduction.components, reduction.explained_variance, coefficients)
    return layer, reduction.transform(standardised)


def _reduce(layer: LayerAtlas, rows: np.ndarray, tokens: np.ndarray | None) -> np.ndarray:
    values = np.asarray(rows, dtype=np.float64)
    if layer.length_coefficients is not None:
        if tokens is None:
            raise UsageError("This atlas was adjusted for length", "The documents to place come without token counts")
        values = values - _length_terms(tokens) @ layer.length_coefficients
    return ((values - layer.mean) / layer.scale) @ layer.components.T


def _length_terms(tokens: np.ndarray) -> np.ndarray:
    """What a pooled row may owe to its length L: 1, 1/L, log L and L."""
    length = np.asarray(tokens, dtype=np.float64)
    return np.stack([np.ones_like(length), 1 / length, np.log(length), length], axis=1)


def _fit_grid(layer: LayerAtlas, reduced: np.ndarray, resolution: int) -> LayerAtlas:
    return replace(layer, edges=np.linspace(reduced.min(axis=0), reduced.max(axis=0), resolution + 1, axis=1))


def _fit_clusters(layer: LayerAtlas, reduced: np.ndarray, spec: AtlasSpec, codes: list[np.ndarray]) -> LayerAtlas:
    count = cluster_count(spec, len(reduced))
    if codes:
        return replace(layer, centres=_k_means(reduced, count, spec.seed, _chained_start(reduced, codes[-1], count)))
    centres = _k_means(reduced, count, spec.seed, None)
    sizes = np.bincount(_nearest(centres, reduced), minlength=count)
    return replace(layer, centres=centres[np.argsort(-sizes, kind="stable")])


def _chained_start(reduced: np.ndarray, previous: np.ndarray, count: int) -> np.ndarray:
    """Means of each region's members; an emptied region takes the document farthest from its own region's mean."""
    sizes = np.bincount(previous, minlength=count)
    sums = np.zeros((count, reduced.shape[1]))
    np.add.at(sums, previous, reduced)
    means = sums / np.maximum(sizes, 1)[:, None]
    farthest = np.argsort(-np.square(reduced - means[previous]).sum(axis=1), kind="stable")
    empty = np.flatnonzero(sizes == 0)
    means[empty] = reduced[farthest[: len(empty)]]
    return means


def _k_means(reduced: np.ndarray, count: int, seed: int, start: np.ndarray | None) -> np.ndarray:
    """Centres of Lloyd's algorithm run to convergence."""
    from sklearn.cluster import KMeans  # seconds to import: only fitting pays for it
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    model = KMeans(
        count,
        init="k-means++" if start is None else start,
        n_init=RESTARTS if start is None else 1,
        tol=0.0,
        random_state=seed,
    )
    # several threads add up their partial sums in whatever order they finish
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters: some stay empty
        centres: np.ndarray = model.fit(reduced).cluster_centers_
    return centres


def _assign(layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
    if layer.centres is not None:
        return _nearest(layer.centres, reduced)
    edges = np.asarray(layer.edges)
    return _bin(edges[0], reduced[:, 0]) * (edges.shape[1] - 1) + _bin(edges[1], reduced[:, 1])


def _bin(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Right-closed bins, the lowest edge included; outside values fall in the outermost bin."""
    bins = len(edges) - 1
    if edges[0] == edges[-1]:  # an axis on which all documents are equal
        return np.full(len(values), (bins - 1) // 2)
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, bins - 1)


def _nearest(centres: np.ndarray, reduced: np.ndarray) -> np.ndarray:
    """Index of the nearest centre, the lowest where several are as near."""
    distances = np.square(centres).sum(axis=1) - 2 * reduced @ centres.T
    return distances.argmin(axis=1)


def _exemplars(reduced: np.ndarray, codes: np.ndarray) -> dict[int, tuple[int, ...]]:
    """For each occupied region the ordinals of the documents nearest its members' mean, nearest first."""
    nearest = {}
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        distances = np.square(reduced[members] - reduced[members].mean(axis=0)).sum(axis=1)
        nearest[int(code)] = tuple(members[np.argsort(distances, kind="stable")[:EXEMPLARS]].tolist())
    return nearest
