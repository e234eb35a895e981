"""Ctrl-C, closed pipes and terminals: how a command behaves while it runs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mri_core.store.store import Store
from tests.command import Mri, Result
from tests.models import save_tiny
from tests.planted import planted_graph

DEMO = Path(str(files("ingest") / "demo.csv"))
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.usefixtures("tidy"),
]  # processes end


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny decoder."""
    return save_tiny("gpt2", tmp_path_factory.mktemp("model") / "gpt2")


def corpus(path: Path, documents: int) -> Path:
    """So many short texts: three thousand in small batches, or ten thousand, are a second of activations or more."""
    lines = (f"text number {i} about {'cats and dogs ' * (i % 9)},{'ab'[i % 2]}\n" for i in range(documents))
    path.write_text("text,label\n" + "".join(lines))
    return path


@pytest.fixture(scope="module")
def wide_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Given activations of 3,000 documents in four layers: a second of loading."""
    folder = tmp_path_factory.mktemp("given")
    generator = np.random.default_rng(0)
    for layer in range(4):
        np.save(folder / f"L{layer}.npy", generator.normal(size=(3_000, 4)).astype("float32"))
    (folder / "documents.csv").write_text("label\n" + "a\nb\nc\n" * 1_000)
    return folder


def interrupt(command: subprocess.Popen[str], when: Callable[[], bool], patience: float = 60) -> Result:
    """Ctrl-C as soon as something holds."""
    deadline = time.monotonic() + patience
    while not when():
        assert command.poll() is None, f"It ended before: {command.communicate()}"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=patience)
    return Result(command.returncode, out, err)


def assert_interrupted(result: Result) -> None:
    assert result.status == 130
    assert result.refusal() == "mri: Interrupted. Nothing half-done is visible."
    assert result.out == ""


def test_ctrl_c_while_activations_are_read_shows_nothing_and_the_next_run_goes_on(
    mri: Mri, model: Path, tmp_path: Path
) -> None:
    alone, texts = replace(mri, cache=tmp_path / "cache"), corpus(tmp_path / "texts.csv", 3_000)
    arguments = ("ingest", texts, "--name", "stopped", "--model", model, "--max-length", 8, "--batch-tokens", 128)

    def reading() -> bool:
        return any(journal.stat().st_size > 4_000 for journal in (alone.cache / "activations").rglob("journal"))

    assert_interrupted(interrupt(alone.start(*arguments), reading))
    assert mri("show", "stopped").status == 2
    again = alone(*arguments, "--clusters", 6).done()
    assert "of 3,000 texts: this one continues from there." in again.err
    assert "stopped is ready: 3000 documents" in again.out


def test_ctrl_c_while_the_store_is_loaded_shows_nothing_and_the_next_run_completes(
    mri: Mri, store: Store, wide_study: Path
) -> None:
    arguments = ("ingest", "--activations", wide_study, "--name", "half")

    def loading() -> bool:
        found = store.read("MATCH (d:Document)-[:IN_CATEGORY]->(:Category) WHERE d.title IS NOT NULL RETURN count(d)")
        return int(found.rows[0][0]) > 0

    assert not loading()
    assert_interrupted(interrupt(mri.start(*arguments), loading))
    assert mri("show", "half").status == 2
    assert "half" not in [study["name"] for study in mri("studies", "--json").done().json]
    told = mri(*arguments, "--json").done().json
    assert told["status"] == "ready"
    counts = store.read("MATCH (d:Document {study: $s})-[p:PASSES]->() RETURN count(p)", {"s": told["study"]})
    assert counts.rows == ((4 * 3_000,),)
    assert store.read("MATCH (s:Study {name: 'half'}) RETURN count(s)").rows == ((1,),)


@pytest.mark.slow  # three scans; those that are interrupted at a place are tested above
@pytest.mark.parametrize("delay", [0.0, 0.5, 2.0])
def test_ctrl_c_at_any_moment_is_one_line(delay: float, mri: Mri, model: Path, tmp_path: Path) -> None:
    texts = corpus(tmp_path / "texts.csv", 20_000)
    command = mri.start("ingest", texts, "--name", "moment", "--model", model, "--max-length", 20)
    assert "20000 documents" in command.stderr.readline()  # the corpus was read
    begun = time.monotonic()
    assert_interrupted(interrupt(command, lambda: time.monotonic() - begun >= delay))
    assert mri("show", "moment").status == 2


def test_ctrl_c_while_the_command_line_itself_is_imported_is_one_line(mri: Mri) -> None:
    command = mri.start("studies", python=("-X", "importtime", "-m", "ui.cli.start"))
    while "click.globals" not in command.stderr.readline():  # told when its import has ended: that of click goes on
        assert command.poll() is None
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=60)
    assert err.splitlines()[-1] == "mri: Interrupted. Nothing half-done is visible."
    assert "Traceback" not in err
    assert command.returncode == 130


def test_a_reader_that_has_seen_enough_is_no_failure(mri: Mri, store: Store) -> None:
    store.write(planted_graph("piped", seed=92))
    for arguments in (("query", "layers", "--study", "piped"), ("query",), ("studies", "--json"), ("--help",)):
        command = mri.start(*arguments)
        command.stdout.close()  # what `head` does, before the first line
        assert command.wait(30) == 0
        assert command.stderr.read() == ""
        command.stderr.close()


# --- terminals


def on_a_terminal(mri: Mri, *arguments: object, typed: str = "", columns: int = 100) -> tuple[int, str]:
    """Run a command whose three streams are a terminal; its status and all that appeared there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    command = mri.start(*arguments, **streams, start_new_session=True)
    os.close(theirs)
    os.write(ours, typed.encode())
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    return command.wait(30), seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody has the other end open any more
        return b""


def test_a_terminal_shows_a_bar_with_rate_and_time_left(mri: Mri, model: Path, tmp_path: Path) -> None:
    alone = replace(mri, cache=tmp_path / "cache")  # else the activations may be there already
    status, seen = on_a_terminal(alone, "ingest", DEMO, "--name", "bar", "--model", model, "--limit", 90)
    assert status == 0
    assert "activations: 100%" in seen
    assert re.search(r"90 of 90 documents.*tokens/s, .* left, [\d,]+ MiB", seen)
    assert "store: 100%" in seen
    assert "bar is ready" in seen


@pytest.mark.parametrize("option", ["--quiet", "--json"])
def test_nothing_moves_on_a_terminal_where_quiet_or_json_is_asked_for(option: str, mri: Mri, model: Path) -> None:
    arguments = ("ingest", DEMO, "--name", "quiet", "--model", model, "--limit", 80, option)
    status, seen = on_a_terminal(mri, *arguments)
    assert status == 0
    assert "%" not in seen
    assert "\x1b" not in seen
    assert seen.startswith("{" if option == "--json" else "quiet is ready")


def test_a_deletion_is_confirmed_on_a_terminal(mri: Mri, store: Store) -> None:
    store.write(planted_graph("doomed", seed=93))
    status, seen = on_a_terminal(mri, "delete", "doomed", typed="n\n")
    assert status == 0
    assert "Delete doomed (60 documents, 20 regions)?" in seen
    assert "Nothing was deleted." in seen
    assert mri("query", "layers", "--study", "doomed").status == 0
    status, seen = on_a_terminal(mri, "delete", "doomed", typed="y\n")
    assert status == 0
    assert "Deleted doomed" in seen
    assert mri("query", "layers", "--study", "doomed").status == 2
