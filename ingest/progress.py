"""What a long run tells while it works; the command line and the page each show it in their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Pace(NamedTuple):
    """How fast a stage goes, where it knows better than its steps tell."""

    tokens_per_second: float
    seconds_left: float


class Progress(Protocol):
    """Told of stages, of steps done in them, and of facts worth a line."""

    def stage(self, name: str, total: int, unit: str) -> None:
        """A stage begins that has `total` steps, each one `unit`; it ends where the next begins."""

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """So many steps of the stage are done; without a pace, the steps tell how long the rest takes."""

    def note(self, line: str) -> None:
        """A fact that the user should see."""

    def close(self) -> None:
        """Nothing more comes."""


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
    """Makes a stage of what tells how far it is, of how much: a stage is told of steps."""
    done: int | None = None

    def tell(now: int, total: int) -> None:
        nonlocal done
        if done is None:
            progress.stage(name, total, unit)
        progress.advance(now - (done or 0))
        done = now

    return tell
