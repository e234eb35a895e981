"""A regression that chooses its strength, against scikit-learn's grid search."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mri_core.probing.classifier import STRENGTHS, balanced_accuracy, held_out_accuracy
from mri_core.probing.resampling import Split, splits


def planted(categories: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of other means and spreads in each column; categories lie about 3 standard deviations apart."""
    generator = np.random.default_rng(0)
    labels = np.arange(120) % categories
    rows = generator.normal(size=(120, width)) + np.sqrt(4 / width) * generator.normal(size=(categories, width))[labels]
    return rows * generator.uniform(0.1, 50, size=width) + 100, labels


@pytest.mark.parametrize(("categories", "width"), [(2, 4), (4, 4), (3, 150)])
def test_it_reads_what_a_grid_search_reads(categories: int, width: int) -> None:
    rows, labels = planted(categories, width)
    for split in splits(labels, 2, 0):
        folds = StratifiedKFold(3, shuffle=True, random_state=5)
        reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
        grid = {"logisticregression__C": STRENGTHS}
        search = GridSearchCV(reader, grid, scoring="balanced_accuracy", cv=folds)
        search.fit(rows[split.train], labels[split.train])
        expected = balanced_accuracy_score(labels[split.test], search.predict(rows[split.test]))
        found = held_out_accuracy(rows[split.train], rows[split.test], labels, split, 5)
        assert found == pytest.approx(expected, abs=0.06)  # two documents of one category at most


def test_a_category_that_an_inner_fold_lacks_is_read() -> None:
    rows, labels = planted(2, 3)
    rows[:, 0] = 500.0 * (np.arange(120) < 6) + 100 * labels
    labels[:6] = 2  # all in one group of the training side
    groups = np.maximum(np.arange(120) // 6, 1) - 1
    split = Split(np.arange(90), np.arange(90, 120))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # scikit-learn's, of a category smaller than the folds
        assert held_out_accuracy(rows[split.train], rows[split.test], labels, split, 0, groups) > 0.8


def test_balanced_accuracy_is_the_mean_of_the_categories_shares() -> None:
    generator = np.random.default_rng(0)
    labels, predicted = generator.integers(4, size=(2, 50))
    assert balanced_accuracy(labels, predicted) == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert balanced_accuracy(np.array([0, 0, 0, 1]), np.array([0, 2, 0, 2])) == pytest.approx(1 / 3)
