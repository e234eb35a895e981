"""Progress of a long run: on standard error a bar or lines, or a file that tells of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ingest.progress import Pace, Progress, Silent
from mri_core.errors import one_line
from ui.jobs.progress_file import ProgressFile
from ui.jobs.stage import Stage, speed_in_words

LINE_EVERY = 10.0  # seconds
MIB = 2**20
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt}{unit}{postfix}"


def progress_for(*, quiet: bool, file: Path | None = None) -> Progress:
    """A file where one is named, else what suits standard error."""
    if file is not None:
        return ProgressFile(file)
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


class Bar:
    """A bar for each stage."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = Stage("", 0, "")

    def stage(self, name: str, total: int, unit: str) -> None:
        """Ends the bar before and begins one."""
        from tqdm import tqdm

        self.close()
        self._stage = Stage(name, total, unit)
        options: dict[str, Any] = {"file": sys.stderr, "dynamic_ncols": True, "bar_format": BAR}
        self._bar = tqdm(total=total, desc=name, unit=f" {unit}", **options)

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Moves the bar."""
        self._stage.advance(steps, pace)
        self._bar.set_postfix_str(_facts(self._stage), refresh=False)
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
        self._stage = Stage("", 0, "")
        self._told = 0.0

    def stage(self, name: str, total: int, unit: str) -> None:
        """Begins counting."""
        self._stage = Stage(name, total, unit)
        self._told = time.monotonic()

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Counts, and tells when it is time."""
        self._stage.advance(steps, pace)
        now = time.monotonic()
        if now - self._told >= LINE_EVERY:
            self._told = now
            stage = self._stage
            click.echo(f"{stage.name}: {stage.done} of {stage.total} {stage.unit}, {_facts(stage)}", err=True)

    def note(self, line: str) -> None:
        """One line."""
        click.echo(one_line(line), err=True)

    def close(self) -> None:
        """Nothing is open."""


def _facts(stage: Stage) -> str:
    """Rate, time left and memory."""
    return f"{speed_in_words(stage.speed())}, {_resident_bytes() / MIB:,.0f} MiB"


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
