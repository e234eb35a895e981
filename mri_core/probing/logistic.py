"""Multinomial logistic regressions of several strengths from one decomposition of their rows.

The method is a truncated Newton method (Komarek and Moore 2005; Lin, Weng and Keerthi 2008): conjugate gradients solve
each Newton step as far as it pays, from products with the Hessian, and a line search makes sure that the loss falls. It
is convex and has one minimum, which is found from anywhere.

Were the weights P(1 - P) of all documents equal, the Hessian would be s² w + λ on the diagonal, and 0 elsewhere, in
coordinates in which the rows' columns are orthogonal (s their norms, w the mean weight, λ the penalty). Conjugate
gradients are preconditioned by that. A rotation leaves the L2 penalty as it is, so that one decomposition of the rows
serves every strength, and every part of the documents. Strengths follow one another, each from the solution before.

Arrays have a row for each coordinate or category and a column for each document: sums over few rows are fastest so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.errors import MriError

TOLERANCE = 1e-4  # of the mean loss's gradient: its norm here, its largest element in scikit-learn
STEPS = 100  # of Newton: separable categories under a weak penalty take about 15
FORCING = 0.3  # share of the gradient that a Newton step may leave
LEAST_DECREASE = 1e-4  # share of the decrease that the gradient promises (Armijo)
HALVINGS = 40
FEWEST_DOCUMENTS = 64  # of a block of a product
SMALL = 1_000_000  # multiplications of a product that OpenBLAS does without copying its factors first: up to 5 × faster
NO_VARIANCE = 1e-12  # share of the largest s² below which a direction is float noise
DECOMPOSED = 1_536  # of the shorter side of the rows: decomposing more costs more than it saves


@dataclass(frozen=True)
class Coordinates:
    """Rows in the coordinates in which a regression is solved.

    Attributes:
        columns: (coordinates + 1, documents), dense or sparse; the last row is 1, of the intercept.
        back: from (categories, coordinates) to (categories, features).
    """

    columns: Any
    back: Callable[[np.ndarray], np.ndarray]

    def of(self, documents: np.ndarray) -> Coordinates:
        """Some of the documents, by their ordinals, in the same coordinates."""
        return Coordinates(self.columns[:, documents], self.back)


@dataclass(frozen=True)
class Regression:
    """A fitted regression.

    Attributes:
        parameters: (categories, coordinates + 1), each column adding up to 0; the last holds the intercepts.
        products: number of products with the Hessian that it took.
    """

    parameters: np.ndarray
    products: int

    def predict(self, coordinates: Coordinates) -> np.ndarray:
        """(documents,) number of the most probable category."""
        columns = coordinates.columns
        return np.asarray(self.parameters.astype(columns.dtype) @ columns).argmax(axis=0)

    def weights(self, coordinates: Coordinates) -> tuple[np.ndarray, np.ndarray]:
        """(categories, features) coefficients and (categories,) intercepts, from the coordinates that were fitted."""
        return coordinates.back(self.parameters[:, :-1]), self.parameters[:, -1]


def decompose(rows: Any, precision: type[np.floating[Any]] = np.float64) -> Coordinates:
    """Coordinates whose columns are orthogonal, at most as many as there are documents.

    Sparse rows, and those of which both sides are long, keep their own: the solver is as exact there, and slower.

    Args:
        rows: (documents, features), finite; dense with columns of mean 0, or sparse.
        precision: of the coordinates; in float32 products take half as long, and 1e-5 is the least tolerance reached.
    """
    documents, width = rows.shape
    if not isinstance(rows, np.ndarray) or min(documents, width) > DECOMPOSED:
        return Coordinates(_with_intercept(rows.astype(precision).T), lambda own: own)
    if width <= documents:
        axes = np.linalg.eigh(rows.T @ rows)[1]
        columns = axes.T.astype(precision) @ rows.T.astype(precision)
        return Coordinates(_with_intercept(columns), lambda own: own @ axes.T)
    squares, sides = np.linalg.eigh(rows @ rows.T)
    if not np.isfinite(squares).all():
        rule = "A probe is trained on finite numbers"
        raise MriError(rule, "These rows hold others, or overflow", "Look for activations that are huge or not numbers")
    kept = squares > NO_VARIANCE * squares[-1]
    norms, sides = np.sqrt(squares[kept]), sides[:, kept]
    columns = (sides * norms).T.astype(precision)
    return Coordinates(_with_intercept(columns), lambda own: (own @ (sides / norms).T) @ rows)


def fit_path(
    coordinates: Coordinates, codes: np.ndarray, strengths: Sequence[float], tolerance: float = TOLERANCE
) -> list[Regression]:
    """The regression of each strength: the minimum of Σ -log P(code) + ‖coefficients‖² / (2 strength).

    Of two categories the penalty counts twice, which makes it scikit-learn's: of the square of their difference.

    Args:
        coordinates: of the documents.
        codes: (documents,) category of each, from 0 to the largest, of each of which there is a document.
        strengths: scikit-learn's C, > 0, in rising order: each solution is where the next begins.
        tolerance: greatest norm of the mean loss's gradient.

    Raises:
        MriError: no minimum was reached, as with activations that overflow.
    """
    from scipy.linalg import helmert

    categories = int(codes.max()) + 1
    contrasts = helmert(categories)
    ones = np.eye(categories)[:, codes]
    parameters = np.zeros((len(contrasts), coordinates.columns.shape[0]))
    squares, blocks = _squares(coordinates.columns), _blocks(coordinates.columns, parameters.size)
    found = []
    for strength in strengths:
        penalties = np.full(len(squares), (2 if categories == 2 else 1) / strength)
        penalties[-1] = 0  # of the intercept
        problem = _Problem(blocks, squares, ones, contrasts, penalties)
        parameters, products = _minimise(problem, parameters, tolerance)
        found.append(Regression(contrasts.T @ parameters, products))
    return found


@dataclass(frozen=True)
class _Problem:
    """What is minimised over parameters (contrasts, coordinates + 1).

    Probabilities stay as they are where all categories' log-odds grow alike. Contrasts are orthonormal and add up to 0
    over the categories; they leave that direction out, so that the Hessian is not singular.
    """

    blocks: list[Any]  # the columns of the documents, some documents each
    squares: np.ndarray  # (coordinates + 1,) sum over the documents
    ones: np.ndarray  # (categories, documents), 1 at each one's own
    contrasts: np.ndarray  # (categories - 1, categories)
    penalties: np.ndarray  # (coordinates + 1,) of half a parameter's square

    def logits(self, parameters: np.ndarray) -> np.ndarray:
        """(categories, documents) log-odds."""
        parameters = parameters.astype(self.blocks[0].dtype)
        return self.contrasts.T @ np.concatenate([parameters @ block for block in self.blocks], axis=1)

    def back(self, residuals: np.ndarray) -> np.ndarray:
        """From (categories, documents) to parameters: the transpose of `logits`."""
        residuals = (self.contrasts @ residuals).astype(self.blocks[0].dtype)
        ends = np.cumsum([block.shape[1] for block in self.blocks])[:-1]
        parts = zip(np.split(residuals, ends, axis=1), self.blocks, strict=True)
        return np.asarray(np.sum([part @ block.T for part, block in parts], axis=0, dtype=np.float64))

    def loss(self, parameters: np.ndarray, logits: np.ndarray) -> tuple[float, np.ndarray]:
        """The penalised loss, and (categories, documents) probabilities."""
        logits = logits - logits.max(axis=0)
        odds = np.exp(logits)
        sums = odds.sum(axis=0)
        penalty = np.vdot(self.penalties * parameters, parameters) / 2
        return float(np.log(sums).sum() - np.vdot(self.ones, logits) + penalty), odds / sums


def _minimise(problem: _Problem, start: np.ndarray, tolerance: float) -> tuple[np.ndarray, int]:
    """Parameters at which the gradient is small enough, and the products with the Hessian that it took."""
    parameters, logits, products = start, problem.logits(start), 0
    greatest = tolerance * logits.shape[1]
    value, probabilities = problem.loss(parameters, logits)
    for _ in range(STEPS):
        gradient = problem.back(probabilities - problem.ones) + problem.penalties * parameters
        if np.linalg.norm(gradient) <= greatest:
            return parameters, products
        step, along, count = _newton_step(problem, gradient, probabilities)
        products += count
        slope, length = float(np.vdot(gradient, step)), 1.0
        for _ in range(HALVINGS):
            there = parameters + length * step, logits + length * along
            new, probabilities = problem.loss(*there)
            if new <= value + LEAST_DECREASE * length * slope:
                break
            length /= 2
        (parameters, logits), value = there, new
    rule = "The regression of a probe ends at the minimum of its loss"
    raise MriError(rule, f"After {STEPS} steps this one has not", "Look for activations that are huge or not numbers")


def _newton_step(
    problem: _Problem, gradient: np.ndarray, probabilities: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """A step by preconditioned conjugate gradients, what it adds to the logits, and its number of products."""
    precondition = _preconditioner(problem, probabilities)
    step, along = np.zeros_like(gradient), np.zeros_like(probabilities)
    residual = -gradient
    direction = precondition(residual)
    size, enough = float(np.vdot(residual, direction)), FORCING * np.linalg.norm(gradient)
    count = 0
    while count < gradient.size:  # enough without rounding
        count += 1
        moved = problem.logits(direction)
        weighted = probabilities * moved
        weighted -= probabilities * weighted.sum(axis=0)
        curved = problem.back(weighted) + problem.penalties * direction
        length = size / float(np.vdot(direction, curved))
        step += length * direction
        along += length * moved
        residual = residual - length * curved
        if np.linalg.norm(residual) <= enough:
            break
        towards = precondition(residual)
        before, size = size, float(np.vdot(residual, towards))
        direction = towards + (size / before) * direction
    return step, along, count


def _preconditioner(problem: _Problem, probabilities: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The inverse that the Hessian would have if every document had the mean document's weights."""
    mean = np.diag(probabilities.mean(axis=1)) - probabilities @ probabilities.T / probabilities.shape[1]
    weights, axes = np.linalg.eigh(problem.contrasts @ mean @ problem.contrasts.T)
    inverse = 1 / (weights.clip(NO_VARIANCE)[:, None] * problem.squares + problem.penalties)
    return lambda residual: axes @ ((axes.T @ residual) * inverse)


def _blocks(columns: Any, parameters: int) -> list[Any]:
    """The columns in blocks of documents, whose products with so many parameters are small."""
    if not isinstance(columns, np.ndarray):
        return [columns]
    count = min(-(-columns.shape[1] * parameters // SMALL), -(-columns.shape[1] // FEWEST_DOCUMENTS))
    return [np.ascontiguousarray(block) for block in np.array_split(columns, max(count, 1), axis=1)]


def _squares(columns: Any) -> np.ndarray:
    """(rows of `columns`,) sum of squares of each."""
    if isinstance(columns, np.ndarray):
        return np.einsum("ij,ij->i", columns, columns, dtype=np.float64)
    return np.asarray(columns.multiply(columns).sum(axis=1), dtype=np.float64).ravel()


def _with_intercept(columns: Any) -> Any:
    """Columns with a last row of ones."""
    ones = np.ones((1, columns.shape[1]), dtype=columns.dtype)
    if isinstance(columns, np.ndarray):
        return np.concatenate([columns, ones])
    from scipy.sparse import csc_array, vstack

    return csc_array(vstack([columns, ones]))
