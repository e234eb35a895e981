"""Linear reduction of standardised rows: principal components, and truncated SVD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.atlas.reducers.protocol import signs
from mri_core.atlas.standardise import Standard, StandardRows
from mri_core.records.arrays import LayerAtlas


class Axes(NamedTuple):
    """Leading axes, each of either sign.

    Attributes:
        components: (dimensions, width) orthonormal axes; axes beyond the rows' rank are 0.
        explained_variance: (dimensions,) share of the rows' variance about their mean on each axis.
    """

    components: np.ndarray
    explained_variance: np.ndarray


@dataclass(frozen=True)
class Linear:
    """Orthogonal axes: of greatest variance (principal components), or of the greatest squares about zero (SVD).

    Standardised rows have mean 0, so that both are the same; they differ if columns keep their scale and mean.
    """

    about_zero: bool = False
    straight: bool = True

    def fit(self, rows: StandardRows, dimensions: int, seed: int) -> tuple[LayerAtlas, np.ndarray]:
        """As `Reducer.fit`; nothing is random."""
        about = rows.about_zero() if self.about_zero else rows
        axes = leading_axes(about, dimensions)
        scores = about.project(axes.components)
        sign = signs(scores)
        scores *= sign
        standard = about.standard
        layer = LayerAtlas(
            standard.mean,
            standard.scale,
            axes.components * sign[:, None],
            axes.explained_variance,
            standard.length_coefficients,
        )
        return layer, scores

    def transform(self, layer: LayerAtlas, rows: np.ndarray, tokens: np.ndarray | None) -> np.ndarray:
        """As `Reducer.transform`."""
        return Standard(layer.mean, layer.scale, layer.length_coefficients).project(rows, tokens, layer.components)


def leading_axes(rows: StandardRows, dimensions: int) -> Axes:
    """Eigenvectors of the width × width products in float64.

    Args:
        rows: only their products are used; the rows are not read again.
        dimensions: axes wanted.
    """
    squares, vectors = np.linalg.eigh(rows.products)
    largest = np.argsort(squares)[::-1][:dimensions]
    squares, axes = squares[largest], vectors[:, largest].T
    width = len(rows.products)
    # the remainder of an axis without variance is rounding noise, which a grid would spread over its cells
    axes = axes[squares > max(len(rows.rows), width) * np.finfo(float).eps * squares[0]]
    components, explained = np.zeros((dimensions, width)), np.zeros(dimensions)
    components[: len(axes)] = axes
    total = np.trace(rows.centred)
    if total > 0:
        explained[: len(axes)] = np.einsum("dw,dw->d", axes @ rows.centred, axes) / total
    return Axes(components, explained)
