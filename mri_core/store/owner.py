"""Who holds a study while it is loaded or deleted, and whether that process is still there."""

from __future__ import annotations

import os
import platform
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

SILENCE = 60.0  # seconds without a sign of life after which a holder counts as gone
CLOCK_STEP = 5.0  # seconds that a process's start time may seem to move when the clock is set


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that a later one with the same number is not taken for it, and one holding of it."""

    host: str
    pid: int
    started: float
    token: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.started:.0f}:{self.token}"

    @classmethod
    def of_this_process(cls) -> Owner:
        """A new holding by this process."""
        pid = os.getpid()
        return cls(platform.node(), pid, psutil.Process(pid).create_time(), secrets.token_hex(4))

    @classmethod
    def parse(cls, text: str) -> Owner:
        """The owner as it stands in the graph; nobody, where it was handed back."""
        parts = text.rsplit(":", 3)
        if len(parts) != 4:
            return cls("", 0, 0.0, "")
        return cls(parts[0], int(parts[1]), float(parts[2]), parts[3])

    def has_left(self, updated_at: str) -> bool:
        """Whether nobody holds the study any more: handed back, its process gone, or silent for long.

        Of another process of this host it is known whether it runs; this one may have given an earlier load up.
        """
        if not updated_at or not self.host:
            return True
        if self.host == platform.node() and self.pid != os.getpid():
            return not self._runs()
        silence = datetime.now(UTC) - datetime.fromisoformat(updated_at)
        return silence.total_seconds() > SILENCE

    def _runs(self) -> bool:
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) < CLOCK_STEP
        except psutil.Error:
            return False
