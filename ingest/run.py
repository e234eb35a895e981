"""The progress and clock of a run, as one record that its stages share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from ingest.clock import Clock
from ingest.progress import Progress, Silent, counter


@dataclass(frozen=True)
class Run:
    """The context of a run.

    Attributes:
        progress: receives stages, steps and notes.
        clock: counts seconds by stage.
    """

    progress: Progress = field(default_factory=Silent)
    clock: Clock = field(default_factory=Clock)

    def stage(self, name: str, total: int, unit: str) -> Callable[[], None]:
        """Begins a stage of `total` steps, each one `unit`, and returns a function that reports a step as done."""
        self.progress.stage(name, total, unit)
        return self.progress.advance

    def later(self, name: str, total: int, unit: str) -> Callable[[], None]:
        """A stage that begins with its first step, so that what comes before is not counted into its pace."""
        begun: list[Callable[[], None]] = []

        def advance() -> None:
            if not begun:
                begun.append(self.stage(name, total, unit))
            begun[0]()

        return advance

    def counter(self, name: str, unit: str) -> Callable[[int, int], None]:
        """A function of (done, total) that reports them as a stage."""
        return counter(self.progress, name, unit)

    def note(self, line: str) -> None:
        """Reports a fact that the user should see."""
        self.progress.note(line)

    def time(self, stage: str) -> AbstractContextManager[None]:
        """Counts the seconds inside towards a stage of `ingest.clock.STAGES`."""
        return self.clock.time(stage)
