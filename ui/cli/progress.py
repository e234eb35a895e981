"""Progress of a long run: on standard error a bar or lines, or a file that tells of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from ingest.bars import Bars, has_room
from ingest.progress import Pace, Progress, Silent
from ingest.stage import Stage, speed_in_words
from mri_core.errors import one_line
from ui.jobs.progress_file import ProgressFile

LINE_EVERY = 10.0  # seconds
MIB = 2**20


def progress_for(*, quiet: bool, file: Path | None = None) -> Progress:
    """A file where one is named, else what suits standard error."""
    if file is not None:
        return ProgressFile(file)
    if quiet:
        return Silent()
    return Bars(facts=facts) if has_room() else Lines()


def split_of_time(seconds: Mapping[str, float]) -> str:
    """A line that tells what the seconds of a run went to, as `ingest.clock.Clock.seconds` gives them."""
    stages = {stage.replace("_", " "): spent for stage, spent in seconds.items() if stage != "total"}
    stages["the rest"] = seconds["total"] - sum(stages.values())
    told = ", ".join(f"{stage} {spent:.1f}" for stage, spent in stages.items() if spent >= 0.05)
    return f"Time: {told}; {seconds['total']:.1f} s in all."


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
            click.echo(f"{stage.name}: {stage.done} of {stage.total} {stage.unit}, {facts(stage)}", err=True)

    def note(self, line: str) -> None:
        """One line."""
        click.echo(one_line(line), err=True)

    def close(self) -> None:
        """Nothing is open."""


def facts(stage: Stage) -> str:
    """Rate, time left and memory."""
    return f"{speed_in_words(stage.speed())}, {_resident_bytes() / MIB:,.0f} MiB"


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
