"""Progress as a file that other programs read: one JSON object, replaced whole."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ingest.progress import Pace
from ingest.stage import Stage
from mri_core.errors import one_line

EVERY = 0.5  # seconds


class ProgressFile:
    """Keeps `stage`, `done`, `total`, `unit`, `per_second`, `per_second_unit`, `seconds_left` and `notes` in a file.

    What is not known is left out: the first six before a stage has begun, the rate and the rest before it has done
    anything.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._stage = path, Stage("", 0, "")
        self._notes: list[str] = []
        self._told = 0.0
        self._write()

    def stage(self, name: str, total: int, unit: str) -> None:
        """Begins counting."""
        self._stage = Stage(name, total, unit)
        self._write()

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Counts, and tells when it is time."""
        self._stage.advance(steps, pace)
        if time.monotonic() - self._told >= EVERY or self._stage.done >= self._stage.total:
            self._write()

    def note(self, line: str) -> None:
        """One line more."""
        self._notes.append(one_line(line))
        self._write()

    def close(self) -> None:
        """What was told last stays."""

    def _write(self) -> None:
        self._told = time.monotonic()
        draft = self._path.with_name(f"{self._path.name}.draft")
        draft.write_text(json.dumps({**self._of_stage(), "notes": self._notes}), encoding="utf-8")
        draft.replace(self._path)

    def _of_stage(self) -> dict[str, object]:
        stage = self._stage
        if not stage.name:
            return {}
        told = {"stage": stage.name, "done": stage.done, "total": stage.total, "unit": stage.unit}
        speed = stage.speed()
        if speed is None:
            return told
        rate = {"per_second": speed.per_second, "per_second_unit": speed.unit, "seconds_left": speed.seconds_left}
        return {**told, **rate}
