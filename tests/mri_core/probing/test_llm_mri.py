"""LLM-MRI's comparison, worked out again split by split."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit

from mri_core.errors import MriError
from mri_core.probing.llm_mri import METRICS, READINGS, compare
from mri_core.records.arrays import Activations, AtlasSpec

NAMES = ("a", "b", "c")


def planted() -> tuple[Activations, np.ndarray]:
    """Three categories of different size that differ along two axes of the last layer, less so in the first."""
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 25, 12])
    last = generator.normal(size=(len(labels), 6))
    last[:, :2] += 1.5 * np.array([[0, 0], [1, 0], [0, 1]])[labels]
    first = last + 2 * generator.normal(size=last.shape)
    return Activations((first.astype(np.float32), last.astype(np.float32))), labels


def scored(rows: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """The six metrics from counts of right and wrong answers."""
    mean, spread = rows[train].mean(axis=0), rows[train].std(axis=0)
    model = LogisticRegression(max_iter=1_000).fit((rows[train] - mean) / spread, labels[train])
    table = np.zeros((3, 3))
    np.add.at(table, (labels[test], model.predict((rows[test] - mean) / spread)), 1)
    right, real, told = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    recall, f1 = right / real, 2 * right / (real + told)
    weight = real / real.sum()
    return {
        "f1_macro": f1.mean(),
        "f1_weighted": f1 @ weight,
        "recall_macro": recall.mean(),
        "recall_weighted": recall @ weight,
        "accuracy": right.sum() / real.sum(),
        "balanced_accuracy": recall.mean(),
    }


def reduced(layers: tuple[np.ndarray, ...]) -> np.ndarray:
    """Two principal components of each standardised layer, over all documents."""
    found = []
    for layer in layers:
        rows = layer.astype(float)
        left, sizes, _ = np.linalg.svd((rows - rows.mean(axis=0)) / rows.std(axis=0), full_matrices=False)
        found.append(left[:, :2] * sizes[:2])
    return np.hstack(found)


def test_each_split_is_read_by_both_and_the_difference_is_full_minus_reduced() -> None:
    activations, labels = planted()
    small = reduced(activations.layers)
    splits = StratifiedShuffleSplit(4, test_size=0.3, random_state=42).split(small, labels)
    sides = (activations.layers[-1].astype(float), small)
    pairs = [[scored(rows, labels, *split) for rows in sides] for split in splits]
    steps: list[int] = []
    found = compare(activations, AtlasSpec("grid"), labels, NAMES, 4, advance=lambda: steps.append(1))
    assert {m.other for m in found} == set(METRICS)
    for measure in found:
        full, less = (np.array([pair[side][str(measure.other)] for pair in pairs]) for side in (0, 1))
        assert measure.details["per_split"] == pytest.approx(full - less, abs=1e-9)
        assert measure.value == pytest.approx((full - less).mean())
        assert (measure.details["full"], measure.details["reduced"]) == pytest.approx((full.mean(), less.mean()))
        assert measure.ci_low is not None
        assert measure.ci_low <= measure.value
    assert len(steps) == READINGS


def test_a_category_of_two_documents_is_named() -> None:
    activations, _ = planted()
    labels = (np.arange(77) >= 75).astype(int)
    with pytest.raises(MriError, match="b has 2"):
        compare(activations, AtlasSpec("grid"), labels, ("a", "b"))
