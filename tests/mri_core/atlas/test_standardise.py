"""Rows adjusted and standardised chunk by chunk, against the whole matrix at once."""

import numpy as np
import pytest

from mri_core.atlas.standardise import Columns, fit_standard
from mri_core.chunks import ROWS

DOCUMENTS = 2 * ROWS + 77
AS_THEY_ARE = Columns(centred=False, scaled=False)


def whole(rows, tokens=None):
    """The standardised rows by numpy's own least squares, mean and standard deviation."""
    values = rows.astype(np.float64)
    if tokens is not None:
        terms = np.stack([np.ones(len(tokens)), 1 / tokens, np.log(tokens), tokens], axis=1)
        values -= terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    values -= values.mean(axis=0)
    return values / values.std(axis=0)


@pytest.fixture
def tokens():
    return np.random.default_rng(1).integers(3, 400, DOCUMENTS)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("adjusted", [True, False])
def test_products_and_coordinates_equal_those_of_the_whole_matrix(tokens, dtype, adjusted):
    rows = np.random.default_rng(0).normal(size=(DOCUMENTS, 9)) @ np.random.default_rng(1).normal(size=(9, 9))
    rows = (rows + np.outer(np.log(tokens), np.arange(9))).astype(dtype)
    lengths = tokens if adjusted else None
    expected, fit = whole(rows, lengths), fit_standard(rows, lengths)
    assert fit.products == pytest.approx(expected.T @ expected, abs=1e-6)
    axes = np.random.default_rng(2).normal(size=(3, 9))
    assert fit.project(axes) == pytest.approx(expected @ axes.T, abs=1e-5)


@pytest.mark.parametrize("adjusted", [True, False])
def test_a_spread_of_one_beside_a_mean_of_ten_thousand_keeps_its_digits(tokens, adjusted):
    spread = np.random.default_rng(0).normal(size=(DOCUMENTS, 6))
    lengths = tokens if adjusted else None
    means = np.array([1e4, -1e4, 3e4, 0, 1e-3, 1e4])
    far = fit_standard(spread + means, lengths)
    assert far.products == pytest.approx(fit_standard(spread, lengths).products, abs=1e-8)
    axes = np.eye(6)
    assert far.project(axes) == pytest.approx(whole(spread, lengths), abs=1e-5)


def test_rows_sorted_so_that_the_first_chunk_lies_far_off_lose_nothing():
    rows = np.random.default_rng(0).normal(size=(DOCUMENTS, 4))
    rows[:ROWS] += 1e5
    expected = whole(rows)
    assert fit_standard(rows, None).products == pytest.approx(expected.T @ expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("adjusted", [True, False])
def test_constant_columns_and_such_as_length_explains_wholly_become_zero(tokens, adjusted):
    rows = np.random.default_rng(0).normal(size=(DOCUMENTS, 4))
    rows[:, 1] = 23_900.7
    if adjusted:
        rows[:, 2] = 3 * np.log(tokens) - 7 / tokens + 100
    fit = fit_standard(rows, tokens if adjusted else None)
    zero = np.isinf(fit.standard.scale)
    assert zero.tolist() == [False, True, adjusted, False]
    assert (fit.products[zero] == 0).all()
    assert (fit.project(np.eye(4)[zero]) == 0).all()


def test_texts_that_are_all_of_one_length_are_only_centred():
    rows = np.random.default_rng(0).normal(size=(50, 3)) + 5
    fit = fit_standard(rows, np.full(50, 12))
    assert fit.project(np.eye(3)) == pytest.approx(whole(rows), abs=1e-5)


def test_without_standardising_columns_keep_their_scale():
    rows = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 100]
    fit = fit_standard(rows, None, AS_THEY_ARE)
    assert fit.project(np.eye(3)) == pytest.approx(rows - rows.mean(axis=0), abs=1e-4)


@pytest.mark.parametrize(("spread", "weight"), [(1e-9, False), (1e-7, False), (1e-5, True), (0.1, True)])
def test_a_column_that_hardly_varies_has_no_weight_where_columns_are_standardised(spread, weight):
    rows = np.random.default_rng(0).normal(size=(200, 5)) * [1, spread, 2, 0.5, 1]
    fit = fit_standard(rows, None)
    assert np.isfinite(fit.standard.scale).tolist() == [True, weight, True, True, True]
    kept = np.ones(5, dtype=bool) if weight else np.arange(5) != 1
    others = fit_standard(rows[:, kept], None)
    assert np.array_equal(fit.project(np.eye(5)[kept]), others.project(np.eye(kept.sum())))
    assert np.isfinite(fit_standard(rows, None, AS_THEY_ARE).standard.scale).all()
