"""The owner of a study while it is loaded or deleted, and whether that process is still running."""

from __future__ import annotations

import os
import platform
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

SILENCE = 60.0  # seconds without an update after which an owner counts as gone
CLOCK_STEP = 5.0  # seconds that a process's start time may shift when the clock is set


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, identified despite reused process ids, and one of its ownerships."""

    host: str
    pid: int
    started: float
    token: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.started:.0f}:{self.token}"

    @classmethod
    def of_this_process(cls) -> Owner:
        """A new ownership by this process."""
        pid = os.getpid()
        return cls(platform.node(), pid, psutil.Process(pid).create_time(), secrets.token_hex(4))

    @classmethod
    def parse(cls, text: str) -> Owner:
        """The owner as stored in the graph; nobody if it was released."""
        parts = text.rsplit(":", 3)
        if len(parts) != 4:
            return cls("", 0, 0.0, "")
        return cls(parts[0], int(parts[1]), float(parts[2]), parts[3])

    def has_left(self, updated_at: str) -> bool:
        """Whether nobody owns the study any more: released, its process gone, or silent for long.

        Other processes of this host are checked directly; this process may have given up an earlier load.
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
