"""Components and the other reducers from given activations to the store: what is kept, refused and warned of."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from ingest.frozen import open_frozen
from mri_core.atlas.fitting import place, scores
from mri_core.records.arrays import Activations
from mri_core.store.store import Store
from tests.command import Mri

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
LABELS = ["a"] * 40 + ["b"] * 37 + ["few"] * 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three layers of 80 documents, the first of them constant; the others turn the same hidden directions."""
    generator = np.random.default_rng(4)
    hidden = generator.normal(size=(80, 4)) * [6, 4, 3, 2]
    for index in range(3):
        rows = hidden @ generator.normal(size=(4, 9)) + 0.3 * generator.normal(size=(80, 9))
        np.save(tmp_path / f"L{index}.npy", (rows if index else np.ones((80, 9))).astype("float32"))
    texts = [" ".join(f"word{k}" for k in range(4) if hidden[i, k] > 4) + f" text {i}" for i in range(80)]
    with (tmp_path / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(texts, LABELS, strict=True)])
    return tmp_path


def activations(folder: Path) -> Activations:
    return Activations(tuple(np.load(folder / f"L{index}.npy") for index in range(3)))


def test_components_are_kept_with_spearmans_rho_and_what_they_lack_is_warned_of(
    folder: Path, mri: Mri, store: Store
) -> None:
    options = ("--atlas", "components", "--components", 3, "--threshold", 0.25)
    told = mri("ingest", "--activations", folder, "--name", "moving", *options, "--json").done().json
    assert (told["regions"], told["layers"]) == (9, 3)
    found = np.stack(scores(open_frozen(store, store.study(told["study"])).atlas, activations(folder)), axis=1)
    expected = {}
    for category in ("a", "b"):
        inside = found[np.array(LABELS) == category]
        for a, b in np.ndindex(3, 3):
            rho = spearmanr(inside[:, 1, a], inside[:, 2, b]).statistic
            if abs(rho) > 0.25:
                expected[f"L1/R{a}", f"L2/R{b}", category] = rho
    rows = mri("query", "components", "--study", "moving", "--format", "json").done().json
    prefix = f"{told['study']}/"
    ends = [tuple(row[end].removeprefix(prefix) for end in ("source", "target")) for row in rows]
    kept = {(*pair, row["category"]): row["rho"] for pair, row in zip(ends, rows, strict=True)}
    assert kept == pytest.approx(expected)
    study = store.study("moving")
    assert (study.atlas, study.reducer, study.resolution, study.connections) == ("components", "pca", None, len(kept))
    assert json.loads(study.parameters)["threshold"] == 0.25
    warnings = json.loads(study.report)["warnings"]
    assert [line for line in warnings if "few has 3 documents" in line]
    assert [line for line in warnings if "layer 0 (L0)" in line and "constant over a, b: 3" in line]
    shown = mri("show", "moving", "--full").done().out
    assert "described by 9 components" in shown
    assert "few has 3 documents" in shown


@pytest.mark.parametrize("reducer", ["svd", pytest.param("umap", marks=pytest.mark.slow)])  # waits for UMAP's compiler
def test_a_grid_of_another_reducer_is_kept_and_places_its_documents_again(
    reducer: str, folder: Path, mri: Mri, store: Store
) -> None:
    if reducer == "umap":
        pytest.importorskip("umap")
    options = ("--atlas", "grid", "--resolution", 4, "--reducer", reducer)
    told = mri("ingest", "--activations", folder, "--name", "grid", *options, "--json").done().json
    codes = place(open_frozen(store, store.study(told["study"])).atlas, activations(folder))
    names = store.read(
        "MATCH (d:Document {study: $s})-[p:PASSES]->(r:Region) RETURN d.ordinal, p.layer, r.name", {"s": told["study"]}
    )
    assert {(d, layer): name for d, layer, name in names.rows} == {
        (d, layer): f"{code // 4}-{code % 4}" for (d, layer), code in np.ndenumerate(codes)
    }
    assert store.study("grid").reducer == reducer
    warnings = json.loads(store.study("grid").report)["warnings"]
    assert [line for line in warnings if "the same in layer 0 (L0)" in line]
    assert [line for line in warnings if "'few' (3)" in line]
    layers = mri("query", "layers", "--study", "grid", "--format", "json").done().json
    explained = [row["explained_variance"] for row in layers]
    assert (None in explained) == (reducer == "umap")
    again = mri("ingest", "--activations", folder, "--name", "grid", *options, "--json").done().json
    assert again["status"] == "unchanged"


@pytest.mark.parametrize(
    ("count", "told"),
    [(81, "81, and it is fitted to 80 documents"), (10, "layer 0 is 9 wide"), (0, "--components is 0")],
)
def test_components_that_cannot_be_are_refused_in_one_line(count: int, told: str, folder: Path, mri: Mri) -> None:
    refused = mri("ingest", "--activations", folder, "--name", "x", "--atlas", "components", "--components", count)
    assert refused.status == 2
    assert told in refused.refusal()
