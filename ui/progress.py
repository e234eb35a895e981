"""Progress of a long run on standard error: a bar on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from ingest.progress import Pace, Progress, Silent
from mri_core.errors import one_line

LINE_EVERY = 10.0  # seconds


def progress_for(*, quiet: bool) -> Progress:
    """What suits standard error."""
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


class Bar:
    """A bar for each stage, with its rate and the time left."""

    def __init__(self) -> None:
        self._bar: Any = None

    def stage(self, name: str, total: int, unit: str) -> None:
        """Ends the bar before and begins one."""
        from tqdm import tqdm

        self.close()
        self._bar = tqdm(total=total, desc=name, unit=f" {unit}", file=sys.stderr, dynamic_ncols=True, smoothing=0.1)

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Moves the bar."""
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
        self._name, self._unit, self._total, self._done = "", "", 0, 0
        self._begun = self._told = 0.0

    def stage(self, name: str, total: int, unit: str) -> None:
        """Begins counting."""
        self._name, self._unit, self._total, self._done = name, unit, total, 0
        self._begun = self._told = time.monotonic()

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Counts, and tells when it is time."""
        self._done += steps
        now = time.monotonic()
        if now - self._told >= LINE_EVERY:
            self._told = now
            rate = self._done / (now - self._begun)
            left = (self._total - self._done) / rate
            told = f"{self._name}: {self._done} of {self._total} {self._unit}, {rate:.1f}/s, {left:.0f} s left"
            click.echo(told, err=True)

    def note(self, line: str) -> None:
        """One line."""
        click.echo(one_line(line), err=True)

    def close(self) -> None:
        """Nothing is open."""
