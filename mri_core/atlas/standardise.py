"""A layer's rows adjusted for length and standardised, chunk by chunk: the rows are never copied whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mri_core.chunks import Rows, chunks

CONSTANT = 1e-12  # a spread this small relative to the layer's largest, or the column's size, is rounding noise
FLOOR = 1e-6  # of the layer's root mean square spread: less is float32 rounding in the layer, not a signal
EXACT = 3_000  # rows or columns, whichever are fewer, whose products are computed: for more that takes too long
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
                values -= length_terms(tokens[place]) @ along_length
            coordinates[place] = values
        return coordinates


class Columns(NamedTuple):
    """What is taken from a layer's columns, apart from the adjustment for length.

    Attributes:
        centred: their means, for every reducer; else reducers about zero keep them.
        scaled: their spread, by which they are divided.
    """

    centred: bool = True
    scaled: bool = True


STANDARDISED = Columns()


@dataclass(frozen=True)
class StandardRows:
    """A layer's rows with their standardisation: the input of a reducer's fit.

    Attributes:
        rows: (documents, width), unchanged, each once.
        tokens: (documents,) lengths that are adjusted for, or as `length_terms` takes them; None if none are.
        counts: (documents,) how often each row counts, as in a bootstrap resample; None if once.
        standard: fitted to the rows.
        squares: (width,) sums of the standardised columns' squares about their means.
        offset: (width,) means of the standardised columns.
        products: (width, width) products of the standardised columns, summed over the documents; None for rows that
            are wider than their number, or wider than `EXACT`.
        centre: (width,) the rows' own means.
        columns: whether they are centred and scaled. The standardisation subtracts their means in any case; where they
            are not centred, `about_zero` adds them again.
    """

    rows: Rows
    tokens: np.ndarray | None
    counts: np.ndarray | None
    standard: Standard
    squares: np.ndarray
    offset: np.ndarray
    products: np.ndarray | None
    centre: np.ndarray
    columns: Columns

    @property
    def total(self) -> float:
        """How many rows there are, each as often as it counts."""
        return float(len(self.rows) if self.counts is None else self.counts.sum())

    def project(self, axes: np.ndarray) -> np.ndarray:
        """Coordinates (documents, dimensions) on axes (dimensions, width), in float32."""
        return self.standard.project(self.rows, self.tokens, axes)

    def weighted(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The standardised rows in float64, chunk by chunk, each times the root of how often it counts."""
        roots = None if self.counts is None else np.sqrt(self.counts, dtype=np.float64)
        for place, block in chunks(self.rows):
            values = block.astype(np.float64)
            values -= self._terms(place) @ self._coefficients
            values /= self.standard.scale
            if roots is not None:
                values *= roots[place, None]
            yield place, values

    def summed(self, weights: np.ndarray) -> np.ndarray:
        """Sums (width, any) of the standardised rows, each times its weights (documents, any) and how often it counts.

        In one pass, as in `squared` without a standardised copy: mean and adjustment are subtracted from the sums.
        """
        sums = _Sums(self, weights.shape[1])
        for place, block in chunks(self.rows):
            sums.add(place, block.astype(np.float64), weights[place])
        return sums.standardised()

    def squared(self, axes: np.ndarray) -> np.ndarray:
        """The products of the standardised columns times axes (width, any), in one pass over the rows."""
        sums, directions = _Sums(self, axes.shape[1]), axes / self.standard.scale[:, None]
        base = self._coefficients @ directions
        for place, block in chunks(self.rows):
            values = block.astype(np.float64)
            sums.add(place, values, values @ directions - self._terms(place) @ base)
        return sums.standardised()

    @property
    def _coefficients(self) -> np.ndarray:
        """(terms, width): what is subtracted from a row for each of its terms."""
        of_length = self.standard.length_coefficients
        return self.standard.mean[None] if of_length is None else of_length

    def _terms(self, place: slice) -> np.ndarray:
        """(documents of the place, terms): lengths, or the constant alone."""
        if self.standard.length_coefficients is None or self.tokens is None:
            return np.ones((place.stop - place.start, 1))
        return length_terms(self.tokens[place])

    def about_zero(self) -> StandardRows:
        """The rows with their own means; the adjustment for length and the spread by which columns are divided stay.

        Where columns are not scaled, constant ones count.
        """
        coefficients = self.standard.length_coefficients
        if coefficients is not None:
            coefficients = coefficients - np.outer(np.arange(len(coefficients)) == 0, self.centre)
        width, products = len(self.centre), self.products
        scale = self.standard.scale if self.columns.scaled else np.ones(width)
        offset = self.centre / scale
        if products is not None:
            products = products + self.total * np.outer(offset, offset)
        standard = Standard(np.zeros(width), scale, coefficients)
        return replace(self, standard=standard, offset=offset, products=products)


class _Sums:
    """Weighted sums of a layer's standardised rows, from those of the rows as they are."""

    def __init__(self, rows: StandardRows, columns: int) -> None:
        self._rows = rows
        # columns first: this way round a product takes two thirds of the time
        self._plain = np.zeros((columns, rows.rows.shape[1]))
        self._of_terms = np.zeros((columns, len(rows._coefficients)))

    def add(self, place: slice, values: np.ndarray, weights: np.ndarray) -> None:
        """Adds a chunk (documents, width) with its weights (documents, columns)."""
        counts = self._rows.counts
        weights = weights if counts is None else weights * counts[place, None]
        self._plain += weights.T @ values
        self._of_terms += weights.T @ self._rows._terms(place)

    def standardised(self) -> np.ndarray:
        """(width, columns) sums."""
        sums: np.ndarray = self._plain - self._of_terms @ self._rows._coefficients
        return (sums / self._rows.standard.scale).T


