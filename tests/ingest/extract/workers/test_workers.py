"""Batches run by workers of a real Ray cluster: the rows of one process, bit for bit, whoever is lost meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ingest.cache.row_files import RowFolder, read_extraction, row_folder
from ingest.extract import batches
from ingest.extract.extraction import extract, here
from ingest.extract.reader import Reading
from ingest.extract.records import Extraction
from ingest.extract.workers import cluster as clusters
from ingest.extract.workers import pool
from ingest.extract.workers.cluster import ClusterOptions
from ingest.extract.workers.pool import Workers, workers
from ingest.model.loading import LoadedModel
from mri_core.errors import ModelError, MriError
from mri_core.records.corpus import Document
from tests.ingest.extract.test_extraction import Told
from tests.ingest.extract.workers.fatal import Doomed, Fatal, Loader, Mute, Narrow
from tests.ingest.refusal import refused

ray = pytest.importorskip("ray")

SENTENCE = "The cat sat on a mat, and a judge heard an appeal while onions were soft in the old court."
TEXTS = [" ".join(SENTENCE.split(" ")[number % 7 : number % 7 + 1 + number % 11]) for number in range(60)]
TEXTS[30] += f" {SENTENCE}"  # longer than all others: one batch is as wide
DOCUMENTS = [Document(number, "a", text, title="") for number, text in enumerate(TEXTS)]
BUDGET = 150  # tokens: some texts of the longest
READING = Reading("mean", batch_tokens=BUDGET)
exhaustive = pytest.mark.slow  # each worker loads PyTorch


@pytest.fixture(scope="module", autouse=True)
def _cluster() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "cpu_count", lambda: 4)
        patch.setenv("OMP_NUM_THREADS", "1")
        with clusters.cluster(ClusterOptions()):
            yield


@pytest.fixture(autouse=True)
def _several_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "WINDOW_DOCUMENTS", 25)


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    """A folder with a file for each process that ended."""
    folder = tmp_path / "deaths"
    folder.mkdir()
    return folder


class Onednn(RowFolder):
    """Rows of a scan that was begun with oneDNN's products."""

    library = "onednn"


def read_by(
    load: Callable[[], LoadedModel],
    folder: Path,
    number: int,
    notes: list[str] | None = None,
    *,
    meter: Any = None,
    kind: type[RowFolder] = RowFolder,
) -> Extraction:
    notify = [].append if notes is None else notes.append
    with workers(ClusterOptions(workers=number), load, READING, notify) as executor:
        assert isinstance(executor, Workers)
        executor.wait_for_all()
        widths = executor.traits.widths
        return scanned_by(executor, folder, widths, notify, meter or Told(), kind)


def scanned_by(executor: Any, folder: Path, widths: Any, notify: Any, meter: Any, kind: type[RowFolder]) -> Extraction:
    with row_folder(folder, widths, len(DOCUMENTS)) as opened:

        class Rows:
            def __call__(self, widths: Any) -> Any:
                return self

            def __enter__(self) -> RowFolder:
                return kind(opened.folder, opened.files)

            def __exit__(self, *error: object) -> None:
                pass

        found = extract(executor, DOCUMENTS, len(DOCUMENTS), Rows(), meter=meter, notify=notify)
    return read_extraction(folder, len(widths), found)


@pytest.fixture
def alone(tiny: Callable[[str], Path], tmp_path: Path) -> Callable[..., Extraction]:
    """What one process of one thread reads."""

    def read(name: str, kind: type[RowFolder] = RowFolder) -> Extraction:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        model = Loader(tiny(name))()
        try:
            with here(model, READING) as executor:
                return scanned_by(executor, tmp_path / "alone", model.widths, print, Told(), kind)
        finally:
            torch.set_num_threads(before)

    return read


def assert_same(one: Extraction, other: Extraction) -> None:
    for mine, theirs in zip(one.activations.layers, other.activations.layers, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.facts.table(), other.facts.table())


def length_of_the_longest(read: Extraction) -> int:
    return int(read.facts.read.max()) + 2  # special tokens


@exhaustive
@pytest.mark.parametrize(("model", "number"), [("llama", 1), ("gpt2", 3)])
def test_workers_give_the_rows_of_one_process_to_the_bit(
    model: str,
    number: int,
    tiny: Callable[[str], Path],
    alone: Callable[..., Extraction],
    tmp_path: Path,
) -> None:
    notes: list[str] = []
    meter = Told()
    found = read_by(Loader(tiny(model)), tmp_path / "rows", number, notes, meter=meter)
    assert_same(found, alone(model))
    assert found.conditions.workers == number
    assert len(notes) == 1
    assert notes[0] in ("Ray runs the model in 1 worker of 4 cores.", "Ray runs the model in 3 workers of 1 core each.")
    assert sum(len(tokens) for tokens, ran in meter.batches if ran) == len(DOCUMENTS)
    assert [len(window) for window in meter.windows] == [25, 25, 10]
    end = time.monotonic() + 30
    while ray.available_resources().get("CPU") != ray.cluster_resources()["CPU"] and time.monotonic() < end:
        time.sleep(0.1)
    assert ray.available_resources()["CPU"] == ray.cluster_resources()["CPU"]  # no worker is left


