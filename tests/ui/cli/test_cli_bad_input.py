"""Bad input through the real command: one line that says what, why and what to do; nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.command import Mri
from tests.models import save_tiny
from tests.planted import planted_graph

CSV = "text,label\none,a\ntwo,b\nthree,a\nfour,b\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Mri]:
    """The command line where there is no store and no cache yet."""
    yield Mri(tmp_path / "mri-store", tmp_path / "cache")
    lifecycle.stop(tmp_path / "mri-store")


class Case(NamedTuple):
    """A corpus file's name and content, the options beside it, and what the one line must tell."""

    status: int
    file: str
    content: str | bytes | None
    options: tuple[object, ...]
    facts: tuple[str, ...]


BAD = {
    "no such file": Case(1, "missing.csv", None, (), ("missing.csv",)),
    "no such folder": Case(1, "missing/", None, (), ("missing",)),
    "empty file": Case(1, "c.csv", "", (), ("c.csv",)),
    "header only": Case(1, "c.csv", "text,label\n", (), ("has no rows",)),
    "no such column": Case(2, "c.csv", CSV, ("--text", "body"), ("body", "text, label")),
    "no text column": Case(1, "c.csv", "a,label\nx,y\n", (), ("a, label", "--text")),
    "no label column": Case(1, "c.csv", "text,b\nx,y\n", (), ("text, b", "--label")),
    "one category": Case(1, "c.csv", "text,label\none,a\ntwo,a\n", (), ("at least two categories", "'a'", "--label")),
    "one category kept": Case(1, "c.csv", CSV, ("--categories", "a"), ("at least two categories",)),
    "unknown category": Case(2, "c.csv", CSV, ("--categories", "a,z"), ("'z'", "a, b")),
    "line break among categories": Case(2, "c.csv", CSV, ("--categories", "a,b\rc"), ("double quotes", r"a,b\rc")),
    "all texts empty": Case(1, "c.csv", "text,label\n,a\n  ,b\n", (), ("All 2 texts of c.csv are empty",)),
    "bad encoding": Case(1, "c.csv", CSV.encode() + b"caf\xe9,a\n", (), ("line 6", "UTF-8")),
    "broken jsonl": Case(1, "c.jsonl", '{"text": "x", "label": "a"}\n{"text": \n', (), ("Line 2 of c.jsonl",)),
    "nul byte": Case(1, "c.csv", CSV + "a\0b,a\n", (), ("NUL", "line 6")),
    "duplicate ids": Case(1, "c.csv", "id,text,label\n7,x,a\n8,y,b\n7,z,b\n", (), ("'7'", "line 2", "line 4", "--id")),
    "long label": Case(1, "c.csv", f"text,label\nx,{'l' * 201}\ny,b\n", (), ("1 to 200 characters", "line 2", "201")),
    "resolution 0": Case(2, "c.csv", CSV, ("--atlas", "grid", "--resolution", 0), ("--resolution is 0",)),
    "unknown reducer": Case(2, "c.csv", CSV, ("--atlas", "grid", "--reducer", "tsne"), ("'tsne'", "pca")),
    "unknown atlas": Case(2, "c.csv", CSV, ("--atlas", "globe"), ("'globe'", "clusters, components, grid")),
    "unknown pooling": Case(2, "c.csv", CSV, ("--pooling", "max"), ("max", "mean-all")),
    "more clusters than documents": Case(2, "c.csv", CSV, ("--clusters", 5), ("--clusters is 5", "4 documents")),
    "no clusters": Case(2, "c.csv", CSV, ("--clusters", 0), ("at least one cluster",)),
    "clusters in words": Case(2, "c.csv", CSV, ("--clusters", "many"), ("'auto' or a whole number", "'many'")),
    "limit 0": Case(2, "c.csv", CSV, ("--limit", 0), ("limit", "0")),
    "limit in words": Case(2, "c.csv", CSV, ("--limit", "few"), ("--limit", "'few'")),
    "negative seed": Case(2, "c.csv", CSV, ("--seed", -1), ("seed", "-1")),
    "length 0": Case(2, "c.csv", CSV, ("--max-length", 0), ("--max-length is 0",)),
    "text is label": Case(2, "c.csv", CSV, ("--text", "label"), ("'label'",)),
    "no such model folder": Case(1, "c.csv", CSV, ("--model", "./nowhere"), ("./nowhere",)),
    "no such gguf": Case(1, "c.csv", CSV, ("--model", "nowhere.gguf"), ("nowhere.gguf",)),
    "another kind of file": Case(1, "c.csv", CSV, ("--model", "./c.csv"), ("another kind of file",)),
    "no model's name": Case(1, "c.csv", CSV, ("--model", "not a model"), ("'not a model'", "minilm")),
    "revision of an alias": Case(2, "c.csv", CSV, ("--revision", "v1"), ("'minilm'",)),
    "unknown option": Case(2, "c.csv", CSV, ("--modell", "x"), ("--modell", "--model")),
    "two sources": Case(2, "c.csv", CSV, ("--activations", "."), ("Both were given",)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(name: str, place: Path, fresh: Mri) -> None:
    case = BAD[name]
    if case.content is not None:
        content = case.content.encode() if isinstance(case.content, str) else case.content
        (place / case.file).write_bytes(content)
    result = fresh("ingest", case.file, "--name", "bad", *case.options, HF_HUB_OFFLINE="1")
    line = result.refusal()
    assert result.status == case.status, line
    for fact in case.facts:
        assert fact in line
    assert result.out == ""
    assert not fresh.store.exists()
    assert not fresh.cache.exists()


@pytest.mark.parametrize("study", ["", "two words", "a/b", "x" * 101, "naïve", "a\nb"])
def test_a_study_s_name_has_its_limits(study: str, place: Path, fresh: Mri) -> None:
    (place / "c.csv").write_text(CSV)
    result = fresh("ingest", "c.csv", "--name", study)
    assert result.status == 2
    assert "1 to 100 letters" in result.refusal()
    assert not fresh.store.exists()


def test_a_name_is_required_and_so_is_something_to_scan(place: Path, fresh: Mri) -> None:
    (place / "c.csv").write_text(CSV)
    unnamed, nothing = fresh("ingest", "c.csv"), fresh("ingest", "--name", "x")
    assert (unnamed.status, nothing.status) == (2, 2)
    assert "--name" in unnamed.refusal()
    assert "Neither was given" in nothing.refusal()


@pytest.mark.model  # Transformers is asked for it
@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_model_that_is_not_there_is_refused_on_and_off_line(offline: str, place: Path, fresh: Mri) -> None:
    (place / "c.csv").write_text(CSV)
    environment = {"HF_HUB_OFFLINE": offline, "HF_HOME": str(place / "hf"), "HF_ENDPOINT": "http://127.0.0.1:9"}
    code = f"import os, sys; os.environ.update({environment!r}); from ui.cli.main import main; main(sys.argv[1:])"
    arguments = ("ingest", "c.csv", "--name", "x", "--model", "nobody/nothing")
    result = fresh.child(*arguments, python=("-c", code), cwd=place)
    assert result.status == 1
    line = result.refusal()
    assert "nobody/nothing" in line
    assert "cannot be reached" in line
    assert "minilm" in line
    assert not fresh.store.exists()


def test_a_model_with_broken_files_is_one_line_and_no_study(place: Path, mri: Mri, tmp_path: Path, tidy: None) -> None:
    (place / "c.csv").write_text(CSV)
    model = save_tiny("gpt2", tmp_path / "model")
    (weights,) = model.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])
    result = mri("ingest", "c.csv", "--name", "broken", "--model", model)
    assert result.status == 1
    result.refusal()
    assert mri("show", "broken").status == 2


