"""Loads that survive a restart of their server: interrupted work is retried once the server is back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from mri_core.store.bolt.driver import Run, Transactions, Writer
from mri_core.store.bolt.failures import ConnectionLostError, SilentError

T = TypeVar("T")
PATIENCE = 300.0  # seconds that a server may be away
PAUSE = 1.0  # seconds between two tries; the driver itself tries for longer


class Patient(Transactions):
    """Transactions over a new connection if the old one's server has gone: restarted, or another leads now.

    Work whose answer was lost may have been done, and is repeated: it must be idempotent.

    Args:
        writer: gives the writer to use.
        renew: closes the connections, so that `writer` makes new ones.
        notify: receives a line when the load waits.
    """

    def __init__(
        self, writer: Callable[[], Writer], renew: Callable[[], None], notify: Callable[[str], None] | None
    ) -> None:
        self._writer, self._renew, self._notify = writer, renew, notify

    def transact(self, work: Callable[[Run], T]) -> T:
        """What `work` returns, in one transaction.

        Raises:
            ConnectionLostError: the server has not come back in five minutes.
        """
        return self.wait_for(lambda: self._writer().transact(work))

    def wait_for(self, work: Callable[[], T]) -> T:
        """What `work` returns, tried again until the server is there; errors as `transact`."""
        deadline = None
        while True:
            try:
                return work()
            except (ConnectionLostError, SilentError) as error:
                if deadline is None:
                    deadline = time.monotonic() + PATIENCE
                    self._report()
                if time.monotonic() > deadline:
                    raise ConnectionLostError(
                        f"A server that goes away during a load has {PATIENCE / 60:g} minutes to come back",
                        error.fact,
                        "Run the same command again: it resumes the load",
                    ) from error
                self._renew()
                time.sleep(PAUSE)

    def at_once(self) -> Writer:
        """The writer itself, which gives a server up after some seconds."""
        return self._writer()

    def _report(self) -> None:
        if self._notify is not None:
            self._notify(f"The store went away: the load resumes if it is back within {PATIENCE / 60:g} minutes")
