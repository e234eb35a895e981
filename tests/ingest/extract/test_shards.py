"""Rows that whoever reads a batch also writes to a folder or an object store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pyarrow.dataset as ds
import pytest

from ingest.extract.shards import Shards, opened
from ingest.progress import Silent
from ingest.request import Request
from ingest.run import Run
from ingest.scan.opening import open_scan
from mri_core.atlas.fitting import fit_atlas
from mri_core.errors import MriError, UsageError
from tests.ingest.refusal import refused


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, line: str) -> None:
        self.notes.append(line)


def rows_in(folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Ordinals, and the rows of each layer in their order."""
    table = ds.dataset(folder, format="parquet").to_table().sort_by("ordinal")
    layers = [name for name in table.column_names if name != "ordinal"]
    columns = {name: table.column(name).combine_chunks() for name in layers}
    values = {name: own.flatten().to_numpy().reshape(len(own), -1) for name, own in columns.items()}
    return table.column("ordinal").to_numpy(), values


@pytest.fixture
def request_of(tmp_path: Path, tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Request:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    texts = [f"{'word ' * (i % 5 + 1)}{i},{'ab'[i % 2]}" for i in range(40)]
    (tmp_path / "c.csv").write_text("\n".join(["text,label", *texts]), encoding="utf-8")
    shards = str(tmp_path / "rows")
    return Request(corpus=tmp_path / "c.csv", name="c", model=str(tiny("bert")), batch_tokens=60, shards=shards)


@pytest.mark.model
def test_the_rows_of_every_batch_are_written_as_they_are_stored(request_of: Request, tmp_path: Path) -> None:
    found = open_scan(request_of).read(Run()).activations
    ordinals, layers = rows_in(tmp_path / "rows")
    assert ordinals.tolist() == list(range(40))
    assert list(layers) == [f"L{layer}" for layer in range(len(found.layers))]
    for mine, stored in zip(layers.values(), found.layers, strict=True):
        np.testing.assert_array_equal(mine, stored)
    assert not list((tmp_path / "rows").glob("*.partial"))


@pytest.mark.model
def test_of_an_atlas_on_a_sample_the_rest_is_written_by_its_ordinals_in_the_corpus(
    request_of: Request, tmp_path: Path
) -> None:
    scan = open_scan(replace(request_of, fit_on=12))
    scanned = scan.read(Run())
    assert scan.sample is not None
    scan.place_rest(fit_atlas(scanned.activations, request_of.atlas_spec).atlas, scanned, Run())
    ordinals, layers = rows_in(tmp_path / "rows")
    assert ordinals.tolist() == list(range(40))
    np.testing.assert_array_equal(layers["L1"][scan.sample], scanned.activations.layers[1])
    whole = open_scan(replace(request_of, shards=None)).read(Run()).activations
    np.testing.assert_allclose(layers["L1"], whole.layers[1], rtol=1e-4, atol=1e-5)


@pytest.mark.model
def test_rows_that_are_in_the_cache_are_not_written_and_a_line_reports_it(request_of: Request, tmp_path: Path) -> None:
    open_scan(replace(request_of, shards=None)).read(Run())
    told = Told()
    open_scan(request_of).read(Run(told))
    assert not (tmp_path / "rows").exists()
    assert any("none of their rows is written" in line for line in told.notes)


def test_a_batch_that_is_run_again_replaces_its_own_file(tmp_path: Path) -> None:
    shards = Shards(str(tmp_path))
    for value in (1.0, 2.0):
        shards.write([3, 1], [np.full((2, 4), value, dtype=np.float32)])
    shards.write([3, 2], [np.zeros((2, 4), dtype=np.float32)])
    assert len(list(tmp_path.iterdir())) == 2
    (file,) = (path for path in tmp_path.iterdir() if "000000001" in path.name)
    ordinals, layers = rows_in(file)
    assert ordinals.tolist() == [1, 3]
    assert (layers["L0"] == 2).all()


def test_a_store_of_fsspec_is_written_to() -> None:
    Shards("memory://bucket/rows").write([0], [np.ones((1, 2), dtype=np.float32)])
    names = fsspec.filesystem("memory").ls("/bucket/rows", detail=False)
    assert [name.endswith(".parquet") for name in names] == [True]


def test_a_store_that_does_not_exist_is_refused() -> None:
    with refused("--shards is nowhere://x", kind=UsageError):
        opened("nowhere://x")


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with refused("cannot be written", kind=MriError):
        Shards(str(tmp_path / "file")).write([0], [np.ones((1, 2), dtype=np.float32)])
