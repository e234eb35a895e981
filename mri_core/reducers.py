"""Linear reduction of standardised rows to a few dimensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Reduction:
    """A fitted reduction.

    Attributes:
        components: (dimensions, width) orthonormal axes; axes beyond the rows' rank are 0.
        explained_variance: (dimensions,) share of the rows' variance on each axis.
    """

    components: np.ndarray
    explained_variance: np.ndarray

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """Coordinates (documents, dimensions) of centred rows (documents, width)."""
        return rows @ self.components.T


def fit_pca(rows: np.ndarray, dimensions: int) -> Reduction:
    """Principal components of centred rows, by the eigenvectors of their width × width products in float64.

    The sign of an axis makes the document score of greatest magnitude positive.

    Args:
        rows: (documents, width) centred.
        dimensions: axes wanted.
    """
    variances, vectors = np.linalg.eigh(rows.T @ rows)
    largest = np.argsort(variances)[::-1][:dimensions]
    variances, axes = variances[largest], vectors[:, largest].T
    # what is left of an axis without variance is rounding noise, which a grid would spread over its cells
    real = variances > max(rows.shape) * np.finfo(float).eps * variances[0]
    variances, axes = variances[real], axes[real]
    scores = rows @ axes.T
    extremes = scores[np.abs(scores).argmax(axis=0), np.arange(len(axes))]

    components, explained = np.zeros((dimensions, rows.shape[1])), np.zeros(dimensions)
    components[: len(axes)] = axes * np.sign(extremes)[:, None]
    explained[: len(axes)] = variances / np.square(rows).sum()
    return Reduction(components, explained)


REDUCERS: dict[str, Callable[[np.ndarray, int], Reduction]] = {"pca": fit_pca}