class _Left(NamedTuple):
    """Sums over the documents before and after the part is removed that the regression's terms explain.

    Attributes:
        raw: (width,) squares of the columns before.
        squares: (width,) the same after.
        products: (width, width) of the columns after; None if they are not summed.
    """

    raw: np.ndarray
    squares: np.ndarray
    products: np.ndarray | None


class _Products:
    """Sums of the products of every two columns, chunk by chunk."""

    def __init__(self, width: int) -> None:
        self._products = np.zeros((width, width))

    def add(self, values: np.ndarray) -> None:
        """Adds a chunk (documents, width)."""
        self._products += values.T @ values

    def without(self, along_basis: np.ndarray) -> _Left:
        """What is left without the part along an orthonormal basis: the sums (rank, width) of its products with them.

        Called once: the sums become those that are left.
        """
        raw = self._products.diagonal().copy()
        self._products -= along_basis.T @ along_basis
        return _Left(raw, self._products.diagonal(), self._products)


class _Squares:
    """Sums of each column's squares alone, chunk by chunk, where there are too many columns for their products."""

    def __init__(self, width: int) -> None:
        self._squares = np.zeros(width)

    def add(self, values: np.ndarray) -> None:
        """Adds a chunk (documents, width)."""
        self._squares += np.einsum("dw,dw->w", values, values)

    def without(self, along_basis: np.ndarray) -> _Left:
        """As `_Products.without`."""
        return _Left(self._squares, self._squares - np.square(along_basis).sum(axis=0), None)


def fit_standard(
    rows: Rows, tokens: np.ndarray | None, columns: Columns = STANDARDISED, counts: np.ndarray | None = None
) -> StandardRows:
    """Fits adjustment and scale of a layer in one pass, in float64.

    The mean of the first chunk is subtracted, so that a small spread around a large mean keeps its digits; an
    orthonormal basis of the regression's terms removes the explained part from the sums.

    Args:
        rows: (documents, width), finite.
        tokens: (documents,) lengths to adjust for, or as `length_terms` takes them; None adjusts for nothing.
        columns: whether they are centred, and scaled by their population standard deviation; a scaled one whose
            deviation is below a millionth of the layer's root mean square is left out.
        counts: (documents,) how often each row counts; None for once.
    """
    documents, width = rows.shape
    terms = np.ones((documents, 1)) if tokens is None else length_terms(tokens)
    roots = None if counts is None else np.sqrt(counts, dtype=np.float64)
    basis, to_coefficients = _orthonormal(terms if roots is None else terms * roots[:, None])
    origin = next(block.astype(np.float64).mean(axis=0) for _, block in chunks(rows))
    sums = _Products(width) if width <= min(documents, EXACT) else _Squares(width)
    along_basis = np.zeros((basis.shape[1], width))
    for place, block in chunks(rows):
        values = block.astype(np.float64)
        values -= origin
        if roots is not None:
            values *= roots[place, None]
        sums.add(values)
        along_basis += basis[place].T @ values
    total = documents if counts is None else counts.sum()
    coefficients = to_coefficients @ along_basis
    coefficients[0] += origin
    raw, squares, products = sums.without(along_basis)
    scale = _scale(squares, raw, total, np.abs(origin), columns.scaled)
    squares = squares / scale**2
    if products is not None:
        products /= scale
        products /= scale[:, None]
    mean, adjustment = (coefficients[0], None) if tokens is None else (np.zeros(width), coefficients)
    centre = (terms.mean(axis=0) if counts is None else counts @ terms / total) @ coefficients
    standard = Standard(mean, scale, adjustment)
    return StandardRows(rows, tokens, counts, standard, squares, np.zeros(width), products, centre, columns)


def _scale(squares: np.ndarray, raw: np.ndarray, documents: float, size: np.ndarray, scaled: bool) -> np.ndarray:
    """Each column's divisor, from its sums of squares after and before the adjustment; infinite if it has no weight.

    Standardising would give a column of rounding noise the same weight as any other.
    """
    spread = np.sqrt(np.maximum(squares, 0) / documents)
    constant = (spread <= CONSTANT * np.maximum(size, spread.max())) | (squares <= EXPLAINED * raw)
    if not scaled:
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


def length_terms(tokens: np.ndarray) -> np.ndarray:
    """Regression terms for the effect of length L on a pooled row, 1, 1/L, log L and L, or of a token's place likewise.

    Args:
        tokens: (documents,) lengths; of rows that are tokens (tokens, 2) place in the text, from 1, and log frequency,
            which is the fifth term.

    Returns:
        (documents, 4), or (tokens, 5).
    """
    values = np.asarray(tokens, dtype=np.float64)
    length, others = (values, []) if values.ndim == 1 else (values[:, 0], [values[:, 1]])
    return np.stack([np.ones_like(length), 1 / length, np.log(length), length, *others], axis=1)
