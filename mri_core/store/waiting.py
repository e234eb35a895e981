"""Waits for a server, but not for ever, and not deaf to Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from mri_core.errors import QueryError, StoreError
from mri_core.store.connection import Administration
from mri_core.store.failures import SilentError, silent

PATIENCE = 15.0  # seconds after which a server that does not answer is given up

T = TypeVar("T")


def within(
    seconds: float,
    work: Callable[[], T],
    administration: Administration,
    stop: Callable[[float], None] = lambda age: None,
) -> T:
    """What `work` returns, if it does so in time; else `stop` is to end it where it is older than some seconds.

    The work is done in a thread of its own: a driver that waits for a dead server cannot be interrupted, and must
    hold up neither Ctrl-C nor the end of the process.
    """
    task = _Task(work)
    threading.Thread(target=task, daemon=True).start()
    try:
        in_time = task.wait(seconds, administration)
    except BaseException:  # Ctrl-C: the engine must not go on for nobody
        with suppress(StoreError):
            stop(0.0)
        raise
    if in_time:
        return task.result()
    stop(seconds)
    if not task.done.wait(PATIENCE):
        raise silent(f"Nothing came back in {seconds + PATIENCE:g} seconds")
    if task.outcome:
        return task.outcome[0]
    raise too_slow(seconds)


def too_slow(seconds: float) -> QueryError:
    """The error of a statement that was stopped."""
    return QueryError(
        f"A statement may take {seconds:g} seconds",
        "This one took longer and was stopped",
        "Narrow it down, or allow more with --timeout",
    )


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
        """Whether the work is done in time. A server that has stopped answering is not waited for that long."""
        deadline = time.monotonic() + seconds
        while not self.done.wait(min(PATIENCE, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                return False
            if not administration.answers():
                raise silent(f"Nothing came back in {PATIENCE:g} seconds", SilentError)
        return True

    def result(self) -> T:
        if self._failure:
            raise self._failure[0]
        return self.outcome[0]