@exhaustive
def test_all_workers_compute_by_the_library_that_the_scan_was_begun_with(
    tiny: Callable[[str], Path], alone: Callable[..., Extraction], tmp_path: Path
) -> None:
    found = read_by(Loader(tiny("bert")), tmp_path / "rows", 2, kind=Onednn)
    assert found.conditions.products == "onednn"
    assert_same(found, alone("bert", Onednn))


@pytest.mark.slow
def test_a_worker_that_is_lost_is_replaced_and_the_rows_are_the_same(
    tiny: Callable[[str], Path],
    alone: Callable[..., Extraction],
    tmp_path: Path,
    deaths: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    expected = alone("bert")
    notes: list[str] = []
    found = read_by(Fatal(tiny("bert"), length_of_the_longest(expected), 1, deaths), tmp_path / "rows", 2, notes)
    assert len(list(deaths.iterdir())) == 1
    assert_same(found, expected)
    assert sum("A worker was lost as it ran" in line for line in notes) == 1
    assert "raylet" not in capfd.readouterr().out  # where JSON may be asked for


@exhaustive
def test_workers_lost_as_they_load_or_encode_are_replaced(
    tiny: Callable[[str], Path], alone: Callable[..., Extraction], tmp_path: Path, deaths: Path
) -> None:
    expected = alone("bert")
    notes: list[str] = []
    assert_same(read_by(Doomed(tiny("bert"), 2, deaths), tmp_path / "1", 1, notes), expected)
    assert sum("lost as it loaded the model" in line for line in notes) == 2
    for death in deaths.iterdir():
        death.unlink()
    assert_same(read_by(Mute(tiny("bert"), 1, deaths), tmp_path / "2", 1, notes), expected)
    assert notes.count("A worker was lost.") == 1


@exhaustive
def test_a_batch_that_ends_two_workers_is_named_with_its_documents(
    tiny: Callable[[str], Path], alone: Callable[..., Extraction], tmp_path: Path, deaths: Path
) -> None:
    expected = alone("bert")
    longest = length_of_the_longest(expected)
    read = expected.facts.read
    start = next(start for start in range(0, len(read), 25) if read[start : start + 25].max() == read.max())
    first = start + np.argsort(-read[start : start + 25], kind="stable")[: BUDGET // longest]
    named = f"{len(first)} documents from D{first.min()} to D{first.max()}"
    with refused("2 ended", named, kind=MriError):
        read_by(Fatal(tiny("bert"), longest, 9, deaths), tmp_path / "rows", 1)
    # three where the rows of the batch before it were lost with the first worker, which was then taken for the cause
    assert len(list(deaths.iterdir())) in (2, 3)


@exhaustive
def test_where_a_workers_memory_is_short_the_batches_get_smaller(
    tiny: Callable[[str], Path], alone: Callable[..., Extraction], tmp_path: Path
) -> None:
    notes: list[str] = []
    found = read_by(Narrow(tiny("bert"), 100), tmp_path / "rows", 2, notes)
    assert found.conditions.batch_tokens is not None
    assert found.conditions.batch_tokens <= 100
    assert any("Out of memory" in line for line in notes)
    for mine, theirs in zip(found.activations.layers, alone("bert").activations.layers, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@exhaustive
def test_a_model_that_no_worker_can_load_is_the_error_that_one_process_gives(tmp_path: Path, deaths: Path) -> None:
    with refused("There is no such folder", kind=ModelError):
        read_by(Loader(tmp_path / "none"), tmp_path / "rows", 2)
    with refused("3 ended as they loaded it", kind=MriError):
        read_by(Doomed(tmp_path, 9, deaths), tmp_path / "rows", 1)


@exhaustive
def test_workers_of_other_versions_are_refused(
    tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = (("llm-mri-graph", "0.0.1"), *pool.software()[1:])
    monkeypatch.setattr(pool, "software", lambda: ours)
    with refused("This process has llm-mri-graph 0.0.1, a worker on", kind=MriError):
        read_by(Loader(tiny("bert")), tmp_path / "rows", 1)
