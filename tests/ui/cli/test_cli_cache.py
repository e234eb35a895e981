"""`mri cache`: what it lists of activations that were kept, and what `clear` frees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.cache.cached import cached
from ingest.corpus.corpus import open_corpus
from ingest.extract.records import Conditions, OpenRows, TokenFacts
from tests.command import Mri
from tests.ui.cli.test_cli_interrupt import on_a_terminal

pytestmark = pytest.mark.engine

DOCUMENTS, WIDTH = 40, 1_000
ABOUT = {"model": "minilm", "site": "mlp", "pooling": "mean", "dtype": "float32", "corpus": "c.csv"}
HOLDING = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def mine(mri: Mri, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mri:
    """The command line on a cache of its own."""
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    return replace(mri, cache=tmp_path / "cache")


def scan(folder: Path, name: str, batches: int = 4) -> None:
    """A scan of forty documents in four batches, interrupted after some."""
    path = folder / f"{name}.csv"
    path.write_text("text,label\n" + "".join(f"{name} {i},{'ab'[i % 2]}\n" for i in range(DOCUMENTS)))

    def make(open_rows: OpenRows) -> Conditions:
        with open_rows((WIDTH, WIDTH)) as rows:
            for start in range(0, 10 * batches, 10):
                zeros = np.zeros(10, dtype=int)
                facts = TokenFacts(zeros, zeros, zeros, np.zeros((10, 2), dtype=int), zeros)
                rows.write(range(start, start + 10), [np.ones((10, WIDTH), dtype="float32")] * 2, facts)
        if batches < 4:
            raise KeyboardInterrupt
        return Conditions(64)

    try:
        cached({"name": name}, open_corpus(path), make, about={**ABOUT, "model": name}, note=print)
    except KeyboardInterrupt:
        assert batches < 4


def listed(mri: Mri) -> dict[str, dict[str, Any]]:
    return {entry["model"]: entry for entry in mri("cache", "--json").done().json["entries"]}


def test_an_empty_cache_is_told(mine: Mri) -> None:
    assert f"Activations: 0 B, in {mine.cache}" in mine("cache").done().out
    assert mine("cache", "--json").done().json == {"folder": str(mine.cache), "entries": []}
    assert mine("cache", "clear", "--yes").done().out == "There is nothing to free.\n"
    assert not mine.cache.exists()


def test_entries_are_listed_with_what_they_are_of_and_how_far_they_are(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "whole")
    scan(tmp_path, "part", batches=3)
    found = listed(mine)
    assert {name: found["whole"][name] for name in ABOUT} == {**ABOUT, "model": "whole"}
    whole, part = found["whole"], found["part"]
    assert (whole["documents"], whole["done"], whole["state"]) == (40, 40, "complete")
    assert (part["documents"], part["done"], part["state"]) == (40, 30, "unfinished")
    rows = DOCUMENTS * WIDTH * 4 * 2
    assert rows < whole["bytes"] < 1.3 * rows
    assert whole["used"] <= part["used"]
    shown = mine("cache").done().out
    assert "unfinished: 30 of 40" in shown
    assert whole["entry"] in shown


def test_the_last_used_comes_first(mine: Mri, tmp_path: Path) -> None:
    for name in ("first", "second", "first"):
        scan(tmp_path, name)
    assert list(listed(mine)) == ["first", "second"]


def test_clearing_frees_what_was_named_and_tells_how_much(mine: Mri, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        scan(tmp_path, name)
    entry = listed(mine)["two"]["entry"]
    assert mine("cache", "clear", entry, "--yes").done().out.startswith("Freed 3")
    assert set(listed(mine)) == {"one", "three"}
    assert "Freed" in mine("cache", "clear", "--yes").done().out
    assert listed(mine) == {}
    assert list((mine.cache / "activations").rglob("*.npy")) == []


def test_clearing_what_is_unfinished_leaves_the_rest(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "whole")
    scan(tmp_path, "part", batches=1)
    assert "1 entry" in mine("cache", "clear", "--unfinished", "--yes").done().out
    assert set(listed(mine)) == {"whole"}


def test_atlases_that_an_earlier_version_cached_are_freed_with_everything(mine: Mri) -> None:
    (mine.cache / "atlases").mkdir(parents=True)
    (mine.cache / "atlases" / "study.npz").write_bytes(bytes(5_000))
    assert mine("cache", "clear", "--unfinished", "--yes").done().out == "There is nothing to free.\n"
    assert mine("cache", "clear", "--yes").done().out.startswith("Freed 5.0 kB: 1 atlas of an earlier")
    assert not (mine.cache / "atlases" / "study.npz").exists()


def test_clearing_all_frees_the_labels_of_scanned_corpora_too(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "labelled")
    labels = mine.cache / "documents" / "study-00000000.npz"
    labels.parent.mkdir()
    labels.write_bytes(b"0" * 10)
    (entry,) = mine("cache", "--json").done().json["entries"]
    mine("cache", "clear", entry["entry"], "--yes").done()
    assert labels.exists()
    assert mine("cache", "clear", "--yes").done().out == "Freed 10 B: 0 entries and the labels of 1 study.\n"
    assert not labels.exists()


def test_an_unknown_entry_is_refused_with_those_there_are(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "one")
    refused = mine("cache", "clear", "nothing", "--yes")
    assert refused.status == 2
    assert "mri cache" in refused.refusal()
    assert set(listed(mine)) == {"one"}


def test_clearing_is_confirmed(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "one")
    refused = mine.child("cache", "clear")
    assert refused.status == 2
    assert "Add --yes" in refused.refusal()
    status, seen = on_a_terminal(mine, "cache", "clear", typed="n\n")
    assert status == 0
    assert "1 entry?" in seen
    assert "Nothing was freed." in seen
    assert set(listed(mine)) == {"one"}
    status, seen = on_a_terminal(mine, "cache", "clear", typed="y\n")
    assert status == 0
    assert listed(mine) == {}


@pytest.fixture
def held() -> Iterator[Callable[[Path], None]]:
    """Has another process hold a lock."""
    holders = []

    def hold(lock: Path) -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDING, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

    yield hold
    for holder in holders:
        holder.communicate()


def test_what_a_run_is_writing_stays(mine: Mri, tmp_path: Path, held: Callable[[Path], None]) -> None:
    scan(tmp_path, "busy", batches=2)
    (lock,) = (mine.cache / "activations" / ".locks").iterdir()
    held(lock)
    scan(tmp_path, "idle")
    refused = mine("cache", "clear", "--yes")
    assert refused.status == 1
    assert "A run works on" in refused.refusal()
    assert "1 entry" in refused.out
    assert set(listed(mine)) == {"busy"}


def test_what_an_older_version_left_is_listed_not_used_and_freed(mine: Mri, tmp_path: Path) -> None:
    activations = mine.cache / "activations"
    for name in ("0123456789abcdef" * 2, ".partial-77-x"):
        (activations / name).mkdir(parents=True)
        (activations / name / "manifest.json").write_text('{"layers": 2}')
    (activations / "mine").mkdir()
    scan(tmp_path, "new")
    states = [entry["state"] for entry in mine("cache", "--json").done().json["entries"]]
    assert sorted(states) == ["complete", "of an older version", "of an older version"]
    assert "of an older version" in mine("cache").done().out
    mine("cache", "clear", "--unfinished", "--yes").done()
    assert set(listed(mine)) == {"new"}
    assert (activations / "mine").exists()


def test_listing_imports_neither_torch_nor_numpy(mine: Mri, tmp_path: Path) -> None:
    scan(tmp_path, "one", batches=2)
    assert not {"torch", "transformers", "numpy", "sklearn", "pandas"} & mine.imports(tmp_path, "cache")


def test_clearing_all_frees_the_lists_of_tokens_of_scans_of_tokens(mine: Mri, tmp_path: Path) -> None:
    lists = mine.cache / "tokens"
    lists.mkdir(parents=True)
    (lists / "0123.npz").write_bytes(b"x" * 5000)
    assert mine("cache", "clear", "--unfinished", "--yes").done().out == "There is nothing to free.\n"
    assert mine("cache", "clear", "--yes").done().out.startswith("Freed 5.0 kB:")
    assert not list(lists.iterdir())
