"""The leading axes of a layer's rows, by whichever side of the matrix is shorter, and only as many as are used.

For up to `EXACT` columns they are eigenvectors of the columns' products; for as many documents those of the documents'
products, mapped back through the rows; for more of both they are found by block Lanczos iteration with a known error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mri_core.atlas.standardise import EXACT, StandardRows

OVERSAMPLED = 10  # vectors of a block beyond the axes that are wanted
TOLERANCE = 1e-5  # of an axis' own squares: the largest residual at which the iteration stops
ROUGH = 0.05  # the same where only the space of all axes is used
MOST_BLOCKS = 24
ALL = 512  # of so small a matrix all eigenvectors take hardly longer than some, and SciPy is not imported
EPSILON = np.finfo(np.float64).eps


class Axes(NamedTuple):
    """Leading axes, each of either sign.

    Attributes:
        components: (dimensions, width) orthonormal axes; axes beyond the rows' rank are 0.
        explained_variance: (dimensions,) share of the rows' variance about their mean on each axis.
        error: the largest of ‖(ZᵀZ − σ²)v‖ / σ² over the axes v with their squares σ², Z the standardised rows: the
            variance of an axis is right to that share. None if they are computed without iteration.
    """

    components: np.ndarray
    explained_variance: np.ndarray
    error: float | None = None


class Pairs(NamedTuple):
    """Squares (found,), falling, of the rows on orthonormal axes (width, found), and the error as of `Axes`."""

    squares: np.ndarray
    axes: np.ndarray
    error: float | None = None


def leading_axes(rows: StandardRows, dimensions: int, tolerance: float = TOLERANCE) -> Axes:
    """The axes of the greatest squares about zero; of the greatest variance, if the rows' mean is 0.

    Args:
        rows: standardised.
        dimensions: axes wanted.
        tolerance: of axes that are found by iteration.
    """
    documents, width = rows.rows.shape
    found = _pairs(rows, min(dimensions, documents, width), tolerance)
    kept = found.squares > _noise(rows, found.squares)
    axes, squares = found.axes[:, kept].T, found.squares[kept]
    components, explained = np.zeros((dimensions, width)), np.zeros(dimensions)
    components[: len(axes)] = axes
    variance = rows.squares.sum()
    if variance > 0:
        explained[: len(axes)] = (squares - rows.total * np.square(axes @ rows.offset)) / variance
    return Axes(components, explained, found.error)


def _noise(rows: StandardRows, squares: np.ndarray) -> float:
    """Squares up to which an axis has no variance: a grid would spread what is left, rounding, over its cells."""
    return float(max(rows.rows.shape[1], rows.total) * EPSILON * squares[0])


def _pairs(rows: StandardRows, count: int, tolerance: float) -> Pairs:
    if rows.products is not None:
        return Pairs(*_largest(rows.products, count))
    if len(rows.rows) <= EXACT:
        return _by_documents(rows, count)
    return _by_iteration(rows, count, tolerance)


def _largest(matrix: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues of a symmetric matrix, falling, and their eigenvectors in columns."""
    size = len(matrix)
    if size <= ALL:
        values, vectors = np.linalg.eigh(matrix)
        return values[: -count - 1 : -1], vectors[:, : -count - 1 : -1]
    from scipy.linalg import eigh

    values, vectors = eigh(matrix, subset_by_index=[size - count, size - 1], check_finite=False)
    return values[::-1], vectors[:, ::-1]


def _by_documents(rows: StandardRows, count: int) -> Pairs:
    """From the products of the documents: an axis is the sum of the rows, weighted by an eigenvector of these."""
    documents = len(rows.rows)
    products = np.empty((documents, documents))
    for place, values in rows.weighted():
        for other, earlier in rows.weighted() if place.start else [(place, values)]:
            if other.start > place.start:
                break
            products[place, other] = values @ earlier.T
            products[other, place] = products[place, other].T
    squares, left = _largest(products, count)
    axes = rows.summed(left if rows.counts is None else left / np.sqrt(rows.counts, dtype=np.float64)[:, None])
    sizes = np.linalg.norm(axes, axis=0)
    # of an axis with next to no squares the weighted sum loses digits, and with them its right angle to the others
    return Pairs(squares, np.linalg.qr(axes / np.where(sizes > 0, sizes, 1))[0])


def _by_iteration(rows: StandardRows, count: int, tolerance: float) -> Pairs:
    """By block Lanczos iteration (Golub and Underwood 1977), orthogonalised against all its blocks.

    Each step passes over the rows once. It ends when the residual of every axis is below the tolerance of its squares;
    that is looked at every other step, since it needs the eigenvectors of all blocks' products.
    """
    size, width = count + OVERSAMPLED, rows.rows.shape[1]
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((width, size)))[0]
    basis, within = np.empty((width, 0)), np.empty((0, 0))
    for step in range(MOST_BLOCKS):
        basis = np.hstack([basis, block])
        image = rows.squared(block)
        column = basis.T @ image
        within = np.block([[within, column[:-size]], [column[:-size].T, column[-size:]]])
        within[-size:, -size:] = (column[-size:] + column[-size:].T) / 2
        rest = image - basis @ column
        rest -= basis @ (basis.T @ rest)  # once more: the first time leaves what rounding has left
        block, over = np.linalg.qr(rest)
        block = np.linalg.qr(block - basis @ (basis.T @ block))[0]  # where next to nothing was left, its axes are noise
        full = basis.shape[1] + size > width or step == MOST_BLOCKS - 1
        if step % 2 == 0 and not full:
            continue
        squares, inner = _largest(within, count)
        residuals = np.linalg.norm(over @ inner[-size:], axis=0)
        counting = squares > _noise(rows, squares)
        error = float((residuals[counting] / squares[counting]).max(initial=0))
        if error <= tolerance or full:
            break
    return Pairs(squares, basis @ inner, error)
