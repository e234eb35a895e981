"""Principal components against the singular value decomposition."""

import numpy as np
import pytest

from mri_core.reducers import fit_pca


def centred(documents: int, width: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(documents, width)) * np.linspace(3, 1, width)
    return rows - rows.mean(axis=0)


@pytest.mark.parametrize(("documents", "width"), [(40, 6), (6, 40)])
def test_scores_and_variances_equal_those_of_the_singular_value_decomposition(documents, width):
    rows = centred(documents, width)
    reduction = fit_pca(rows, 4)
    u, s, _ = np.linalg.svd(rows, full_matrices=False)
    assert np.abs(reduction.transform(rows)) == pytest.approx(np.abs(u * s)[:, :4])
    assert reduction.explained_variance == pytest.approx((s**2 / (s**2).sum())[:4])


def test_the_document_score_of_greatest_magnitude_is_positive_on_every_axis():
    for seed in range(10):
        rows = centred(20, 5, seed)
        scores = fit_pca(rows, 5).transform(rows)
        assert (scores[np.abs(scores).argmax(axis=0), range(5)] > 0).all()


def test_axes_beyond_the_rows_rank_are_zero():
    rows = np.outer(np.arange(5) - 2.0, [1.0, 2.0, 3.0])
    reduction = fit_pca(rows, 3)
    assert (reduction.components[1:] == 0).all()
    assert reduction.explained_variance == pytest.approx([1, 0, 0])
    assert (fit_pca(np.zeros((4, 3)), 2).components == 0).all()
