"""The regressions of a probe against scikit-learn's for the same splits, inner folds and strengths.

    python benchmarks/probing.py [--documents 1421] [--layers 2] [--width 384] [--splits 1] [--turns 1]
                                 [--scikit-learn-threads 1] [--corpus CORPUS]

Prints one JSON object: processor and wall seconds of three ways, taken in turns, how many times ours the other two
take, and the accuracies. `ours` is `mri_core.probing.classifier`; `grid_search` a scaler and a `LogisticRegression` in
a `GridSearchCV`, which `mri probe` used before; `cv` a `LogisticRegressionCV`. Each reads every layer twice, for the
categories and for shuffled labels. Documents of four categories drift over the layers; the variances of their
activations fall as 1 / rank. With `--corpus` they are those of MiniLM on its first texts. `--scikit-learn-threads` are
those of scikit-learn's products (ours take one); without it they are as many as the environment allows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.atlas_quality import read
from mri_core.probing.classifier import STRENGTHS, held_out_accuracy
from mri_core.probing.features import Sides, rows
from mri_core.probing.resampling import INNER_FOLDS, Split, splits

ITERATIONS = 300  # of scikit-learn's, where it did not converge before
CATEGORIES = 4
HIDDEN = 512  # directions at most in which activations vary by more than noise
Way = Callable[[Any, Any, np.ndarray, Split, int], float]


class Spent(NamedTuple):
    """Seconds of the processor and of the wall, and the accuracies."""

    processor: float
    wall: float
    accuracies: list[float]


def drifting(documents: int, layers: int, width: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Rows that tell the category better from layer to layer, and the categories."""
    generator = np.random.default_rng(0)
    labels = generator.integers(CATEGORIES, size=documents)
    hidden = min(width, HIDDEN)
    found = []
    for layer in range(1, layers + 1):
        directions = generator.normal(size=(documents, hidden)) / np.sqrt(np.arange(1, hidden + 1))
        directions += 0.3 * layer / layers * generator.normal(size=(CATEGORIES, hidden))[labels] / np.sqrt(hidden)
        activations = directions @ generator.normal(size=(hidden, width))
        found.append((activations + 0.1 * generator.normal(size=activations.shape)).astype(np.float32))
    return found, labels


def of_corpus(choice: argparse.Namespace) -> tuple[list[np.ndarray], np.ndarray]:
    """MiniLM's last layers of a corpus, and the categories."""
    with tempfile.TemporaryDirectory() as folder:
        news = read(choice, Path(folder))
        return [np.array(layer) for layer in news.activations.layers[-choice.layers :]], news.topics


def grid_search(train: Any, test: Any, labels: np.ndarray, split: Split, seed: int) -> float:
    """As `mri probe` read before it had a solver of its own."""
    reader = make_pipeline(_scaler(train), LogisticRegression(max_iter=ITERATIONS))
    grid = {"logisticregression__C": STRENGTHS}
    search = GridSearchCV(reader, grid, scoring="balanced_accuracy", cv=_folds(seed))
    return _read(search, train, test, labels, split)


def cross_validated(train: Any, test: Any, labels: np.ndarray, split: Split, seed: int) -> float:
    """By scikit-learn's own path of strengths, scaled once."""
    path = LogisticRegressionCV(Cs=STRENGTHS, scoring="balanced_accuracy", cv=_folds(seed), max_iter=ITERATIONS)
    return _read(make_pipeline(_scaler(train), path), train, test, labels, split)


def _scaler(train: Any) -> StandardScaler:
    return StandardScaler(with_mean=isinstance(train, np.ndarray))


def _folds(seed: int) -> StratifiedKFold:
    return StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed)


def _read(reader: Any, train: Any, test: Any, labels: np.ndarray, split: Split) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of regressions that did not converge, and of attributes to come
        reader.fit(train, labels[split.train])
    return float(balanced_accuracy_score(labels[split.test], reader.predict(test)))


def readings(layers: list[np.ndarray], labels: np.ndarray, count: int) -> Iterator[tuple[Sides, np.ndarray, Split]]:
    """What `mri probe` reads of full activations: both sides of each split of the categories and of shuffled labels."""
    for own in (labels, np.random.default_rng(0).permutation(labels)):
        for split in splits(own, count, 0):
            for layer in layers:
                yield rows(layer, split), own, split


def spent(way: Way, asked: list[tuple[Sides, np.ndarray, Split]]) -> Spent:
    """What a way takes for all readings."""
    processor, wall = time.process_time(), time.perf_counter()
    accuracies = [way(sides.train, sides.test, labels, split, 0) for sides, labels, split in asked]
    return Spent(time.process_time() - processor, time.perf_counter() - wall, accuracies)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_421)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--scikit-learn-threads", type=int)
    parser.add_argument("--corpus", help="activations of its texts; else simulated ones")
    parser.set_defaults(model="minilm", max_length=64, with_title=False)
    choice = parser.parse_args()
    ways: dict[str, Way] = {"ours": held_out_accuracy, "grid_search": grid_search, "cv": cross_validated}
    known = of_corpus(choice) if choice.corpus else drifting(choice.documents, choice.layers, choice.width)
    asked = list(readings(*known, choice.splits))
    for way in ways.values():  # imports
        way(*asked[0][0], *asked[0][1:], 0)
    with threadpool_limits(choice.scikit_learn_threads, user_api="blas"):
        turns = [{name: spent(way, asked) for name, way in ways.items()} for _ in range(choice.turns)]
    middle = {name: np.median([(turn[name].processor, turn[name].wall) for turn in turns], axis=0) for name in ways}
    result: dict[str, Any] = {"benchmark": "probing", **vars(choice), "readings": len(asked)}
    for name, (processor, wall) in middle.items():
        accuracy = round(float(np.mean(turns[0][name].accuracies)), 4)
        result[name] = {"processor": round(processor, 2), "wall": round(wall, 2), "accuracy": accuracy}
    for name in ("grid_search", "cv"):
        result[f"{name}_ratios"] = [round(turn[name].processor / turn["ours"].processor, 1) for turn in turns]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
