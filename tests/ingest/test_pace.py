"""The time left of a scan, on simulated runs whose cost is known."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.model.tokens import by_length
from ingest.pace import ScanMeter, TokenPace
from ingest.progress import Pace

pytestmark = pytest.mark.model  # by_length comes with PyTorch

WINDOW, BUDGET, MAX_LENGTH = 2_048, 4_096, 512
ATTENTION = 512 / (6 * 384)  # products of attention over all others', 512 tokens in blocks as narrow as 384


class Clock:
    """Seconds that pass when they are told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def lengths(documents: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Characters of varied texts, and the tokens that they turn out to have, cut at `MAX_LENGTH`."""
    generator = np.random.default_rng(seed)
    characters = generator.lognormal(6.4, 0.8, documents).astype(np.uint32) + 10
    tokens = 2 + characters / generator.normal(4.2, 0.4, documents)
    return characters, np.minimum(tokens.astype(int), MAX_LENGTH)


def simulated(
    characters: np.ndarray, tokens: np.ndarray, quadratic: float, wanted: np.ndarray
) -> list[tuple[float, ...]]:
    """After each batch: seconds spent, seconds foretold, and then, in the last column, what was really left."""
    clock = Clock()
    pace = TokenPace(characters, clock)
    pace.begin(wanted, MAX_LENGTH)
    told = []
    ordinals = np.flatnonzero(wanted)
    for start in range(0, len(ordinals), WINDOW):
        window = ordinals[start : start + WINDOW]
        clock.now += len(window) / 10_000  # tokenised
        pace.window(window.tolist(), tokens[window].tolist())
        for batch in by_length(tokens[window].tolist(), BUDGET):
            sizes = tokens[window][batch]
            clock.now += len(sizes) * sizes.max() * (1 + quadratic * sizes.max() / MAX_LENGTH) / 5_000
            pace.batch(sizes.tolist(), ran=True)
            foretold = pace.pace()
            assert foretold is not None
            told.append((clock.now - Clock.now, foretold.seconds_left))
    return [(spent, left, told[-1][0] - spent) for spent, left in told]


@pytest.mark.parametrize("quadratic", [0.0, ATTENTION], ids=["linear", "mildly quadratic"])
@pytest.mark.parametrize(("documents", "until"), [(300, 0.8), (1_500, 0.98), (9_000, 0.98)])  # 300 are 14 batches
@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_tenth_the_time_left_is_right_within_a_fifth(
    documents: int, until: float, quadratic: float, seed: int
) -> None:
    characters, tokens = lengths(documents, seed)
    run = simulated(characters, tokens, quadratic, np.ones(documents, dtype=bool))
    total = run[-1][0]
    after = [(left, truly) for spent, left, truly in run if total / 10 <= spent <= until * total]
    assert len(after) > 8
    for left, truly in after:
        assert left == pytest.approx(truly, rel=0.2)


def test_documents_that_are_taken_over_count_neither_as_work_nor_as_speed() -> None:
    characters, tokens = lengths(6_000, 3)
    wanted = np.random.default_rng(3).random(6_000) < 0.3
    run = simulated(characters, tokens, 0.0, wanted)
    total = run[-1][0]
    assert total == pytest.approx(tokens[wanted].sum() / 5_000, rel=0.1)
    assert all(left == pytest.approx(truly, rel=0.2) for spent, left, truly in run if total / 10 < spent < 0.98 * total)


def test_batches_that_are_there_already_say_nothing_of_the_speed() -> None:
    clock = Clock()
    pace = TokenPace(np.full(4, 400), clock)
    pace.begin(np.ones(4, dtype=bool), MAX_LENGTH)
    pace.window([0, 1, 2, 3], [100] * 4)
    clock.now += 0.001
    pace.batch([100, 100], ran=False)
    assert pace.pace() is None
    clock.now += 2
    pace.batch([100], ran=True)
    assert pace.pace() == Pace(50.0, 2.0)


def test_where_every_text_was_cut_or_all_are_alike_the_rest_is_taken_to_be_so_too() -> None:
    for seen, expected in ((MAX_LENGTH, MAX_LENGTH), (100, 100)):
        clock = Clock()
        pace = TokenPace(np.full(6, 5_000), clock)
        pace.begin(np.ones(6, dtype=bool), MAX_LENGTH)
        pace.window([0, 1], [seen, seen])
        clock.now += 1
        pace.batch([seen, seen], ran=True)
        told = pace.pace()
        assert told is not None
        assert told.seconds_left * told.tokens_per_second == pytest.approx(4 * expected)


def test_a_scan_s_stage_has_a_step_for_each_document_that_runs() -> None:
    told: list[tuple[object, ...]] = []

    class Kept:
        def stage(self, name: str, total: int, unit: str) -> None:
            told.append((name, total, unit))

        def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
            told.append((steps, pace is not None))

        def note(self, line: str) -> None:
            raise AssertionError(line)

        def close(self) -> None:
            raise AssertionError

    meter = ScanMeter(Kept(), np.array([10, 20, 30], dtype=np.uint32))
    meter.begin(np.array([True, False, True]), MAX_LENGTH)
    meter.window([0, 2], [4, 8])
    meter.batch([8], ran=False)
    meter.batch([4], ran=True)
    assert told == [("activations", 2, "documents"), (1, False), (1, True)]
