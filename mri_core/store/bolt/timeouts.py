"""Timeouts that stay interruptible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from mri_core.errors import QueryError
from mri_core.store.bolt.connection import Administration
from mri_core.store.bolt.failures import SilentError, silent

PATIENCE = 15.0  # seconds after which a server that does not answer is probed, and given up
PROBE = 5.0  # seconds for that probe

T = TypeVar("T")


def within(
    seconds: float,
    work: Callable[[], T],
    administration: Administration,
    stop: Callable[[float], None] | None = None,
) -> T:
    """Returns what `work` returns in time; else calls `stop`, which ends it if it is older than some seconds.

    The work runs in its own thread: a driver that waits for a dead server cannot be interrupted, and must block neither
    Ctrl-C nor the end of the process.
    """
    task = _begun(work)
    try:
        in_time = task.wait(seconds, administration)
    except SilentError:  # there is no one to report to
        raise
    except BaseException:  # Ctrl-C: the engine must not continue in vain
        if stop is not None:
            _begun(partial(stop, 0.0)).done.wait(PROBE)
        raise
    if in_time:
        return task.result()
    if stop is not None:
        _begun(partial(stop, seconds)).done.wait(PROBE)
    if not task.done.wait(PATIENCE):
        raise silent(f"Nothing came back in {seconds + PATIENCE:g} seconds", SilentError)
    if task.outcome or stop is None:
        return task.result()
    raise too_slow(seconds)


def too_slow(seconds: float) -> QueryError:
    """The error of a statement that was stopped."""
    return QueryError(
        f"A statement may take {seconds:g} seconds",
        "This one took longer and was stopped",
        "Narrow it down, or allow more with --timeout",
    )


def _begun(work: Callable[[], T]) -> _Task[T]:
    task = _Task(work)
    threading.Thread(target=task, daemon=True).start()
    return task


def _answers(administration: Administration) -> bool:
    """Whether a server answers in time; a hanging server blocks the probe, too."""
    asked = _begun(administration.answers)
    return asked.done.wait(PROBE) and bool(asked.outcome) and asked.outcome[0]


class _Task(Generic[T]):
    """Work of another thread: its outcome or its failure, and when it is done."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.done = threading.Event()
        self.outcome: list[T] = []
        self._failure: list[BaseException] = []
        self._work = work

    def __call__(self) -> None:
        try:
            self.outcome.append(self._work())
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
            self._failure.append(error)
        self.done.set()

    def wait(self, seconds: float, administration: Administration) -> bool:
        """Whether the work is done in time. Gives up earlier on a server that has stopped answering."""
        begun = time.monotonic()
        deadline = begun + seconds
        while not self.done.wait(min(PATIENCE, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                return False
            if not _answers(administration):
                raise silent(f"Nothing came back in {time.monotonic() - begun:.0f} seconds", SilentError)
        return True

    def result(self) -> T:
        if self._failure:
            raise self._failure[0]
        return self.outcome[0]
