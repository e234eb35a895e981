"""Regressions of every strength, against scikit-learn's at its tightest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from mri_core.errors import MriError
from mri_core.probing import logistic
from mri_core.probing.logistic import decompose, fit_path

STRENGTHS = (0.001, 0.03, 1.0)
EXACT = 1e-9


def problem(documents: int, width: int, categories: int, distance: float, seed: int = 0) -> tuple[Any, np.ndarray]:
    """Standardised rows of unlike variances, correlated, whose categories' means lie `distance` apart."""
    generator = np.random.default_rng(seed)
    codes = np.arange(documents) % categories
    rows = generator.normal(size=(documents, width)) / np.arange(1, width + 1)
    rows = rows @ generator.normal(size=(width, width)) + distance * generator.normal(size=(categories, width))[codes]
    return (rows - rows.mean(axis=0)) / rows.std(axis=0), codes


def peer(rows: Any, codes: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's coefficients and probabilities."""
    model = LogisticRegression(C=strength, tol=1e-8, max_iter=5_000, solver="newton-cg").fit(rows, codes)
    return model.coef_, model.predict_proba(rows)


def norm_of_gradient(rows: np.ndarray, codes: np.ndarray, coefficients: np.ndarray, intercepts: np.ndarray) -> float:
    """Of the mean loss at C = 1, by its formula."""
    residuals = softmax(rows @ coefficients.T + intercepts, axis=1) - np.eye(len(intercepts))[codes]
    parts = residuals.T @ rows + coefficients, residuals.sum(axis=0)[:, None]
    return float(np.linalg.norm(np.hstack(parts))) / len(rows)


@pytest.mark.parametrize(
    ("documents", "width", "categories", "distance"),
    [(90, 5, 3, 0.5), (60, 12, 2, 0.3), (40, 100, 4, 0.5), (30, 30, 3, 9.0), (50, 3, 5, 0.0), (20, 4_096, 2, 0.3)],
    ids=["tall", "two categories", "wide", "separable", "noise", "width 4,096"],
)
def test_every_strength_gives_the_coefficients_and_probabilities_of_scikit_learn(
    documents: int, width: int, categories: int, distance: float
) -> None:
    rows, codes = (
        problem(documents, width, categories, distance)
        if width < 4_096
        else (np.random.default_rng(0).normal(size=(documents, width)), np.arange(documents) % categories)
    )
    rows = rows - rows.mean(axis=0)
    coordinates = decompose(rows)
    for strength, found in zip(STRENGTHS, fit_path(coordinates, codes, STRENGTHS, EXACT), strict=True):
        coefficients, intercepts = found.weights(coordinates)
        expected, probabilities = peer(rows, codes, strength)
        own = coefficients[1:] - coefficients[:1] if categories == 2 else coefficients
        assert own == pytest.approx(expected, abs=1e-4)
        assert softmax(rows @ coefficients.T + intercepts, axis=1) == pytest.approx(probabilities, abs=1e-4)
        assert (found.predict(coordinates) == probabilities.argmax(axis=1)).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_path_ends_where_a_start_from_nothing_ends(seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows, codes = problem(*(int(n) for n in generator.integers([20, 2, 2], [80, 90, 6])), 0.5, seed)
    coordinates = decompose(rows)
    path = fit_path(coordinates, codes, STRENGTHS, EXACT)
    for strength, warm in zip(STRENGTHS, path, strict=True):
        (cold,) = fit_path(coordinates, codes, [strength], EXACT)
        assert warm.parameters == pytest.approx(cold.parameters, abs=1e-5)
        assert warm.parameters.sum(axis=0) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("distance", [0.0, 1.0, 50.0])
def test_the_gradient_is_as_small_as_was_asked_for(precision: Any, distance: float) -> None:
    rows, codes = problem(60, 90, 4, distance)
    coordinates = decompose(rows, precision)
    (found,) = fit_path(coordinates, codes, [1.0], 1e-4)
    assert norm_of_gradient(rows, codes, *found.weights(coordinates)) <= 1.1e-4


def test_a_weak_penalty_on_separable_categories_converges() -> None:
    rows, codes = problem(40, 60, 3, 20.0)
    coordinates = decompose(rows)
    found = fit_path(coordinates, codes, [1.0, 1e3, 1e6], 1e-8)
    assert all((one.predict(coordinates) == codes).all() for one in found)
    sizes = [float(np.linalg.norm(one.parameters)) for one in found]
    assert sizes == sorted(sizes)
    assert np.isfinite(sizes).all()


def test_constant_columns_and_constant_rows_leave_the_shares_of_the_categories() -> None:
    codes = np.repeat([0, 1, 2], [10, 20, 30])
    for width in (3, 100):
        coordinates = decompose(np.zeros((60, width)))
        (found,) = fit_path(coordinates, codes, [1.0], EXACT)
        coefficients, intercepts = found.weights(coordinates)
        assert (coefficients == 0).all()
        assert softmax(intercepts) == pytest.approx([1 / 6, 1 / 3, 1 / 2], abs=1e-6)


def test_a_category_of_one_document_is_learnt() -> None:
    rows, codes = problem(30, 8, 2, 0.5)
    codes = codes.copy()
    codes[7] = 2
    coordinates = decompose(rows)
    (found,) = fit_path(coordinates, codes, [1.0], EXACT)
    assert found.weights(coordinates)[0] == pytest.approx(peer(rows, codes, 1.0)[0], abs=1e-4)


def test_one_category_is_what_is_predicted() -> None:
    coordinates = decompose(problem(9, 4, 1, 0.0)[0])
    (found,) = fit_path(coordinates, np.zeros(9, dtype=int), [1.0])
    assert (found.predict(coordinates) == 0).all()


def test_sparse_rows_and_rows_that_are_not_decomposed_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    rows, codes = (generator.random((60, 25)) < 0.2) * 3.0, np.arange(60) % 3
    expected = peer(rows, codes, 1.0)[0]
    monkeypatch.setattr(logistic, "DECOMPOSED", 10)
    for own in (csr_matrix(rows), rows):
        coordinates = decompose(own)
        (found,) = fit_path(coordinates, codes, [1.0], EXACT)
        assert found.weights(coordinates)[0] == pytest.approx(expected, abs=1e-4)
        assert found.predict(coordinates.of(np.arange(7))).shape == (7,)


def test_blocks_of_documents_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, codes = problem(500, 6, 3, 0.4)
    coordinates = decompose(rows)
    (whole,) = fit_path(coordinates, codes, [1.0], EXACT)
    monkeypatch.setattr(logistic, "SMALL", 100)
    (blocks,) = fit_path(coordinates, codes, [1.0], EXACT)
    assert blocks.parameters == pytest.approx(whole.parameters, abs=1e-7)


def test_some_documents_are_fitted_in_the_coordinates_of_all() -> None:
    rows, codes = problem(60, 90, 3, 0.4)
    some = np.flatnonzero(np.arange(60) % 4)
    coordinates = decompose(rows)
    (found,) = fit_path(coordinates.of(some), codes[some], [1.0], EXACT)
    assert found.weights(coordinates)[0] == pytest.approx(peer(rows[some], codes[some], 1.0)[0], abs=1e-4)


def test_numbers_that_are_not_finite_are_refused() -> None:
    rows, codes = problem(20, 5, 2, 0.5)
    coordinates = decompose(rows)
    coordinates.columns[0, 0] = np.nan
    with pytest.raises(MriError, match="100 steps this one has not"):
        fit_path(coordinates, codes, [1.0])