# --- rows that are left out, told and counted


def test_rows_without_text_or_label_are_skipped_counted_and_told(place: Path, mri: Mri, tidy: None) -> None:
    rows = "".join(f"the {word} {i},{label}\n" for i, (word, label) in enumerate([("cat", "a"), ("dog", "b")] * 5))
    (place / "c.csv").write_text(f"text,label\n{rows},a\n  ,b\nlost,\n")
    result = mri("ingest", "c.csv", "--name", "gaps", "--model", save_tiny("gpt2", place / "m")).done()
    assert "Left out: 2 rows without text." in result.err.splitlines()
    assert "Left out: 1 row without a label." in result.err.splitlines()
    assert "text from 'text', label from 'label'" in result.err
    study = mri("show", "gaps", "--json").done().json["study"]
    assert study["documents"] == 10
    assert study["report"]["skipped"]["without_text"] == 2
    assert study["report"]["skipped"]["without_label"] == 1
    words = mri("show", "gaps", "--full").done().out
    assert "Rows without text: 2." in words
    assert "Rows without a label: 1." in words


def test_a_category_of_one_document_is_warned_of(place: Path, mri: Mri, tidy: None) -> None:
    (place / "c.csv").write_text(f"{CSV}five,lonely\n")
    result = mri("ingest", "c.csv", "--name", "single", "--model", save_tiny("gpt2", place / "m")).done()
    assert "'lonely'" in result.err
    assert "'lonely'" in mri("show", "single", "--full").done().out
    assert mri("show", "single", "--json").done().json["study"]["report"]["warnings"]


# --- given activations


