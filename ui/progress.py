"""Progress of a long run on standard error: a bar on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from ingest.progress import Pace, Progress, Silent
from mri_core.errors import one_line

LINE_EVERY = 10.0  # seconds
MIB = 2**20
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt}{unit}{postfix}"


def progress_for(*, quiet: bool) -> Progress:
    """What suits standard error."""
    if quiet:
        return Silent()
    return Bar() if _has_room() else Lines()


def _has_room() -> bool:
    """Whether standard error is a terminal with columns: one without a window has none."""
    return sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 0


def split_of_time(seconds: Mapping[str, float]) -> str:
    """A line that tells what the seconds of a run went to, as `ingest.clock.Clock.seconds` gives them."""
    stages = {stage.replace("_", " "): spent for stage, spent in seconds.items() if stage != "total"}
    stages["the rest"] = seconds["total"] - sum(stages.values())
    told = ", ".join(f"{stage} {spent:.1f}" for stage, spent in stages.items() if spent >= 0.05)
    return f"Time: {told}; {seconds['total']:.1f} s in all."


class _Stage:
    """Steps done of a stage, and how it goes."""

    def __init__(self, name: str, total: int, unit: str) -> None:
        self.name, self.total, self.unit, self.done = name, total, unit, 0
        self._begun = time.monotonic()
        self._pace: Pace | None = None

    def advance(self, steps: int, pace: Pace | None) -> None:
        self.done += steps
        self._pace = pace

    def facts(self) -> str:
        """Rate, time left and memory."""
        return f"{self._rate_and_rest()}, {_resident_bytes() / MIB:,.0f} MiB"

    def _rate_and_rest(self) -> str:
        if self._pace is not None:
            return f"{self._pace.tokens_per_second:,.0f} tokens/s, {_span(self._pace.seconds_left)} left"
        rate = self.done / max(time.monotonic() - self._begun, 1e-3)
        return f"{rate:,.1f}/s, {_span((self.total - self.done) / rate)} left" if rate else "nothing done yet"


class Bar:
    """A bar for each stage."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = _Stage("", 0, "")

    def stage(self, name: str, total: int, unit: str) -> None:
        """Ends the bar before and begins one."""
        from tqdm import tqdm

        self.close()
        self._stage = _Stage(name, total, unit)
        options: dict[str, Any] = {"file": sys.stderr, "dynamic_ncols": True, "bar_format": BAR}
        self._bar = tqdm(total=total, desc=name, unit=f" {unit}", **options)

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Moves the bar."""
        self._stage.advance(steps, pace)
        self._bar.set_postfix_str(self._stage.facts(), refresh=False)
        self._bar.update(steps)

    def note(self, line: str) -> None:
        """A line above the bar."""
        if self._bar is None:
            click.echo(one_line(line), err=True)
        else:
            self._bar.write(one_line(line), file=sys.stderr)

    def close(self) -> None:
        """Ends the last bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Lines:
    """Lines for a log."""

    def __init__(self) -> None:
        self._stage = _Stage("", 0, "")
        self._told = 0.0

    def stage(self, name: str, total: int, unit: str) -> None:
        """Begins counting."""
        self._stage = _Stage(name, total, unit)
        self._told = time.monotonic()

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Counts, and tells when it is time."""
        self._stage.advance(steps, pace)
        now = time.monotonic()
        if now - self._told >= LINE_EVERY:
            self._told = now
            stage = self._stage
            click.echo(f"{stage.name}: {stage.done} of {stage.total} {stage.unit}, {stage.facts()}", err=True)

    def note(self, line: str) -> None:
        """One line."""
        click.echo(one_line(line), err=True)

    def close(self) -> None:
        """Nothing is open."""


def _span(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
