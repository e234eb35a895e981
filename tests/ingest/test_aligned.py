"""`--align`: another model's activations rotated onto those of the atlas' study, from the command to the report."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ortho_group

from mri_core.records.measures import ALIGNMENT, ATLAS_FIT
from mri_core.store.store import Store
from tests.command import Mri, Result

pytestmark = pytest.mark.engine

DOCUMENTS, WIDTH, LAYERS = 240, 10, 3
DEMO = Path(str(files("ingest") / "demo.csv"))
Given = Callable[..., Path]


@pytest.fixture
def alone(mri: Mri, tmp_path: Path, tidy: None) -> Mri:
    return replace(mri, cache=tmp_path / "cache")


def groups_of_rows(seed: int = 0) -> list[np.ndarray]:
    """Three layers of documents in six groups, apart from one another."""
    generator = np.random.default_rng(seed)
    which = generator.integers(0, 6, DOCUMENTS)
    return [
        generator.normal(scale=4, size=(6, WIDTH))[which] + generator.normal(size=(DOCUMENTS, WIDTH))
        for _ in range(LAYERS)
    ]


def turned(rows: np.ndarray, seed: int) -> np.ndarray:
    """Rotated at random and shifted."""
    shift = np.random.default_rng(seed).normal(scale=5, size=WIDTH)
    return rows @ ortho_group.rvs(WIDTH, random_state=seed) + shift


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Writes given activations of the same documents: labels by turns, and texts."""

    def write(name: str, layers: list[np.ndarray], first: str = "text 0") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for index, rows in enumerate(layers):
            np.save(folder / f"L{index}.npy", rows.astype("float32"))
        with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
            texts = [first, *(f"text {i}" for i in range(1, DOCUMENTS))]
            csv.writer(file).writerows([("label", "text"), *((("a", "b", "c")[i % 3], t) for i, t in enumerate(texts))])
        return folder

    return write


def ingest(mri: Mri, name: str, folder: Path, *options: object) -> Result:
    return mri("ingest", "--activations", folder, "--name", name, "--json", *options)


def regions_of(store: Store, name: str) -> dict[tuple[int, int], str]:
    """The region of each document in each layer."""
    found = store.read(
        "MATCH (s:Study {name: $name})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document) "
        "RETURN d.ordinal, r.layer, r.name",
        {"name": name},
    )
    return {(ordinal, layer): region for ordinal, layer, region in found.rows}


def alike(store: Store, name: str, other: str) -> float:
    own, others = regions_of(store, name), regions_of(store, other)
    assert own.keys() == others.keys()
    return float(np.mean([own[place] == others[place] for place in own]))


