"""Progress reports of a long run; the command line and the page each show them in their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Pace(NamedTuple):
    """The speed of a stage, if it is known more precisely than from its steps."""

    tokens_per_second: float
    seconds_left: float


class Progress(Protocol):
    """Receives stages, their completed steps, and notes."""

    def stage(self, name: str, total: int, unit: str) -> None:
        """A stage begins that has `total` steps, each one `unit`; it ends where the next begins."""

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """So many steps of the stage are done; without a pace, the time left is estimated from the steps."""

    def note(self, line: str) -> None:
        """A fact that the user should see."""

    def close(self) -> None:
        """The run has ended."""


class Silent:
    """Tells nothing."""

    def stage(self, name: str, total: int, unit: str) -> None:
        """Nothing."""

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Nothing."""

    def note(self, line: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def counter(progress: Progress, name: str, unit: str) -> Callable[[int, int], None]:
    """Turns calls of (done, total) into a stage and its steps."""
    done: int | None = None

    def report(now: int, total: int) -> None:
        nonlocal done
        if done is None:
            progress.stage(name, total, unit)
        progress.advance(now - (done or 0))
        done = now

    return report
