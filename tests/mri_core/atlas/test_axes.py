"""The leading axes by whichever way: of columns, of documents, by iteration; all against the decomposition itself."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from mri_core.atlas import standardise
from mri_core.atlas.fitting import fit_atlas
from mri_core.atlas.reducers import axes
from mri_core.atlas.reducers.axes import leading_axes
from mri_core.atlas.standardise import STANDARDISED, Columns, StandardRows, fit_standard
from mri_core.records.arrays import Activations, AtlasSpec

WAYS = {"columns": (90, 40), "documents": (40, 90), "iteration": (160, 120)}
AS_THEY_ARE = Columns(centred=False, scaled=False)
FEW = 60  # documents or columns up to which products are computed here


@pytest.fixture(params=WAYS)
def shape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Documents and columns for which axes are found in one of the three ways."""
    for module in (standardise, axes):
        monkeypatch.setattr(module, "EXACT", FEW)
    return WAYS[request.param]


def falling(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Rows off the origin, with fewer and fewer variance on later axes."""
    width = shape[1]
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.normal(size=(width, width)))[0]
    return generator.normal(size=shape) * np.arange(1, width + 1) ** -0.8 @ turn + generator.normal(size=width)


def whole(rows: StandardRows) -> np.ndarray:
    """The standardised rows, each times the root of how often it counts."""
    return np.concatenate([block for _, block in rows.weighted()])


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("about_zero", [False, True])
def test_axes_are_the_right_singular_vectors_of_the_rows(shape, counted, lengths, about_zero):
    generator = np.random.default_rng(1)
    tokens = generator.integers(3, 50, shape[0]) if lengths else None
    counts = generator.integers(1, 4, shape[0]) if counted else None
    rows = fit_standard(falling(shape), tokens, AS_THEY_ARE if about_zero else STANDARDISED, counts)
    rows = rows.about_zero() if about_zero else rows
    found = leading_axes(rows, 5)
    _, sizes, right = np.linalg.svd(whole(rows), full_matrices=False)
    assert np.abs((found.components * right[:5]).sum(axis=1)) == pytest.approx(1, abs=1e-6)
    assert found.components @ found.components.T == pytest.approx(np.eye(5), abs=1e-9)
    if not about_zero:
        assert found.explained_variance == pytest.approx(sizes[:5] ** 2 / (sizes**2).sum(), rel=1e-6)


def test_a_row_that_counts_twice_is_two_rows(shape):
    generator, rows = np.random.default_rng(1), falling(shape)
    tokens, counts = generator.integers(3, 50, shape[0]), generator.integers(1, 3, shape[0])
    once = fit_standard(rows, tokens, counts=counts)
    twice = fit_standard(np.repeat(rows, counts, axis=0), np.repeat(tokens, counts))
    assert once.standard.scale == pytest.approx(twice.standard.scale)
    assert once.standard.length_coefficients == pytest.approx(twice.standard.length_coefficients)
    found, other = leading_axes(once, 4), leading_axes(twice, 4)
    assert np.abs((found.components * other.components).sum(axis=1)) == pytest.approx(1, abs=1e-6)
    assert found.explained_variance == pytest.approx(other.explained_variance, rel=1e-6)


def test_axes_beyond_the_rows_rank_are_zero(shape):
    documents, width = shape
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(documents, 3)) @ generator.normal(size=(3, width))
    found = leading_axes(fit_standard(rows, None), 6)
    assert (found.components[3:] == 0).all()
    assert found.explained_variance.sum() == pytest.approx(1)
    assert (leading_axes(fit_standard(np.ones(shape), None), 2).components == 0).all()


def test_of_axes_by_iteration_the_error_is_known_and_holds(monkeypatch):
    for module in (standardise, axes):
        monkeypatch.setattr(module, "EXACT", FEW)
    monkeypatch.setattr(axes, "TOLERANCE", 1e-2)
    rows = fit_standard(falling((400, 300)), None)
    found = leading_axes(rows, 5)
    products = whole(rows).T @ whole(rows)
    squares = np.einsum("dw,wv,dv->d", found.components, products, found.components)
    residuals = np.linalg.norm(found.components @ products - squares[:, None] * found.components, axis=1)
    assert 1e-9 < found.error < 1e-2
    assert found.error == pytest.approx((residuals / squares).max(), rel=1e-3)
    assert squares == pytest.approx(np.linalg.eigvalsh(products)[:-6:-1], rel=found.error)


def test_axes_that_are_computed_have_no_error_to_report():
    assert leading_axes(fit_standard(falling((30, 20)), None), 3).error is None


@pytest.mark.slow
@pytest.mark.parametrize("large", [(3000, 200), (250, 3000), (900, 700)])  # by columns, documents, iteration
def test_axes_and_regions_are_the_same_with_one_thread_and_with_two(large, monkeypatch):
    for module in (standardise, axes):
        monkeypatch.setattr(module, "EXACT", 300)
    rows, found, regions = falling(large).astype(np.float32), [], []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(leading_axes(fit_standard(rows, None), 20).components)
            regions.append(fit_atlas(Activations((rows, rows)), AtlasSpec()).codes)
    assert np.abs((found[0] * found[1]).sum(axis=1)) == pytest.approx(1, abs=1e-9)
    assert (regions[0] == regions[1]).all()
