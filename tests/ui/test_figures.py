"""Pictures as files."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from mri_core.errors import UsageError
from ui.figures import layers_figure, save

LAYERS = [{"layer": i, "explained_variance": 0.5 + i / 10, "entropy": 1.0 - i / 10} for i in range(3)]
APART = [{"layer": i, "divergence": i / 5} for i in range(3)]


def test_each_panel_draws_its_rows_by_layer() -> None:
    lines = [axes.lines[0].get_xydata().tolist() for axes in layers_figure(LAYERS, APART).axes]
    assert lines[0] == [[0, 0.5], [1, 0.6], [2, 0.7]]
    assert lines[1] == [[0, 1.0], [1, 0.9], [2, 0.8]]
    assert lines[2] == [[0, 0.0], [1, 0.2], [2, 0.4]]


def test_what_is_not_known_is_left_out() -> None:
    rows = [{"layer": 0, "explained_variance": 0.5, "entropy": None}]
    assert [axes.get_ylabel() for axes in layers_figure(rows, []).axes] == ["share"]


def test_a_png_is_as_wide_as_a_column_and_replaces_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "layers.png"
    file.write_text("old")
    save(layers_figure(LAYERS, APART), file)
    assert struct.unpack(">I", file.read_bytes()[16:20]) == (round(3.4 * 300),)


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_vector_files_are_what_their_ending_says(tmp_path: Path, ending: str, start: bytes) -> None:
    file = tmp_path / f"layers.{ending}"
    save(layers_figure(LAYERS, APART), file)
    assert file.read_bytes().startswith(start)
    if ending == "svg":
        assert "Divergence of the categories" in file.read_text()


def test_where_nothing_is_known_there_is_no_picture() -> None:
    with pytest.raises(UsageError, match="shows what is known"):
        layers_figure([{"layer": 0, "explained_variance": None, "entropy": None}], [])