def test_rotated_and_shifted_activations_are_placed_as_the_study_s_own_once_they_are_aligned(
    alone: Mri, store: Store, given: Given
) -> None:
    rows = groups_of_rows()
    ingest(alone, "base", given("base", rows)).done()
    folder = given("turned", [turned(own, seed) for seed, own in enumerate(rows)])
    plain = ingest(alone, "plain", folder, "--atlas-of", "base").done().json
    aligned = ingest(alone, "aligned", folder, "--atlas-of", "base", "--align").done().json
    assert alike(store, "plain", "base") < 0.5
    assert alike(store, "aligned", "base") > 0.99
    measures = store.measures(store.study("aligned"), [ALIGNMENT])
    assert [measure.layer for measure in measures] == list(range(LAYERS))
    for measure in measures:
        assert measure.value is not None
        assert measure.value > 0.99
        assert measure.details["unaligned"] < 0.5
        assert measure.details["residual"] < 1e-6 < measure.details["residual_unaligned"]
        assert (measure.details["fitted"], measure.details["judged"]) == (DOCUMENTS // 2, DOCUMENTS // 2)
    assert store.measures(store.study("plain"), [ALIGNMENT]) == []
    assert not any(measure.details["misfit"] for measure in store.measures(store.study("aligned"), [ATLAS_FIT]))
    assert plain["study"].removeprefix("plain") != aligned["study"].removeprefix("aligned")


def test_noise_is_not_placed_as_the_study_s_own_by_the_documents_that_judge(
    alone: Mri, store: Store, given: Given
) -> None:
    ingest(alone, "base", given("base", groups_of_rows())).done()
    noise = np.random.default_rng(9).normal(scale=4, size=(LAYERS, DOCUMENTS, WIDTH))
    ingest(alone, "noise", given("noise", list(noise)), "--atlas-of", "base", "--align").done()
    for measure in store.measures(store.study("noise"), [ALIGNMENT]):
        assert measure.value is not None
        assert measure.value < 0.4
        assert measure.details["residual"] > 0.5


def test_wherever_the_atlas_is_named_it_is_said_whether_the_study_is_aligned_with_it(
    alone: Mri, store: Store, given: Given
) -> None:
    ingest(alone, "base", given("base", groups_of_rows())).done()
    folder = given("turned", [turned(own, seed) for seed, own in enumerate(groups_of_rows())])
    for name, options in (("plain", ()), ("aligned", ("--align",))):
        ingest(alone, name, folder, "--atlas-of", "base", *options).done()
        report = json.loads(store.study(name).report)
        assert report["atlas_of"]["aligned"] is (name == "aligned")
        for shown in (alone("show", name).done().out, alone("show", name, "--full").done().out):
            words = " ".join(shown.split())
            assert "of the atlas of base" in words
            assert ("of the atlas of base, aligned with it" in words) is (name == "aligned")
        assert ("Aligned with base: each layer is rotated as fits 120" in words) is (name == "aligned")
    assert "atlas of" not in alone("show", "base").done().out


def test_the_same_ingest_again_changes_nothing_and_another_seed_is_another_study(alone: Mri, given: Given) -> None:
    base = given("base", groups_of_rows())
    ingest(alone, "base", base).done()
    folder = given("other", groups_of_rows(1))
    first = ingest(alone, "one", folder, "--atlas-of", "base", "--align").done().json
    shutil.move(base, base.with_name("away"))  # a ready study needs no rows again
    again = ingest(alone, "one", folder, "--atlas-of", "base", "--align").done().json
    assert (again["study"], again["status"]) == (first["study"], "unchanged")
    shutil.move(base.with_name("away"), base)
    assert "seed" in ingest(alone, "one", folder, "--atlas-of", "base", "--align", "--seed", 1).refusal()


def test_other_documents_are_refused_and_so_is_an_atlas_that_was_not_fitted_to_its_study_s_rows(
    alone: Mri, given: Given
) -> None:
    rows = groups_of_rows()
    ingest(alone, "base", given("base", rows)).done()
    other = ingest(
        alone, "other", given("other", rows, first="another text"), "--atlas-of", "base", "--align"
    ).refusal()
    assert "An alignment is fitted to the same documents" in other
    assert "of base in texts, labels" in other
    folder = given("same", [turned(own, 1) for own in rows])
    ingest(alone, "placed", folder, "--atlas-of", "base").done()
    ingest(alone, "aligned", folder, "--atlas-of", "base", "--align").done()
    assert "Give --atlas-of base-" in ingest(alone, "x", folder, "--atlas-of", "placed", "--align").refusal()
    assert "rotation is not stored" in ingest(alone, "x", folder, "--atlas-of", "aligned").refusal()
    held_out = alone("ingest", DEMO, "--name", "x", "--atlas-of", "base", "--align", "--holdout", 0.5).refusal()
    assert "Leave --holdout out" in held_out
    assert "Name it with --atlas-of" in ingest(alone, "x", folder, "--align").refusal()


@pytest.mark.slow
@pytest.mark.model
def test_an_adapter_is_placed_in_its_base_s_atlas_as_it_is_or_aligned(
    alone: Mri, store: Store, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    from ingest.studies.later_texts import open_later
    from mri_core.errors import UsageError
    from tests.ingest.model.test_adapter import save_lora

    adapter = save_lora(tiny("llama"), tmp_path / "adapter")
    options = ("--limit", 60, "--max-length", 24)
    base = alone("ingest", DEMO, "--name", "base", "--model", tiny("llama"), *options, "--json").done().json
    own = ("--model", adapter, "--atlas-of", "base", *options, "--json")
    alone("ingest", DEMO, "--name", "tuned", *own).done()
    alone("ingest", DEMO, "--name", "tuned-aligned", *own, "--align").done()
    tuned, aligned = store.study("tuned"), store.study("tuned-aligned")
    assert (tuned.model, tuned.atlas_of) == ("adapter", base["study"])
    assert tuned.model_revision == aligned.model_revision != store.study("base").model_revision
    measures = store.measures(aligned, [ALIGNMENT])
    assert [measure.layer for measure in measures] == [0, 1, 2, 3]
    assert measures[0].value == measures[0].details["unaligned"] == 1  # the embedding, which the adapter leaves
    for measure in measures[1:]:
        assert measure.details["residual"] < measure.details["residual_unaligned"]
    assert alone("probe", "tuned-aligned").done()  # whose rows are read again
    with pytest.raises(UsageError, match="rotation is not stored"):
        open_later(store, aligned)
