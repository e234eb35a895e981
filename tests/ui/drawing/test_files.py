"""A picture is written to a file that is a picture's by its name, and never over something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from mri_core.errors import UsageError
from tests.ui.pictures import COLOURS, ORIGIN, planted
from ui.drawing.export import as_html
from ui.drawing.figures.frame import save
from ui.drawing.files import PICTURES, check_picture
from ui.drawing.network import build_network


@pytest.mark.parametrize("ending", PICTURES)
def test_a_picture_is_replaced_and_something_else_under_its_ending_is_not(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"picture{ending}"
    check_picture(file, "a picture")
    save(Figure(), file)
    check_picture(file, "a picture")
    file.write_text("<!DOCTYPE html><title>My thesis</title>")
    with pytest.raises(UsageError, match=r"holds something else. Choose another name, or delete it"):
        check_picture(file, "a picture")


def test_a_page_of_somebody_else_is_not_replaced_by_a_graph(tmp_path: Path) -> None:
    file = tmp_path / "thesis.html"
    file.write_text("<html><head><title>My thesis</title></head></html>")
    with pytest.raises(UsageError, match="holds something else"):
        check_picture(file, "a graph", (*PICTURES, ".html"))
    file.write_text(as_html(build_network(planted(), COLOURS, "spread"), ORIGIN, "How texts go", []))
    check_picture(file, "a graph", (*PICTURES, ".html"))


def test_a_matrix_is_replaced_and_a_table_of_somebody_else_is_not(tmp_path: Path) -> None:
    file, endings = tmp_path / "matrix.csv", (*PICTURES, ".csv")
    for ours in ('"share of law, plain","L0/R0",L0/R12\nL1/R0,0.5,\n', "documents,L0/R0\nL1/R0,3\n"):
        file.write_text(ours)
        check_picture(file, "a matrix", endings)
    for theirs in ("text,label\nA court.,law\n", "documents\n"):
        file.write_text(theirs)
        with pytest.raises(UsageError, match="holds something else"):
            check_picture(file, "a matrix", endings)


def test_no_name_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No file is named"):
        check_picture(Path(), "a picture")
    with pytest.raises(UsageError, match=r"is a folder. Name a file in it"):
        check_picture(tmp_path, "a picture")
