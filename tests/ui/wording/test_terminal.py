"""What is printed fits the terminal, and what is proposed runs as printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from wcwidth import wcswidth

from queries.text import text_table
from ui.wording.commands import COMMANDS
from ui.wording.terminal import fitted, runnable

WORDS = ["orbital", "solar", "disc", "galactic", "large", "terrestrial", "surface", "gravity"]


def test_a_table_that_is_too_wide_keeps_its_numbers_and_shortens_its_texts() -> None:
    columns = ["region", "betweenness", "connections_in", "keywords"]
    lines = text_table(columns, [["L0/R1", 0.5, 12, WORDS], ["L0/R2", 1e-9, 3, WORDS[:1]]], 60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert [word for word in ("connections_", "in", "betweenness") if word not in " ".join(lines[:2])] == []
    first, last = lines[-2:]
    assert first.split()[:3] == ["L0/R1", "0.500", "12"]
    assert first.endswith("…")
    assert last.split() == ["L0/R2", "1.0e-09", "3", "orbital"]


def test_columns_that_are_too_many_follow_below_the_first_one_again() -> None:
    columns = ["layer", *(f"measure{i}" for i in range(30))]
    blocks = text_table(columns, [[1, *range(30)], [2, *range(30, 60)]], 100).split("\n\n")
    assert all(len(line) <= 100 for block in blocks for line in block.splitlines())
    assert [block.split()[0] for block in blocks] == ["layer"] * len(blocks)
    shown = [cell for block in blocks for cell in block.splitlines()[2].split()[1:]]
    assert shown == [str(i) for i in range(30)]


def test_letters_that_take_two_columns_are_measured_so() -> None:
    lines = text_table(["words", "more"], [["星空観測" * 20, "plain"], ["a", "b"]], 50).splitlines()
    assert max(map(wcswidth, lines)) <= 50


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([1.873, 2.0, 1.0], ["1.873", "2.000", "1.000"]),
        ([61.0, 2.5, 0.0005], ["61.000", "2.500", "5.0e-04"]),
        ([61.0, 2.0, 0.0, 1.0], ["61", "2", "0", "1"]),
        ([1.0, 0.0], ["1.000", "0.000"]),
        ([3, 2.5], ["3.000", "2.500"]),
        ([float("inf"), 2.0], ["inf", "2.000"]),
    ],
)
def test_a_column_has_one_notation_and_counts_have_no_decimals(values: list[float], cells: list[str]) -> None:
    rows = [["word " * 20, value] for value in values]
    assert [line.split()[-1] for line in text_table(["text", "value"], rows).splitlines()[2:]] == cells
    assert [line.split()[-1] for line in text_table(["text", "value"], rows, 60).splitlines()[2:]] == cells


def test_long_lines_are_wrapped_and_proposed_commands_are_whole() -> None:
    command = f"mri query findings --study {'long-name-' * 10}x --limit 124"
    lines = fitted(f"{'some words ' * 12}\n  All of them (124 rows): {command}").splitlines()
    assert all(len(line) <= 100 for line in lines[:-1])
    assert lines[-1].strip() == command


def test_a_command_is_proposed_by_its_path_where_the_shell_does_not_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / ".venv" / "bin" / "mri"
    own.parent.mkdir(parents=True)
    own.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(own.with_name("python")))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    told = "The page: mri ui. An mri scan; try `mri store stop`."
    assert runnable(told) == "The page: .venv/bin/mri ui. An mri scan; try `.venv/bin/mri store stop`."
    monkeypatch.setenv("PATH", str(own.parent))
    assert runnable(told) == told
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mri").touch(mode=0o755)  # another installation's
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    assert ".venv/bin/mri ui" in runnable(told)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_proposed_as_the_shell_finds_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.wording.terminal.program", lambda: ".venv/bin/mri")
    assert runnable(f"See them with: mri {name} x") == f"See them with: .venv/bin/mri {name} x"
    assert runnable(f"an mri {name}y of the heart") == f"an mri {name}y of the heart"
