"""Whom a function of a notebook reports its progress to."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest

from ingest import bars
from ingest.bars import Bars, reporting
from ingest.progress import Pace, Progress, Silent


class Closing(Silent):
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("asked", [True, False, None])
def test_nothing_is_shown_where_standard_error_is_no_terminal(
    asked: bool | None, capfd: pytest.CaptureFixture[str]
) -> None:
    with reporting(asked) as progress:
        assert isinstance(progress, Silent)
        progress.note("a fact")
    assert capfd.readouterr() == ("", "")


def test_a_progress_of_the_caller_s_is_used_and_left_open() -> None:
    own: Progress = Closing()
    with reporting(own) as progress:
        assert progress is own
    assert not own.closed  # type: ignore[attr-defined]


def test_bars_are_closed_where_a_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "has_room", lambda: True)
    with suppress(ZeroDivisionError), reporting(True) as progress:
        assert isinstance(progress, Bars)
        progress.stage("atlas", 2, "layers")
        raise ZeroDivisionError
    assert progress._bar is None


def test_a_kernel_is_a_notebook_and_a_terminal_s_ipython_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for config, found in (({"IPKernelApp": {}}, True), ({}, False)):
        shell = SimpleNamespace(config=config)
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda shell=shell: shell))
        assert bars.in_notebook() is found


def test_a_notebook_s_notes_are_printed_and_its_bar_has_the_rate_and_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Bars(notebook=True)
    shown.note("news.csv: 60 documents")
    shown.stage("activations", 10, "documents")
    shown.advance(10, Pace(2_000, 5))
    shown.note("a note within")
    shown.close()
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "news.csv: 60 documents"
    assert "a note within" in out
    assert "10 of 10 documents" in err
    assert "2,000 tokens/s, 5 s left" in err
