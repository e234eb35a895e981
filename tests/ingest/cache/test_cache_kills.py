"""Real scans that are killed, and two of the same texts at once: nothing is lost, nothing is run twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ingest.scanner import BATCH, Scanner, scanning

pytestmark = [pytest.mark.model, pytest.mark.slow]  # processes are ended and waited for

DOCUMENTS = 3_000
KILLS, KILLS_BEFORE_A_BATCH = 10, 2


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "corpus.csv"
    lines = (f"text number {i} about {'cats and dogs ' * (i % 9)},{'ab'[i % 2]}\n" for i in range(DOCUMENTS))
    path.write_text("text,label\n" + "".join(lines))
    return path


@pytest.fixture
def scanner(corpus: Path, tiny: Callable[[str], Path], tmp_path: Path) -> Iterator[Scanner]:
    with scanning(corpus, tiny("gpt2"), tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(
    corpus: Path, tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], int, float]:
    """Rows, batches and seconds of a scan that was left alone."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with scanning(corpus, tiny("gpt2"), folder) as scanner:
        begun = time.monotonic()
        assert scanner.wait(scanner.start()) == 0, scanner.lines
        return rows_in(folder), scanner.batches, time.monotonic() - begun


def rows_in(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in (folder / "cache").rglob("*.npy")}
    assert {"L0.npy", "L1.npy", "L2.npy", "L3.npy", "facts.npy", "texts.npy"} == found.keys()
    return found


@pytest.mark.slow  # twelve scans
def test_scans_killed_at_ten_moments_give_the_same_rows_and_lose_a_batch_each_at_most(
    scanner: Scanner, undisturbed: tuple[dict[str, bytes], int, float], tmp_path: Path
) -> None:
    rows, batches, seconds = undisturbed
    moments = random.Random(5)
    for kill in range(KILLS):
        # Told by batches, not by the clock: a scan that runs faster than the one left alone must not end unkilled.
        last = 0 if kill < KILLS_BEFORE_A_BATCH else scanner.batches + moments.randint(1, batches // (2 * KILLS))
        child = scanner.start()
        while scanner.batches < last:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, seconds / batches))
        os.kill(child, signal.SIGKILL)
        assert scanner.wait(child) == -signal.SIGKILL, scanner.lines
    assert scanner.batches > KILLS
    assert scanner.wait(scanner.start()) == 0, scanner.lines
    assert rows_in(tmp_path) == rows
    assert batches <= scanner.batches <= batches + KILLS
    assert scanner.wait(scanner.start()) == 0
    assert scanner.batches <= batches + KILLS


@pytest.mark.slow  # the test below waits and goes on too
def test_of_two_scans_at_once_one_works_and_the_other_waits(
    scanner: Scanner, undisturbed: tuple[dict[str, bytes], int, float], tmp_path: Path
) -> None:
    rows, batches, _ = undisturbed
    first, second = scanner.start(), scanner.start()
    assert (scanner.wait(first), scanner.wait(second)) == (0, 0)
    (note,) = (line for line in scanner.lines if line != BATCH)
    assert note.endswith("reads these texts with this model already: this run waits for it.")
    assert f"Process {first} on" in note or f"Process {second} on" in note
    assert scanner.batches == batches
    assert rows_in(tmp_path) == rows


def test_the_one_that_waits_goes_on_where_the_other_was_killed(
    scanner: Scanner, undisturbed: tuple[dict[str, bytes], int, float], tmp_path: Path
) -> None:
    rows, batches, _ = undisturbed
    first = scanner.start()
    while scanner.batches < 5:
        time.sleep(0.001)
    second = scanner.start()
    while not any("this run waits for it" in line for line in scanner.lines):
        time.sleep(0.001)
    os.kill(first, signal.SIGKILL)
    assert scanner.wait(first) == -signal.SIGKILL
    assert scanner.wait(second) == 0
    assert any("this one continues from there" in line for line in scanner.lines)
    assert batches <= scanner.batches <= batches + 1
    assert rows_in(tmp_path) == rows
