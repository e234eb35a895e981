"""The Python of docs/comparison.md, run as it stands, on what LLM-MRI leaves behind."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import numpy as np
import pytest

from mri_core.store.store import Store
from tests.command import Mri
from tests.models import save_tiny
from tests.shared import shared

pytestmark = pytest.mark.engine

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"


def labelled(texts: list[str], labels: list[int], names: list[str]) -> datasets.Dataset:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)})
    return datasets.Dataset.from_dict({"text": texts, "label": labels}, features=features)


def animals() -> SimpleNamespace:
    """`ActivationAreas` after `process_activation_areas()`, as far as its data go."""
    folder = shared("peer", "llm-mri-0.2.1", "animals")
    rows = [json.loads(line) for line in (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    names = list(dict.fromkeys(row["class"] for row in rows))
    dataset = labelled([row["text"] for row in rows], [row["label"] for row in rows], names)
    dataset = dataset.with_format("torch", columns=["label"])
    states = {f"hidden_state_{i}": np.load(folder / f"hidden_state_{i}.npy").tolist() for i in range(7)}
    kept = datasets.Dataset.from_dict(states).with_format("torch")
    return SimpleNamespace(hidden_states_dataset=kept, num_layers=7, dataset=dataset, class_names=names)


@pytest.fixture(scope="module")
def names(store: Store, mri: Mri, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's Python has defined in the end."""
    folder = tmp_path_factory.mktemp("comparison")
    model = save_tiny("bert", folder / "model")
    found: dict[str, Any] = {
        "areas": animals(),
        "dataset": labelled([f"text number {i}" for i in range(24)], [i % 2 for i in range(24)], ["cat", "dog"]),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MRI_STORE", str(mri.store))
        patch.setenv("MRI_CACHE", str(mri.cache))
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
            exec(block.replace('"minilm"', repr(str(model))), found)
    return found


def test_hidden_states_carried_over_give_the_connections_of_llm_mri(names: dict[str, Any]) -> None:
    with shared("peer", "llm-mri-0.2.1", "animals", "pca2_edges_Bird.csv").open() as lines:
        theirs = {(row["source"], row["target"]): int(float(row["weight"])) for row in csv.DictReader(lines)}
    ours = {}
    for ends, weight in names["weights"].items():
        ours[tuple(re.sub(r".*/L(\d+)/R(\d+)-(\d+)", r"\1_\2_\3", end) for end in ends)] = weight
    before_last = {pair: weight for pair, weight in theirs.items() if not pair[0].startswith("5_")}
    assert {pair: ours.get(pair) for pair in before_last} == before_last
    assert sum(ours.values()) == sum(theirs.values())


def test_a_dataset_is_read_with_the_names_of_its_labels(names: dict[str, Any], store: Store) -> None:
    for name, pooling in (("mine", "mean"), ("as-before", "first")):
        study = store.study(name)
        assert (study.documents, study.categories, study.pooling, study.atlas) == (24, 2, pooling, "grid")
    assert "length_adjust" in store.study("as-before").parameters
