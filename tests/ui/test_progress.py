"""Progress: lines for a log, a bar for a terminal, nothing where quiet is asked for."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from ingest.progress import Silent
from ui import progress
from ui.progress import Bar, Lines, progress_for


class Terminal:
    """Standard error that says it is a terminal."""

    def __init__(self) -> None:
        self.seen = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.seen += text
        return len(text)

    def flush(self) -> None:
        pass


def test_a_terminal_gets_a_bar_a_log_lines_and_quiet_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress_for(quiet=False), Lines)  # pytest's own standard error is none
    assert isinstance(progress_for(quiet=True), Silent)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(progress_for(quiet=False), Bar)
    assert isinstance(progress_for(quiet=True), Silent)


def test_a_log_gets_a_line_every_ten_seconds_with_rate_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    lines = Lines()
    lines.stage("activations", 300, "documents")
    for _ in range(30):
        clock[0] += 1.0
        lines.advance(5)
    lines.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "activations: 50 of 300 documents, 5.0/s, 50 s left",
        "activations: 100 of 300 documents, 5.0/s, 40 s left",
        "activations: 150 of 300 documents, 5.0/s, 30 s left",
    ]


def test_each_stage_counts_for_itself(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    lines = Lines()
    for name, total in (("activations", 40), ("store", 80)):
        lines.stage(name, total, "rows")
        clock[0] += 20.0
        lines.advance(total // 2)
    assert capsys.readouterr().err.splitlines() == [
        "activations: 20 of 40 rows, 1.0/s, 20 s left",
        "store: 40 of 80 rows, 2.0/s, 20 s left",
    ]


@pytest.mark.parametrize("make", [Bar, Lines])
def test_a_note_is_one_line_whatever_it_holds(make: type[Bar] | type[Lines], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    told = make()
    told.note("a category called \x1b[31m\nred")
    told.stage("atlas", 2, "layers")
    told.note("another\rnote")
    told.advance(2)
    told.close()
    lines = terminal.seen.replace("\r", "\n").split("\n")
    assert "a category called \\x1b[31m red" in lines
    assert any("another note" in line for line in lines)


def test_a_bar_shows_its_stage_and_closes_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    bar = Bar()
    for stage in ("activations", "store"):
        bar.stage(stage, 10, "documents")
        bar.advance(10)
    bar.close()
    bar.close()
    assert "activations: 100%" in terminal.seen
    assert "store: 100%" in terminal.seen
    assert "10/10" in terminal.seen
