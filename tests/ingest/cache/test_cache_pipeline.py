"""The cache as `mri ingest` uses it: whatever is known of the texts, the model is not run, nor torch imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import Mri

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
MODEL_PARTS = {"torch", "transformers"}


@pytest.fixture
def alone(mri: Mri, tmp_path: Path) -> Mri:
    """The command line on a cache of its own."""
    return replace(mri, cache=tmp_path / "cache")


def corpus(path: Path, documents: int) -> Path:
    """Numbered texts with two columns of labels, one of them titles as well."""
    rows = (f"text number {i} {'so ' * (i % 5)},{'ab'[i % 2]},{'xyz'[i % 3]}\n" for i in range(documents))
    path.write_text("text,parity,rest\n" + "".join(rows))
    return path


@pytest.mark.slow  # several scans
def test_other_labels_titles_and_parts_of_the_texts_run_no_model(
    alone: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    csv = corpus(tmp_path / "c.csv", 60)
    study = ("ingest", csv, "--model", tiny("bert"), "--clusters", 6, "--name")
    told = alone(*study, "first", "--label", "parity", "--json").done().json
    assert told["seconds"]["load_model"] > 0
    for name, options in {
        "other-labels": ("--label", "rest"),
        "other-titles": ("--label", "parity", "--title", "rest"),
        "some": ("--label", "rest", "--categories", "x,z"),
        "sample": ("--label", "parity", "--limit", 20),
    }.items():
        assert not MODEL_PARTS & alone.imports(tmp_path, *study, name, *options)
    assert alone("show", "some", "--json").done().json["study"]["documents"] == 40


def test_of_a_corpus_that_grew_only_new_texts_run_and_that_is_told(
    alone: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    options = ("--label", "parity", "--model", tiny("bert"), "--clusters", 6)
    alone("ingest", corpus(tmp_path / "small.csv", 40), "--name", "small", *options).done()
    grown = alone("ingest", corpus(tmp_path / "large.csv", 60), "--name", "large", *options).done()
    assert "40 of 60 texts were read before." in grown.err
    whole = replace(alone, cache=tmp_path / "other")
    again = whole("ingest", tmp_path / "large.csv", "--name", "large", *options).done()
    assert "unchanged" in again.out or "Nothing changed" in again.out
    (first, second) = alone("cache", "--json").done().json["entries"]
    assert {first["documents"], second["documents"]} == {40, 60}
    assert {first["corpus"], second["corpus"]} == {"small.csv", "large.csv"}
    assert first["state"] == second["state"] == "complete"
