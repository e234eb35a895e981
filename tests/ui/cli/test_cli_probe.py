"""`mri probe`: probed once, kept, told as a table; LLM-MRI's comparison beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mri_core.probing.llm_mri import METRICS
from mri_core.store.store import Store
from tests.command import Mri
from ui.cli import progress
from ui.wording.checks import CONTROL_LABELS

pytestmark = pytest.mark.engine

HOSTILE = "'}) MATCH (n) DETACH DELETE n //"
SPLITS = ("--splits", 2)


def write_given(folder: Path, documents: int, *, texts: bool = True) -> Path:
    """Layer 0 knows nothing of two categories, layer 1 all, along each axis."""
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(2, documents, 3)).astype(np.float32)
    second += 50.0 * (np.arange(documents) % 2)[:, None]
    folder.mkdir()
    for index, layer in enumerate((first, second)):
        np.save(folder / f"L{index}.npy", layer)
    words = ("cats purr", "dogs bark")
    rows = [f"{('b', HOSTILE)[i % 2]},{words[i % 2] if texts else ''},{i // 4}\n" for i in range(documents)]
    (folder / "documents.csv").write_text("label,text,four\n" + "".join(rows))
    return folder


@pytest.fixture(scope="module")
def probed(mri: Mri, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = write_given(tmp_path_factory.mktemp("given") / "probed", 40)
    mri("ingest", "--activations", folder, "--name", "probed", "--atlas", "grid", "--resolution", 2).done()
    yield mri("probe", "probed", *SPLITS, "--json").done().json
    store.delete(store.study("probed"))


def test_what_layers_regions_and_words_tell_is_measured(probed: list[dict[str, Any]]) -> None:
    value = {(m["other"], m["layer"]): m["value"] for m in probed if m["kind"] == "probe"}
    assert set(value) == {*((what, i) for what in ("full", "regions", "control") for i in (0, 1)), ("words", None)}
    assert value["full", 1] == value["regions", 1] == value["words", None] == 1.0
    assert value["full", 0] < 0.8
    assert value["control", 1] < 0.8
    compared = [m for m in probed if m["kind"] == "full_minus_reduced"]
    assert {m["other"] for m in compared} == set(METRICS)
    assert {(m["details"]["full"], m["details"]["seed"], len(m["details"]["per_split"])) for m in compared} == {
        (1.0, 42, 2)
    }


def test_probes_are_kept_in_the_study_and_its_layers(mri: Mri, store: Store, probed: list[dict[str, Any]]) -> None:
    revision = store.study("probed").revision
    assert mri("probe", "probed", "--json").done().json == probed
    assert store.study("probed").revision == revision
    rows = mri("query", "probes", "--study", "probed", "--format", "json").done().json
    assert [(row["layer"], row["regions"], row["words"], row["chance"]) for row in rows][1] == (1, 1.0, 1.0, 0.5)
    layers = mri("query", "layer-measures", "--study", "probed", "--format", "json").done().json
    assert [row["probe_full"] for row in layers] == [row["full"] for row in rows]
    assert mri("probe", "probed", *SPLITS, "--again", "--json").done().json == probed
    assert store.study("probed").revision == revision + 1


def test_the_table_tells_layers_chance_words_and_the_comparison(mri: Mri, probed: list[dict[str, Any]]) -> None:
    shown = mri("probe", "probed").done().out
    assert "chance is 0.500" in shown
    assert "2 splits, each 28 documents to learn from and 12 held out." in shown
    last = next(line.split() for line in shown.splitlines() if line.split()[:1] == ["1"])
    assert last[:5] == ["1", "1.000", "1.000", "to", "1.000"]
    assert "From counts of the words: 1.000" in shown
    assert "balanced_accuracy" in shown


def test_the_help_says_of_which_labels_the_control_is(mri: Mri) -> None:
    told = " ".join(mri("probe", "--help").done().out.split())
    assert f"next to {CONTROL_LABELS['document']} (of tokens: {CONTROL_LABELS['token']})" in told


def test_a_study_without_texts_has_no_words_and_given_activations_no_blocks(
    mri: Mri, store: Store, tmp_path: Path
) -> None:
    folder = write_given(tmp_path / "bare", 20, texts=False)
    mri("ingest", "--activations", folder, "--name", "bare", "--clusters", 2).done()
    assert "words" not in mri("probe", "bare", *SPLITS).done().out
    refused = mri("probe", "bare", "--random-blocks")
    assert (refused.status, "These activations were given" in refused.refusal()) == (2, True)
    np.save(folder / "L1.npy", np.zeros((20, 3), dtype=np.float32))
    refused = mri("probe", "bare", "--again")
    assert (refused.status, "has changed since bare-" in refused.refusal()) == (1, True)
    store.delete(store.study("bare"))


def test_a_log_is_told_how_far_the_probes_are_beside_json_and_quiet_tells_nothing(
    mri: Mri, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    folder = write_given(tmp_path / "progress", 20, texts=False)
    mri("ingest", "--activations", folder, "--name", "progress", "--clusters", 2, "--quiet").done()
    ran = mri("probe", "progress", *SPLITS, "--json").done()
    lines = [line for line in ran.err.splitlines() if line.startswith("probes: ")]
    assert [line.split(",")[0] for line in lines] == [f"probes: {n} of 14 readings" for n in range(1, 15)]
    assert "probes" not in ran.out
    assert mri("probe", "progress", "--json").done().err == ""
    assert mri("probe", "progress", "--again", *SPLITS, "--json", "--quiet").done().err == ""
    store.delete(store.study("progress"))


def test_few_documents_are_refused_by_name(mri: Mri, store: Store, tmp_path: Path) -> None:
    mri("ingest", "--activations", write_given(tmp_path / "few", 9), "--name", "few", "--clusters", 2).done()
    assert f"{HOSTILE} has 4" in mri("probe", "few").refusal()
    mri("ingest", "--activations", write_given(tmp_path / "fine", 10), "--name", "fine", "--clusters", 8).done()
    assert "--clusters is 8, and it is fitted to 7 documents" in mri("probe", "fine").refusal()
    grouped = ("--activations", write_given(tmp_path / "fours", 16), "--group", "four")
    mri("ingest", *grouped, "--name", "fours", "--clusters", 2).done()
    assert f"5 groups of documents of every category. {HOSTILE} has 4." in mri("probe", "fours").refusal()
    for name in ("few", "fine", "fours"):
        store.delete(store.study(name))


def test_random_blocks_are_probed_beside_the_model_and_stay(
    mri: Mri, store: Store, tiny_model: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "c.csv"
    corpus.write_text("text,label\n" + "".join(f"text number {i},{'ab'[i % 2]}\n" for i in range(16)))
    mri("ingest", corpus, "--model", tiny_model, "--name", "blocks", "--clusters", 2).done()
    told = mri("probe", "blocks", "--random-blocks", *SPLITS, "--json").done().json
    value = {(m["other"], m["layer"]): m["value"] for m in told if m["kind"] == "probe"}
    layers = {layer for what, layer in value if what == "random_blocks"}
    assert layers == {0, 1, 2, 3}
    assert value["random_blocks", 0] == value["full", 0]
    assert 0 <= value["embeddings", None] <= 1
    shown = mri("probe", "blocks").done().out
    assert "random blocks" in shown
    assert "From the token embeddings, averaged (the baseline): " in shown
    again = mri("probe", "blocks", *SPLITS, "--again", "--json").done().json
    assert again == told
    store.delete(store.study("blocks"))


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.models import save_tiny

    save: Callable[[str, Path], Path] = save_tiny
    return save("bert", tmp_path_factory.mktemp("tiny") / "bert")
