"""A logistic regression that selects its regularisation on its training documents."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mri_core.probing.resampling import INNER_FOLDS, Split

STRENGTHS = (0.001, 0.03, 1.0)  # scikit-learn's C: small is strong
ITERATIONS = 300


def held_out_accuracy(
    train: Any, test: Any, labels: np.ndarray, split: Split, seed: int, groups: np.ndarray | None = None
) -> float:
    """Balanced accuracy on a split's held-out documents; scaling and regularisation use its training documents only.

    Args:
        train, test: (documents, features) of either side, dense or sparse.
        labels: (all documents,) category of each.
        split: which documents the rows are.
        seed: of the inner folds.
        groups: (all documents,) number of each one's group, which the inner folds keep together too.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # Sparse rows keep their zeros: subtracting a mean would fill them.
    scaler = StandardScaler(with_mean=isinstance(train, np.ndarray))
    pipeline = make_pipeline(scaler, LogisticRegression(max_iter=ITERATIONS))
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = kind(INNER_FOLDS, shuffle=True, random_state=seed)
    grid = {"logisticregression__C": STRENGTHS}
    search = GridSearchCV(pipeline, grid, scoring="balanced_accuracy", cv=folds)
    with warnings.catch_warnings():
        # Without convergence, accuracy is within the variation between splits of the optimum's.
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(train, labels[split.train], groups=None if groups is None else groups[split.train])
    return float(balanced_accuracy_score(labels[split.test], search.predict(test)))
