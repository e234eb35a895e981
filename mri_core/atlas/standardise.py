"""A layer's rows adjusted for length and standardised, chunk by chunk: the rows are never copied whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mri_core.chunks import Rows, chunks

CONSTANT = 1e-12  # a spread this small relative to the layer's largest, or the column's size, is rounding noise
FLOOR = 1e-6  # of the layer's root mean square spread: less is float32 rounding in the layer, not a signal
EXPLAINED = 1e-14  # of a column's squares, left after the adjustment: less is float64 rounding


@dataclass(frozen=True)
class Standard:
    """The parameters of a layer's adjustment and standardisation; the fields are those of `LayerAtlas`."""

    mean: np.ndarray
    scale: np.ndarray
    length_coefficients: np.ndarray | None = None

    def project(self, rows: Rows, tokens: np.ndarray | None, axes: np.ndarray) -> np.ndarray:
        """Coordinates (documents, dimensions) of the standardised rows on axes (dimensions, width), in float32.

        The adjustment is subtracted from the coordinates, which are fewer than the columns.
        """
        directions = (axes / self.scale).T
        base = self.mean @ directions
        along_length = None if self.length_coefficients is None else self.length_coefficients @ directions
        coordinates = np.empty((len(rows), len(axes)), dtype=np.float32)
        for place, block in chunks(rows):
            values = block.astype(np.float64) @ directions - base
            if along_length is not None and tokens is not None:
                values -= _length_terms(tokens[place]) @ along_length
            coordinates[place] = values
        return coordinates


@dataclass(frozen=True)
class StandardRows:
    """A layer's rows with their standardisation: the input of a reducer's fit.

    Attributes:
        rows: (documents, width), unchanged.
        tokens: (documents,) lengths that are adjusted for; None if none are.
        standard: fitted to the rows.
        products: (width, width) products of the standardised columns, summed over the documents.
        centred: (width, width) the same about the columns' means; the same array if these are 0.
        centre: (width,) the rows' own means.
        standardized: whether columns are divided by their spread.
    """

    rows: Rows
    tokens: np.ndarray | None
    standard: Standard
    products: np.ndarray
    centred: np.ndarray
    centre: np.ndarray
    standardized: bool

    def project(self, axes: np.ndarray) -> np.ndarray:
        """Coordinates (documents, dimensions) on axes (dimensions, width), in float32."""
        return self.standard.project(self.rows, self.tokens, axes)

    def about_zero(self) -> StandardRows:
        """The rows with their own means if columns keep their scale; standardised rows have mean 0 anyway.

        The adjustment for length stays, and constant columns count.
        """
        if self.standardized:
            return self
        coefficients = self.standard.length_coefficients
        if coefficients is not None:
            coefficients = coefficients - np.outer(np.arange(len(coefficients)) == 0, self.centre)
        width = len(self.centre)
        return replace(
            self,
            standard=Standard(np.zeros(width), np.ones(width), coefficients),
            products=self.centred + len(self.rows) * np.outer(self.centre, self.centre),
        )


def fit_standard(rows: Rows, tokens: np.ndarray | None, standardize: bool = True) -> StandardRows:
    """Fits adjustment and scale of a layer in one pass, in float64.

    The mean of the first chunk is subtracted, so that a small spread around a large mean keeps its digits; an
    orthonormal basis of the regression's terms removes the explained part from the sums.

    Args:
        rows: (documents, width), finite.
        tokens: (documents,) lengths to adjust for; None adjusts for nothing.
        standardize: whether columns are divided by their population standard deviation; one below a millionth of the
            layer's root mean square is left out.
    """
    documents, width = rows.shape
    terms = np.ones((documents, 1)) if tokens is None else _length_terms(tokens)
    basis, to_coefficients = _orthonormal(terms)
    origin = next(block.astype(np.float64).mean(axis=0) for _, block in chunks(rows))
    products, along_basis = np.zeros((width, width)), np.zeros((basis.shape[1], width))
    for place, block in chunks(rows):
        values = block.astype(np.float64)
        values -= origin
        products += values.T @ values
        along_basis += basis[place].T @ values
    raw = products.diagonal().copy()
    products -= along_basis.T @ along_basis
    coefficients = to_coefficients @ along_basis
    coefficients[0] += origin
    scale = _scale(products.diagonal(), raw, documents, np.abs(origin), standardize)
    products /= scale
    products /= scale[:, None]
    mean, adjustment = (coefficients[0], None) if tokens is None else (np.zeros(width), coefficients)
    centre = terms.mean(axis=0) @ coefficients
    return StandardRows(rows, tokens, Standard(mean, scale, adjustment), products, products, centre, standardize)


def _scale(squares: np.ndarray, raw: np.ndarray, documents: int, size: np.ndarray, standardize: bool) -> np.ndarray:
    """Each column's divisor, from its sums of squares after and before the adjustment; infinite if it has no weight.

    Standardising would give a column of rounding noise the same weight as any other.
    """
    spread = np.sqrt(np.maximum(squares, 0) / documents)
    constant = (spread <= CONSTANT * np.maximum(size, spread.max())) | (squares <= EXPLAINED * raw)
    if not standardize:
        return np.where(constant, np.inf, 1.0)
    faint = spread <= FLOOR * np.sqrt(np.mean(spread**2))
    return np.where(constant | faint, np.inf, spread)


def _orthonormal(terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A basis (documents, rank) of the terms' columns, and the map from products with it to least-squares coefficients.

    Collinear terms, as when all texts have the same length, share their effect (minimum norm).
    """
    left, sizes, right = np.linalg.svd(terms, full_matrices=False)
    kept = sizes > len(terms) * np.finfo(float).eps * sizes[0]
    return left[:, kept], (right[kept] / sizes[kept, None]).T


def _length_terms(tokens: np.ndarray) -> np.ndarray:
    """Regression terms for the effect of length L on a pooled row: 1, 1/L, log L and L."""
    length = np.asarray(tokens, dtype=np.float64)
    return np.stack([np.ones_like(length), 1 / length, np.log(length), length], axis=1)
