"""The comparison that LLM-MRI 0.2.1 makes (`Evaluation.evaluate_model`), like for like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mri_core.atlas.fitting import fit_atlas, scores
from mri_core.probing.resampling import TEST_SHARE, check_categories, corrected_interval, splits
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.measures import FULL_MINUS_REDUCED, Measure

METRICS = ("f1_macro", "f1_weighted", "recall_macro", "recall_weighted", "accuracy", "balanced_accuracy")
SEED = 42  # its default `random_state`
ITERATIONS = 1_000
READINGS = 2  # of a comparison


def compare(
    activations: Activations,
    spec: AtlasSpec,
    labels: np.ndarray,
    names: Sequence[str],
    count: int = 5,
    seed: int = SEED,
    advance: Callable[[], None] = lambda: None,
) -> list[Measure]:
    """How much better a probe predicts the category from the full last layer than from all reduced layers together.

    A logistic regression of fixed strength reads standardised columns on stratified shuffle splits; each metric of
    `METRICS` is a `Measure` of kind `full_minus_reduced` with the metric as `other`. Two differences from `probe`: the
    reduction is fitted to all documents, held-out ones included, and one layer is compared with many.

    Args:
        activations: of all documents.
        spec: the study's atlas, whose reduced space is read: two dimensions of a grid, all components, the principal
            components in which clusters were found.
        labels: (documents,) index of each document's category in `names`.
        names: of the categories.
        count, seed: of the splits.
        advance: called after each of the two readings.

    Raises:
        MriError: a category has too few documents; it is named.
        UsageError: fewer than 2 splits.
    """
    check_categories(labels, names)
    chosen = list(splits(labels, count, seed))
    full = _read(activations.layers[-1].astype(np.float64), labels, chosen)
    advance()
    reduced = _read(np.hstack(scores(fit_atlas(activations, spec).atlas, activations)), labels, chosen)
    advance()
    measures = []
    for metric in METRICS:
        difference = full[f"test_{metric}"] - reduced[f"test_{metric}"]
        mean, low, high = corrected_interval(difference, len(chosen[0].train), len(chosen[0].test))
        details = {
            "full": float(full[f"test_{metric}"].mean()),
            "reduced": float(reduced[f"test_{metric}"].mean()),
            "per_split": difference.tolist(),
            "splits": count,
            "seed": seed,
            "test_share": TEST_SHARE,
        }
        measures.append(Measure(FULL_MINUS_REDUCED, mean, None, None, metric, low, high, details=details))
    return measures


def _read(rows: np.ndarray, labels: np.ndarray, chosen: list[Any]) -> dict[str, np.ndarray]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_validate
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS))
    with threadpool_limits(1, user_api="blas"):  # as in the classifier of `probe`
        found: dict[str, np.ndarray] = cross_validate(pipeline, rows, labels, cv=chosen, scoring=list(METRICS))
    return found