def _given(folder: Path, layers: dict[str, np.ndarray], documents: str | None = "label\na\nb\na\nb\n") -> None:
    for name, rows in layers.items():
        np.save(folder / name, rows)
    if documents is not None:
        (folder / "documents.csv").write_text(documents)


def _with(value: float) -> np.ndarray:
    rows = np.ones((4, 3), dtype="float32")
    rows[2, 1] = value
    return rows


GOOD = np.arange(12, dtype="float32").reshape(4, 3)
GIVEN = {
    "NaN": ({"L0": GOOD, "L1": _with(np.nan)}, ("L1.npy", "nan", "row 2")),
    "infinity": ({"L0": GOOD, "L1": _with(np.inf)}, ("L1.npy", "inf", "row 2")),
    "integers": ({"L0": GOOD, "L1": GOOD.astype(int)}, ("L1.npy", "int64", "float16 or float32")),
    "other rows": ({"L0": GOOD, "L1": GOOD[:3]}, ("L1.npy", "3", "documents.csv")),
    "one layer": ({"L0": GOOD}, ("at least two layers",)),
    "a gap": ({"L0": GOOD, "L2": GOOD}, ("L1.npy is missing",)),
    "nothing": ({}, ("at least two layers",)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_given_activations_that_cannot_be_used_are_refused_by_name(name: str, place: Path, fresh: Mri) -> None:
    layers, facts = GIVEN[name]
    _given(place, layers)
    result = fresh("ingest", "--activations", place, "--name", "given")
    assert result.status == 1
    assert all(fact in result.refusal() for fact in facts), result.err
    assert not fresh.store.exists()


def test_given_activations_need_their_folder_and_documents_and_are_scanned_whole(place: Path, fresh: Mri) -> None:
    missing = fresh("ingest", "--activations", "nowhere", "--name", "given")
    _given(place, {"L0": GOOD, "L1": GOOD}, documents=None)
    undocumented = fresh("ingest", "--activations", ".", "--name", "given")
    assert (missing.status, undocumented.status) == (1, 1)
    assert "nowhere" in missing.refusal()
    assert "documents.csv or documents.jsonl" in undocumented.refusal()
    _given(place, {})
    part = fresh("ingest", "--activations", ".", "--name", "given", "--limit", 2)
    assert part.status == 2
    assert "--limit" in part.refusal()


# --- stores and studies


@pytest.mark.parametrize("command", [("studies",), ("show", "x"), ("query", "layers", "--study", "x"), ("delete", "x")])
def test_reading_where_there_is_no_store_says_so_and_makes_none(
    command: tuple[str, ...], place: Path, fresh: Mri
) -> None:
    result = fresh(*command)
    assert result.status == 1
    assert "mri demo" in result.refusal()
    assert not fresh.store.exists()


@pytest.mark.parametrize(
    "make", [lambda path: path.write_text("x"), lambda path: (path / "photos").mkdir(parents=True)]
)
def test_what_is_no_store_is_left_alone(make: Callable[[Path], object], place: Path, fresh: Mri) -> None:
    make(fresh.store)
    (place / "c.csv").write_text(CSV)
    for arguments in (("ingest", "c.csv", "--name", "x"), ("studies",)):
        result = fresh(*arguments)
        assert result.status == 1
        assert "--store" in result.refusal()
    assert fresh.store.is_file() or [path.name for path in fresh.store.iterdir()] == ["photos"]


def test_the_default_store_is_a_folder_beside_where_one_works(place: Path, fresh: Mri) -> None:
    assert "mri-store" in fresh("studies", MRI_STORE="").refusal()
    url = fresh("studies", "--store", "http://somewhere:7474")
    assert url.status == 2
    assert "begins with http://" in url.refusal()


def test_a_study_that_is_not_there_is_told_with_near_names(mri: Mri, store: Store, tidy: None) -> None:
    store.write(planted_graph("giraffes", seed=91))
    for command in (("show", "girafes"), ("delete", "girafes", "--yes"), ("query", "layers", "--study", "girafes")):
        result = mri(*command)
        assert result.status == 2
        assert "Near names: giraffes" in result.refusal()
    mri("query", "layers", "--study", "giraffes").done()


def test_an_unknown_command_lists_those_there_are(fresh: Mri) -> None:
    result = fresh("scan")
    assert result.status == 2
    assert "ingest" in result.refusal()


def test_a_fault_of_ours_is_one_line_too(place: Path, fresh: Mri, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(lifecycle, "status", fault)
    result = fresh("store", "status")
    assert result.status == 1
    assert result.err.startswith("mri: This is a fault of LLM-MRI Graph: ZeroDivisionError: two lines.")
    assert result.err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        fresh("store", "status", MRI_DEBUG="1")
