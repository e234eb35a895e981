"""`mri multiverse`: made once, stored, and shown as tables and as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mri_core.store.store import Store
from tests.command import Mri
from ui.drawing.figures.multiverse import multiverse_figure
from ui.reports.multiverse_tables import multiverse_tables

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generator = np.random.default_rng(2)
    labels = np.arange(60) % 2
    for layer in range(2):
        rows = generator.normal(size=(60, 5)) + 3 * np.eye(2, 5)[labels]
        np.save(tmp_path / f"L{layer}.npy", rows.astype("float32"))
    with (tmp_path / "documents.csv").open("w", newline="") as file:
        rows = [(f"text {i}", "ab"[i % 2]) for i in range(60)]
        csv.writer(file).writerows([("text", "label"), *rows])
    return tmp_path


def test_a_multiverse_is_stored_shown_and_drawn(folder: Path, mri: Mri, store: Store) -> None:
    ingest = ("ingest", "--activations", folder, "--clusters", 4, "--refits", 0)
    mri(*ingest, "--name", "choices").done()
    file = folder / "choices.svg"
    made = mri("multiverse", "choices", "--seeds", 2, "--clusters", 6, "-o", file).done()
    study = store.study("choices")
    stored = store.measures(study, ["multiverse"])
    assert len(stored) == 9 * 2 * 2 * 2  # numbers, seeds, clusters, scales; of unknown lengths
    own = {m.details["number"]: m.value for m in stored if m.details["universe"] == 0}
    families = {m.other: m.value for m in store.measures(study, ["findings"])}
    assert {name: own[name] for name in families} == families
    assert own["connections_taken"] == study.connections
    assert "Headline numbers in 8 universes" in made.out
    assert "own scales" in made.out
    assert "<svg" in file.read_text("utf-8")
    assert "largest divergence over chance (bits)" in file.read_text("utf-8")
    revision = study.revision
    assert mri("multiverse", "choices", "--json").done().json[0]["kind"] == "multiverse"
    assert store.study("choices").revision == revision
    assert "ends in none of them" in mri("multiverse", "choices", "-o", "choices.txt").refusal()
    mri(*ingest[:3], "--atlas", "grid", "--refits", 0, "--name", "cells").done()
    assert "This one is of grid" in mri("multiverse", "cells").refusal()


def test_an_older_multiverse_is_shown_without_the_numbers_that_it_lacks(folder: Path, mri: Mri, store: Store) -> None:
    mri("ingest", "--activations", folder, "--clusters", 4, "--refits", 0, "--name", "before").done()
    mri("multiverse", "before", "--seeds", 1, "--clusters", 6).done()
    study = store.study("before")
    known = store.measures(study, ["multiverse"])
    older = [m for m in known if m.details["number"] not in ("silhouette", "unchained")]
    tables = multiverse_tables(older)
    assert "largest divergence over chance (bits)" in tables
    assert "silhouette" not in tables
    assert multiverse_figure(older) is not None
