"""LLM-MRI's probing comparison on the animals corpus, like for like.

Its numbers hold noise. Position 0 of every text is the same token, so layer 0 is the same row for all documents; what
its reduction gives of that layer is rounding (spread 1e-12, another on every machine), which a scaler blows up to unit
variance: 2 of its 14, or 20 of its 140 columns are noise, and the regression learns from them. With noise drawn in
their place we get what it gets; without it the reduced layers tell more, and the difference is smaller.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from mri_core.probing.llm_mri import METRICS, compare
from mri_core.records.arrays import Activations, AtlasSpec
from tests.shared import shared

DRAWS = 5
NEAR = 0.05  # of a mean over draws, each of 5 splits with 49 documents held out: 2.5 documents
SPECS = {
    "pca2": (2, AtlasSpec("grid", standardize=False)),
    "pca20": (20, AtlasSpec("components", components=20, standardize=False)),
}


@pytest.fixture(scope="module")
def animals() -> tuple[list[np.ndarray], np.ndarray, dict[str, dict[str, dict[str, float]]]]:
    folder = shared("peer", "llm-mri-0.2.1", "animals")
    layers = [np.load(folder / f"hidden_state_{i}.npy") for i in range(7)]
    lines = (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    golden = json.loads((folder / "evaluation.json").read_text())
    deltas = {name: golden[name]["default"]["delta"] for name in SPECS}
    return layers, np.array([json.loads(line)["label"] for line in lines]), deltas


def differences(layers: list[np.ndarray], spec: AtlasSpec, labels: np.ndarray) -> dict[str | None, float]:
    found = compare(Activations(tuple(layers)), spec, labels, ["a", "b", "c", "d", "e"])
    return {m.other: m.value for m in found if m.value is not None}


@pytest.mark.parametrize("name", SPECS)
def test_with_noise_for_its_first_layer_the_differences_are_those_of_llm_mri(animals, name: str) -> None:
    (layers, labels, golden), (columns, spec) = animals, SPECS[name]
    generator = np.random.default_rng(0)
    noisy = [
        differences([generator.normal(size=(len(labels), columns)), *layers[1:]], spec, labels) for _ in range(DRAWS)
    ]
    for metric in METRICS:
        assert np.mean([found[metric] for found in noisy]) == pytest.approx(golden[name][metric]["mean"], abs=NEAR)


@pytest.mark.parametrize("name", SPECS)
def test_without_noise_the_reduced_layers_tell_more_than_llm_mri_says(animals, name: str) -> None:
    (layers, labels, golden), (_, spec) = animals, SPECS[name]
    found = differences(layers, spec, labels)
    assert set(found) == set(METRICS)
    for metric in METRICS:
        assert 0 < found[metric] < golden[name][metric]["mean"]
