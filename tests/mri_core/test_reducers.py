"""Principal components against the singular value decomposition."""

import numpy as np
import pytest

from mri_core.reducers import fit_pca, signs
from mri_core.standardise import fit_standard


def centred(documents: int, width: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(documents, width)) * np.linspace(3, 1, width)
    return rows - rows.mean(axis=0)


def fitted(rows, dimensions):
    return fit_pca(fit_standard(rows, None, standardize=False), dimensions)


@pytest.mark.parametrize(("documents", "width"), [(40, 6), (6, 40)])
def test_scores_and_variances_equal_those_of_the_singular_value_decomposition(documents, width):
    rows = centred(documents, width)
    reduction = fitted(rows, 4)
    u, s, _ = np.linalg.svd(rows, full_matrices=False)
    assert np.abs(rows @ reduction.components.T) == pytest.approx(np.abs(u * s)[:, :4])
    assert reduction.explained_variance == pytest.approx((s**2 / (s**2).sum())[:4])


def test_the_document_score_of_greatest_magnitude_becomes_positive_on_every_axis():
    for seed in range(10):
        scores = centred(20, 5, seed)
        turned = scores * signs(scores)
        assert (turned[np.abs(scores).argmax(axis=0), range(5)] > 0).all()
        assert (np.abs(turned) == np.abs(scores)).all()


def test_an_axis_on_which_all_scores_are_zero_keeps_them():
    assert signs(np.zeros((3, 2))).tolist() == [1, 1]


def test_axes_beyond_the_rows_rank_are_zero():
    rows = np.outer(np.arange(5) - 2.0, [1.0, 2.0, 3.0])
    reduction = fitted(rows, 3)
    assert (reduction.components[1:] == 0).all()
    assert reduction.explained_variance == pytest.approx([1, 0, 0])
    assert (fitted(np.zeros((4, 3)), 2).components == 0).all()
