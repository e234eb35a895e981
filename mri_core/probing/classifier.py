"""A logistic regression that selects its regularisation on its training documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.probing.logistic import Coordinates, decompose, fit_path
from mri_core.probing.resampling import INNER_FOLDS, Split

STRENGTHS = (0.001, 0.03, 1.0)  # scikit-learn's C: small is strong
FOLD_TOLERANCE = 1e-3  # an inner fold only ranks the strengths, which lie far apart


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

    Raises:
        MriError: the rows hold numbers that are not finite or overflow.
    """
    probe = fit_probe(train, labels[split.train], seed, None if groups is None else groups[split.train])
    return balanced_accuracy(labels[split.test], probe.known[probe.log_odds(test).argmax(axis=1)])


@dataclass(frozen=True)
class Probe:
    """A fitted regression.

    Attributes:
        known: (categories,) that it tells apart, rising.
        coefficients, intercepts: (categories, features) and (categories,).
        scaler: of the features.
    """

    known: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray
    scaler: Any

    def log_odds(self, rows: Any) -> np.ndarray:
        """(documents, categories) of rows (documents, features), up to a constant for each document."""
        with _one_thread():
            return np.asarray(self.scaler.transform(rows) @ self.coefficients.T) + self.intercepts

    def probabilities(self, rows: Any) -> np.ndarray:
        """(documents, categories)."""
        from scipy.special import softmax

        return np.asarray(softmax(self.log_odds(rows), axis=1))


def fit_probe(rows: Any, labels: np.ndarray, seed: int, groups: np.ndarray | None = None) -> Probe:
    """A regression of the strength that reads held-out inner folds best.

    Args:
        rows: (documents, features), dense or sparse.
        labels: (documents,) category of each.
        seed: of the inner folds.
        groups: (documents,) number of each one's group, which inner folds keep together.

    Raises:
        MriError: the rows hold numbers that are not finite or overflow.
    """
    from sklearn.preprocessing import StandardScaler

    # Sparse rows keep their zeros: subtracting a mean would fill them.
    scaler = StandardScaler(with_mean=isinstance(rows, np.ndarray))
    with _one_thread():
        coordinates = decompose(scaler.fit_transform(rows), np.float32)
        known, codes = np.unique(labels, return_inverse=True)
        accuracies = [_of_strengths(coordinates, codes, *fold) for fold in _inner_folds(codes, seed, groups)]
        best = int(np.mean(accuracies, axis=0).argmax())
        chosen = fit_path(coordinates, codes, STRENGTHS[: best + 1])[-1]
        return Probe(known, *chosen.weights(coordinates), scaler)


def _one_thread() -> AbstractContextManager[Any]:
    """Products with so few columns are not worth a second thread.

    Threads that wait for one another take many times the processor time, the more so on a busy machine.
    """
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limited


def balanced_accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over the categories of the share of their documents that is predicted right.

    Args:
        labels, predicted: (documents,) category of each.
    """
    # Not scikit-learn's `balanced_accuracy_score` or `recall_score`: for the same number they take 0.8 to 2.2 ms, this
    # 0.03 to 0.14, and a reading of 60 ms asks for ten. Where groups leave a fold without a category, the first warns.
    right = labels == predicted
    return float(np.mean([right[labels == category].mean() for category in np.unique(labels)]))


def _inner_folds(codes: np.ndarray, seed: int, groups: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ordinals on either side of each inner fold."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    yield from kind(INNER_FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(codes)), codes, groups)


def _of_strengths(coordinates: Coordinates, codes: np.ndarray, learnt: np.ndarray, asked: np.ndarray) -> list[float]:
    """The accuracy of each strength on the documents that an inner fold asks of.

    They share the decomposition and the scale of all training documents, whose categories neither knows.
    """
    known, own = np.unique(codes[learnt], return_inverse=True)  # groups can leave a fold without a category
    later = coordinates.of(asked)
    path = fit_path(coordinates.of(learnt), own, STRENGTHS, FOLD_TOLERANCE)
    return [balanced_accuracy(codes[asked], known[one.predict(later)]) for one in path]
