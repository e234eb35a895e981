"""Batches run by workers of a real Ray cluster: the rows of one process, bit for bit, whoever is lost meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ingest.cache.row_files import read_extraction, row_folder
from ingest.extract.extraction import extract, here
from ingest.extract.reader import Reading
from ingest.extract.records import Extraction
from ingest.extract.workers import pool
from ingest.extract.workers.cluster import Wanted, cluster
from ingest.extract.workers.pool import workers
from ingest.model.loading import LoadedModel
from mri_core.errors import ModelError, MriError
from mri_core.records.corpus import Document
from tests.ingest.extract.test_extraction import Told
from tests.ingest.extract.workers.fatal import Doomed, Fatal, Loader, Narrow
from tests.ingest.refusal import refused

ray = pytest.importorskip("ray")

SENTENCE = "The cat sat on a mat, and a judge heard an appeal while onions were soft in the old court."
TEXTS = [" ".join(SENTENCE.split(" ")[number % 7 : number % 7 + 1 + number % 11]) for number in range(60)]
DOCUMENTS = [Document(number, "a", text, title="") for number, text in enumerate(TEXTS)]
BUDGET = 150  # tokens: some texts of the longest
READING = Reading("mean", batch_tokens=BUDGET)


@pytest.fixture(scope="module", autouse=True)
def _cluster() -> Iterator[None]:
    with cluster(Wanted(workers=4)):
        yield


def read_by(
    load: Callable[[], LoadedModel], folder: Path, number: int, notes: list[str] | None = None, *, meter: Any = None
) -> Extraction:
    notify = [].append if notes is None else notes.append
    with workers(Wanted(workers=number), load, READING, notify) as executor:
        widths = executor.traits.widths
        rows: Any = lambda widths: row_folder(folder, widths, len(DOCUMENTS))  # noqa: E731
        found = extract(executor, DOCUMENTS, len(DOCUMENTS), rows, meter=meter or Told(), notify=notify)
    return read_extraction(folder, len(widths), found)


@pytest.fixture
def alone(tiny: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Extraction]:
    """What one process of one thread reads."""

    def read(kind: str) -> Extraction:
        folder, before = tmp_path / "alone", torch.get_num_threads()
        torch.set_num_threads(1)
        model = Loader(tiny(kind))()
        try:
            with here(model, READING) as executor:
                rows: Any = lambda widths: row_folder(folder, widths, len(DOCUMENTS))  # noqa: E731
                conditions = extract(executor, DOCUMENTS, len(DOCUMENTS), rows, meter=Told())
        finally:
            torch.set_num_threads(before)
        return read_extraction(folder, model.layers, conditions)

    return read


def assert_same(one: Extraction, other: Extraction) -> None:
    for mine, theirs in zip(one.activations.layers, other.activations.layers, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.facts.table(), other.facts.table())


@pytest.mark.parametrize(("kind", "number"), [("bert", 1), ("llama", 2), ("gpt2", 3)])
def test_workers_give_the_rows_of_one_process_to_the_bit(
    kind: str,
    number: int,
    tiny: Callable[[str], Path],
    alone: Callable[[str], Extraction],
    tmp_path: Path,
) -> None:
    notes: list[str] = []
    meter = Told()
    found = read_by(Loader(tiny(kind)), tmp_path / "rows", number, notes, meter=meter)
    assert_same(found, alone(kind))
    assert found.conditions.workers == number
    assert notes[0].startswith(f"Ray runs the model in {number} worker")
    assert sum(len(tokens) for tokens, ran in meter.batches if ran) == len(DOCUMENTS)


def test_a_worker_that_is_lost_is_replaced_and_the_rows_are_the_same(
    tiny: Callable[[str], Path],
    alone: Callable[[str], Extraction],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    expected = alone("bert")
    longest = int(expected.facts.read.max()) + 2  # special tokens
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    notes: list[str] = []
    found = read_by(Fatal(tiny("bert"), longest, 1, deaths), tmp_path / "rows", 2, notes)
    assert len(list(deaths.iterdir())) == 1
    assert_same(found, expected)
    assert sum("A worker was lost" in line for line in notes) == 1
    assert "raylet" not in capfd.readouterr().out  # where JSON may be asked for


def test_a_batch_that_ends_two_workers_is_named_with_its_documents(
    tiny: Callable[[str], Path], alone: Callable[[str], Extraction], tmp_path: Path
) -> None:
    read = alone("bert").facts.read
    longest = int(read.max()) + 2  # special tokens
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    first = np.argsort(-read, kind="stable")[: BUDGET // longest]
    named = f"{len(first)} documents from D{first.min()} to D{first.max()}"
    with refused("2 ended", named, kind=MriError):
        read_by(Fatal(tiny("bert"), longest, 9, deaths), tmp_path / "rows", 2)
    assert len(list(deaths.iterdir())) == 2


def test_where_a_workers_memory_is_short_the_batches_get_smaller(
    tiny: Callable[[str], Path], alone: Callable[[str], Extraction], tmp_path: Path
) -> None:
    notes: list[str] = []
    found = read_by(Narrow(tiny("bert"), 100), tmp_path / "rows", 2, notes)
    assert found.conditions.batch_tokens is not None
    assert found.conditions.batch_tokens <= 100
    assert any("Out of memory" in line for line in notes)
    for mine, theirs in zip(found.activations.layers, alone("bert").activations.layers, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_model_that_no_worker_can_load_is_the_error_that_one_process_gives(tmp_path: Path) -> None:
    with refused("There is no such folder", kind=ModelError):
        read_by(Loader(tmp_path / "none"), tmp_path / "rows", 2)


def test_a_worker_that_ends_as_it_loads_the_model_is_told(tmp_path: Path) -> None:
    with refused("One ended as it loaded it", kind=MriError):
        read_by(Doomed(), tmp_path / "rows", 1)


def test_workers_of_another_version_are_refused(
    tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "version", lambda name: "0.0.1")
    with refused("This process has 0.0.1", kind=MriError):
        read_by(Loader(tiny("bert")), tmp_path / "rows", 1)


def test_no_worker_is_left_when_the_scan_has_ended(tiny: Callable[[str], Path], tmp_path: Path) -> None:
    read_by(Loader(tiny("bert")), tmp_path / "rows", 2)
    end = time.monotonic() + 30
    while ray.available_resources().get("CPU") != 4 and time.monotonic() < end:
        time.sleep(0.2)
    assert ray.available_resources()["CPU"] == 4
