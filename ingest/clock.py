"""Seconds by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

STAGES = ("load_model", "activations", "atlas", "connectome", "statistics", "store")


class Clock:
    """Adds up the seconds spent in each stage since it was created."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._spent = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Counts what happens inside towards a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._spent[stage] += time.perf_counter() - begun

    def seconds(self) -> dict[str, float]:
        """Seconds of each stage, and in total."""
        total = time.perf_counter() - self._started
        return {stage: round(spent, 3) for stage, spent in (*self._spent.items(), ("total", total))}
