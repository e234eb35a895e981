"""A stage of a long run: the steps that are done, how fast it goes, and how long the rest takes."""

from __future__ import annotations

import time
from typing import NamedTuple

from ingest.progress import Pace


class Speed(NamedTuple):
    """How a stage goes: `unit` is "tokens" where it counts tokens, else its own steps."""

    per_second: float
    unit: str
    seconds_left: float


class Stage:
    """Steps done of a stage, and how it goes."""

    def __init__(self, name: str, total: int, unit: str) -> None:
        self.name, self.total, self.unit, self.done = name, total, unit, 0
        self._begun = time.monotonic()
        self._pace: Pace | None = None

    def advance(self, steps: int, pace: Pace | None) -> None:
        """So many steps are done."""
        self.done += steps
        self._pace = pace

    def speed(self) -> Speed | None:
        """How it goes; None where nothing is done yet."""
        if self._pace is not None:
            return Speed(self._pace.tokens_per_second, "tokens", self._pace.seconds_left)
        rate = self.done / max(time.monotonic() - self._begun, 1e-3)
        return Speed(rate, self.unit, max(self.total - self.done, 0) / rate) if rate else None


def speed_in_words(speed: Speed | None) -> str:
    """Rate and time left."""
    if speed is None:
        return "nothing done yet"
    rate = f"{speed.per_second:,.0f} tokens/s" if speed.unit == "tokens" else f"{speed.per_second:,.1f}/s"
    return f"{rate}, {_span(speed.seconds_left)} left"


def _span(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
