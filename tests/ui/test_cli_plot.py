"""`mri plot`: a study of either kind as a picture, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mri_core.store.bolt import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.mark.parametrize("ending", BEGINS)
def test_a_study_is_drawn_in_the_form_of_the_file_s_name(mri: Mri, store: Store, tmp_path: Path, ending: str) -> None:
    counted = planted_graph("drawn", categories=[HOSTILE[i % 3] for i in range(60)])
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    moving = planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    for graph in (counted, moving):
        store.write(graph)
        file = tmp_path / f"{graph.study.name}{ending}"
        assert mri("plot", graph.study.name, "--kind", "layers", "-o", file).done().out == f"Wrote {file}.\n"
        assert file.read_bytes().startswith(BEGINS[ending])
        store.delete(graph.study)


def test_another_ending_a_folder_that_is_not_there_and_no_study_are_told(
    mri: Mri, store: Store, tmp_path: Path
) -> None:
    store.write(planted_graph("drawn", seed=4))
    for study, file, fact in (
        ("drawn", tmp_path / "layers.gif", ".png, .svg, .pdf"),
        ("drawn", tmp_path / "none" / "layers.png", "cannot be used"),
        ("dawn", tmp_path / "layers.png", "drawn"),
    ):
        assert fact in mri("plot", study, "--kind", "layers", "-o", file).refusal()
    assert list(tmp_path.iterdir()) == []
