"""Progress: lines for a log, a bar for a terminal, nothing where quiet is asked for."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import resource
import struct
import sys
import termios
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest import stage
from ingest.bars import Bars
from ingest.progress import Pace, Silent
from ui.cli import progress
from ui.cli.progress import Lines, facts, progress_for, split_of_time
from ui.jobs import progress_file


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


def use_clock(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    for module in (progress, stage, progress_file):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock[0]))


@pytest.mark.parametrize(("columns", "kind"), [(100, Bars), (0, Lines)])
def test_a_terminal_gets_a_bar_and_one_without_a_window_lines(
    columns: int, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert isinstance(progress_for(quiet=False), kind)
        assert isinstance(progress_for(quiet=True), Silent)
    os.close(ours)


def test_a_log_gets_lines_and_quiet_nothing() -> None:
    assert isinstance(progress_for(quiet=False), Lines)  # pytest's own standard error is no terminal
    assert isinstance(progress_for(quiet=True), Silent)


def test_a_log_gets_a_line_every_ten_seconds_with_rate_time_left_and_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    use_clock(monkeypatch, clock)
    lines = Lines()
    lines.stage("store", 300, "rows")
    for _ in range(30):
        clock[0] += 1.0
        lines.advance(5)
    lines.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    told = [re.fullmatch(r"(.*), ([0-9,]+) MiB", line) for line in captured.err.splitlines()]
    assert [line[1] for line in told if line] == [
        "store: 50 of 300 rows, 5.0/s, 50 s left",
        "store: 100 of 300 rows, 5.0/s, 40 s left",
        "store: 150 of 300 rows, 5.0/s, 30 s left",
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert all(10 < int(line[2].replace(",", "")) <= peak / 2**20 + 1 for line in told if line)


def test_a_pace_that_the_stage_knows_is_told_rather_than_its_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    use_clock(monkeypatch, clock)
    lines = Lines()
    lines.stage("activations", 1000, "documents")
    for pace in (Pace(5_312.4, 41.2), Pace(900, 600), Pace(900, 9_000)):
        clock[0] += 10.0
        lines.advance(100, pace)
    told = [line.rsplit(", ", 1)[0] for line in capsys.readouterr().err.splitlines()]
    assert told == [
        "activations: 100 of 1000 documents, 5,312 tokens/s, 41 s left",
        "activations: 200 of 1000 documents, 900 tokens/s, 10 min left",
        "activations: 300 of 1000 documents, 900 tokens/s, 2.5 h left",
    ]


def test_a_file_tells_other_programs_of_the_stage_its_speed_and_the_notes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = [0.0]
    use_clock(monkeypatch, clock)
    file = tmp_path / "progress.json"
    told = progress_for(quiet=True, file=file)
    assert json.loads(file.read_text()) == {"notes": []}
    told.note("a category called \x1b[31m\nred")
    told.stage("activations", 100, "documents")
    begun = {"stage": "activations", "done": 0, "total": 100, "unit": "documents"}
    notes = ["a category called \\x1b[31m red"]
    assert json.loads(file.read_text()) == {**begun, "notes": notes}
    clock[0] += 2.0
    told.advance(20)
    speed = {"per_second": 10.0, "per_second_unit": "documents", "seconds_left": 8.0}
    assert json.loads(file.read_text()) == {**begun, **speed, "done": 20, "notes": notes}
    told.advance(20, Pace(500.0, 3.0))  # too soon after the last
    assert json.loads(file.read_text())["done"] == 20
    clock[0] += 2.0
    told.advance(0, Pace(500.0, 3.0))
    tokens = {"per_second": 500.0, "per_second_unit": "tokens", "seconds_left": 3.0}
    assert json.loads(file.read_text()) == {**begun, **tokens, "done": 40, "notes": notes}


def test_each_stage_counts_for_itself(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    use_clock(monkeypatch, clock)
    lines = Lines()
    for name, total in (("atlas", 40), ("store", 80)):
        lines.stage(name, total, "rows")
        clock[0] += 20.0
        lines.advance(total // 2)
    assert [line.rsplit(", ", 1)[0] for line in capsys.readouterr().err.splitlines()] == [
        "atlas: 20 of 40 rows, 1.0/s, 20 s left",
        "store: 40 of 80 rows, 2.0/s, 20 s left",
    ]


def test_the_split_of_the_time_leaves_out_what_took_none_and_adds_up() -> None:
    seconds = {"load_model": 3.04, "activations": 15.4, "atlas": 0.0, "store": 2.6, "total": 22.0}
    assert split_of_time(seconds) == "Time: load model 3.0, activations 15.4, store 2.6, the rest 1.0; 22.0 s in all."


@pytest.mark.parametrize("make", [Bars, Lines])
def test_a_note_is_one_line_whatever_it_holds(make: type[Bars] | type[Lines], monkeypatch: pytest.MonkeyPatch) -> None:
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
    bar = Bars(facts=facts)
    for name, pace in (("activations", Pace(2_000, 0)), ("store", None)):
        bar.stage(name, 10, "documents")
        bar.advance(10, pace)
    bar.close()
    bar.close()
    seen = terminal.seen.split("\r")
    for start, told in (("activations: 100%", "2,000 tokens/s, 0 s left"), ("store: 100%", "/s, 0 s left")):
        assert any(part.startswith(start) and "10 of 10 documents" in part and told in part for part in seen)
    assert "MiB" in terminal.seen
