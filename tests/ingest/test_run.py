"""The stages of a run, as whatever shows its progress is given them."""

from __future__ import annotations

from ingest.progress import Silent
from ingest.run import Run


class Recorded(Silent):
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def stage(self, name: str, total: int, unit: str) -> None:
        self.seen.append((name, total, unit))

    def advance(self, steps: int = 1, pace: object = None) -> None:
        self.seen.append(steps)


def test_a_later_stage_begins_with_its_first_step() -> None:
    progress = Recorded()
    run = Run(progress)
    advance = run.later("statistics", 2, "steps")
    run.stage("tests", 1, "families")()
    advance()
    advance()
    assert progress.seen == [("tests", 1, "families"), 1, ("statistics", 2, "steps"), 1, 1]
