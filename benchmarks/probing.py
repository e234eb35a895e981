"""Probing a study against scikit-learn alone, called plainly for the same quantities on the same splits.

Prints one JSON object: processor seconds of both, taken in turns, and their ratio. Documents of four categories drift
over two dimensions of their activations; the atlas is a grid. What is read, and by which regression, is the same on
both sides: full activations, regions, and shuffled labels, regularisation chosen by three inner folds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler

sys.path.insert(0, str(Path(__file__).parents[1]))

from mri_core.probing.classifier import ITERATIONS, STRENGTHS
from mri_core.probing.probe import probe
from mri_core.probing.resampling import INNER_FOLDS, TEST_SHARE
from mri_core.records.arrays import Activations, AtlasSpec

CATEGORIES = ("a", "b", "c", "d")


def drifting(documents: int, layers: int, width: int) -> tuple[Activations, np.ndarray]:
    """Rows whose first two columns tell the category, more from layer to layer."""
    generator = np.random.default_rng(0)
    labels = generator.integers(len(CATEGORIES), size=documents)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[labels]
    found = []
    for layer in range(layers):
        rows = generator.normal(size=(documents, width)).astype(np.float32)
        rows[:, :2] += (1 + layer) / layers * corners
        found.append(rows)
    return Activations(tuple(found)), labels


def alone(activations: Activations, labels: np.ndarray, resolution: int, splits: int) -> None:
    """The same by scikit-learn."""
    shuffled = np.random.default_rng(0).permutation(labels)
    for layer in activations.layers:
        for train, test in parts(layer, labels, splits):
            rows = layer[train].astype(np.float64), layer[test].astype(np.float64)
            search(*rows, labels[train], labels[test])
            search(*cells(*rows, resolution), labels[train], labels[test])
        for train, test in parts(layer, shuffled, splits):
            search(layer[train].astype(np.float64), layer[test].astype(np.float64), shuffled[train], shuffled[test])


def parts(rows: np.ndarray, labels: np.ndarray, splits: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and held-out documents of each split."""
    shuffle = StratifiedShuffleSplit(splits, test_size=TEST_SHARE, random_state=0)
    yield from shuffle.split(rows, labels)


def search(train: np.ndarray, test: np.ndarray, learnt: np.ndarray, asked: np.ndarray) -> None:
    """A regression with its regularisation chosen, and what it is worth."""
    folds = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=0)
    reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS))
    grid = {"logisticregression__C": STRENGTHS}
    GridSearchCV(reader, grid, scoring="balanced_accuracy", cv=folds).fit(train, learnt).score(test, asked)


def cells(train: np.ndarray, test: np.ndarray, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """One-hot the cell of a grid of two principal components, fitted to the training documents."""
    grid = make_pipeline(StandardScaler(), PCA(2), KBinsDiscretizer(resolution, encode="ordinal", strategy="uniform"))
    codes = [rows @ (resolution, 1) for rows in (grid.fit_transform(train), grid.transform(test))]
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return one_hot.fit_transform(codes[0][:, None]), one_hot.transform(codes[1][:, None])


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, so that what else the machine does plays no part."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--layers", type=int, default=13)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--resolution", type=int, default=20)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--turns", type=int, default=1)
    choice = parser.parse_args()
    activations, labels = drifting(choice.documents, choice.layers, choice.width)
    spec = AtlasSpec("grid", resolution=choice.resolution)
    warnings.simplefilter("ignore", ConvergenceWarning)
    pairs = [
        (
            seconds(lambda: probe(activations, spec, labels, CATEGORIES, count=choice.splits)),
            seconds(lambda: alone(activations, labels, choice.resolution, choice.splits)),
        )
        for _ in range(choice.turns)
    ]
    ours, theirs = np.median(pairs, axis=0)
    ratios = [round(float(own / other), 2) for own, other in pairs]
    result = {"benchmark": "probing", **vars(choice), "seconds": round(ours, 1), "scikit_learn": round(theirs, 1)}
    print(json.dumps({**result, "ratios": ratios}))


if __name__ == "__main__":
    main()
