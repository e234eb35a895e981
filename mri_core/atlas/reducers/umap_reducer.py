"""UMAP: a layer's documents in few dimensions by their neighbours (McInnes, Healy and Melville 2018). An extra."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mri_core.atlas.reducers.linear import Linear
from mri_core.atlas.reducers.numba_cache import prepare_cache
from mri_core.atlas.reducers.protocol import NoReductionError, signs
from mri_core.atlas.standardise import StandardRows
from mri_core.chunks import Rows
from mri_core.errors import UsageError
from mri_core.records.arrays import LayerAtlas

AXES = 50  # principal components that neighbours are found in
NEIGHBOURS = 15  # UMAP's own default, as are its distance and everything else that is not given
SAME = 1e-6  # of the largest fitted row's norm: rows nearer than that are equal up to float32 rounding
HALVINGS = 64  # of the search interval for a row's scale
LEAST_SCALE = 1e-3  # of a row's mean distance to its neighbours


@dataclass(frozen=True)
class Umap:
    """UMAP of the first 50 principal components, in one thread, so that a seed gives the same on a machine.

    Rows that are equal are fitted once. Later rows are not fitted: each takes the mean of its nearest fitted rows'
    positions, weighted by UMAP's membership strengths. UMAP itself initialises a new row there, before it moves
    it at random; here a row's position depends on the row only.
    """

    straight: bool = False

    @property
    def within(self) -> Linear:
        """Principal components, of which the first 50 are read."""
        return Linear().within

    def fit(self, rows: StandardRows, dimensions: int, seed: int) -> tuple[LayerAtlas, np.ndarray]:
        """As `Reducer.fit`."""
        with threadpool_limits(1):
            layer, coordinates = Linear().fit(rows, AXES, seed)
            fitted, first, own = np.unique(coordinates, axis=0, return_index=True, return_inverse=True)
            order = np.argsort(first)  # in corpus order, which affects UMAP
            place = np.empty_like(order)
            place[order] = np.arange(len(order))
            positions = _embed(fitted[order], dimensions, seed)
        positions *= signs(positions)
        scores = positions[place[own.reshape(-1)]]
        return replace(layer, fitted=fitted[order], positions=positions), scores

    def transform(self, layer: LayerAtlas, rows: Rows, tokens: np.ndarray | None) -> np.ndarray:
        """As `Reducer.transform`."""
        coordinates = Linear().transform(layer, rows, tokens)
        return positions_of(coordinates, np.asarray(layer.fitted), np.asarray(layer.positions))


def check_installed() -> None:
    """Raises `UsageError` if umap-learn is not installed."""
    if find_spec("umap") is None:
        raise UsageError(
            "The reducer umap comes with umap-learn",
            "It is not installed",
            "Install it with: pip install 'llm-mri-graph[umap]'",
        )


def positions_of(coordinates: np.ndarray, fitted: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Positions of rows in a fitted UMAP: a fitted row's own, else the weighted mean of its neighbours'.

    Args:
        coordinates: (documents, axes).
        fitted: (fitted, axes) coordinates of the distinct rows that UMAP was fitted to.
        positions: (fitted, dimensions) where UMAP put them.
    """
    nearest, distances = _neighbours(coordinates, fitted)
    strengths = memberships(distances)
    same = distances[:, 0] <= SAME * np.linalg.norm(fitted, axis=1).max()
    strengths[same] = np.arange(strengths.shape[1]) == 0
    strengths /= strengths.sum(axis=1, keepdims=True)
    return np.einsum("dn,dnk->dk", strengths, positions[nearest].astype(float)).astype(np.float32)


def memberships(distances: np.ndarray) -> np.ndarray:
    """UMAP's membership strengths of new rows in their neighbourhoods, exp(−distance / scale).

    A row's scale is that for which the strengths of all neighbours but the nearest add up to the binary logarithm of
    their number; UMAP's lower bound is a part of the mean distance of all new rows, ours of the row's own.

    Args:
        distances: (documents, neighbours), rising.
    """
    count = distances.shape[1]
    low, high = np.zeros(len(distances)), np.full(len(distances), np.inf)
    scale = np.ones(len(distances))
    for _ in range(HALVINGS):
        total = np.exp(-distances[:, 1:] / scale[:, None]).sum(axis=1)
        wide = total > np.log2(count)
        high, low = np.where(wide, scale, high), np.where(wide, low, scale)
        scale = np.where(np.isinf(high), 2 * scale, (low + high) / 2)
    scale = np.maximum(scale, LEAST_SCALE * distances.mean(axis=1))
    # relative to the nearest: the same weights, which never all vanish for a distant row
    return np.exp(-(distances - distances[:, :1]) / np.where(scale > 0, scale, 1)[:, None])


def _neighbours(coordinates: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest fitted rows (documents, neighbours), nearest first, and their distances."""
    from sklearn.neighbors import NearestNeighbors

    rows, known = coordinates.astype(float), fitted.astype(float)
    count = _neighbour_count(len(known))
    found = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(known).kneighbors(rows, return_distance=False)
    distances = np.stack([np.linalg.norm(rows - known[column], axis=1) for column in found.T], axis=1)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(distances, order, axis=1)


def _neighbour_count(fitted: int) -> int:
    return max(1, min(NEIGHBOURS, fitted - 1))


def _embed(rows: np.ndarray, dimensions: int, seed: int) -> np.ndarray:
    """UMAP's positions (documents, dimensions) of distinct rows; 0 if there is only one."""
    if len(rows) == 1:
        return np.zeros((1, dimensions), dtype=np.float32)
    positions = _fitted(rows, dimensions, seed)
    if not np.isfinite(positions).all():
        lost = np.count_nonzero(~np.isfinite(positions).all(axis=1))
        raise NoReductionError(f"UMAP finds no place for {lost} of {len(rows)} different rows")
    return positions


def _fitted(rows: np.ndarray, dimensions: int, seed: int) -> np.ndarray:
    check_installed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numba, and on small corpora; the result is checked instead
        reducer = _reducer(n_components=dimensions, n_neighbors=_neighbour_count(len(rows)), random_state=seed)
        try:
            return np.array(reducer.fit_transform(rows), dtype=np.float32)
        except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as error:
            fact = f"UMAP cannot put {len(rows)} different rows into {dimensions} dimensions"
            raise NoReductionError(fact) from error


def _reducer(**choices: Any) -> Any:
    prepare_cache()
    from umap import UMAP

    return UMAP(n_jobs=1, **choices)
