"""Linear reduction of standardised rows to a few dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mri_core.standardise import StandardRows


class Reduction(NamedTuple):
    """A fitted reduction, each axis of either sign.

    Attributes:
        components: (dimensions, width) orthonormal axes; axes beyond the rows' rank are 0.
        explained_variance: (dimensions,) share of the rows' variance on each axis.
    """

    components: np.ndarray
    explained_variance: np.ndarray


def fit_pca(rows: StandardRows, dimensions: int) -> Reduction:
    """Principal components, by the eigenvectors of the width × width products in float64.

    Args:
        rows: of which only the products are used: they are not read again.
        dimensions: axes wanted.
    """
    variances, vectors = np.linalg.eigh(rows.products)
    largest = np.argsort(variances)[::-1][:dimensions]
    variances, axes = variances[largest], vectors[:, largest].T
    width = len(rows.products)
    # what is left of an axis without variance is rounding noise, which a grid would spread over its cells
    real = variances > max(len(rows.rows), width) * np.finfo(float).eps * variances[0]
    variances, axes = variances[real], axes[real]
    components, explained = np.zeros((dimensions, width)), np.zeros(dimensions)
    components[: len(axes)] = axes
    explained[: len(axes)] = variances / np.trace(rows.products)
    return Reduction(components, explained)


def signs(scores: np.ndarray) -> np.ndarray:
    """What to multiply each axis by, 1 or -1, so that its document score of greatest magnitude is positive.

    Args:
        scores: (documents, dimensions).
    """
    least, greatest = scores.min(axis=0), scores.max(axis=0)
    return np.where(-least > greatest, np.float32(-1), np.float32(1))


REDUCERS: dict[str, Callable[[StandardRows, int], Reduction]] = {"pca": fit_pca}
