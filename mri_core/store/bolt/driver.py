"""The seam to the Bolt driver: accounts that write and that read.

Only this package's seam imports `neo4j`, and does so when a store is first used: the import takes longer than
most reads.
"""

from __future__ import annotations

import logging
import secrets
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mri_core.errors import QueryError, StoreError
from mri_core.records.table import Table
from mri_core.store.bolt import server
from mri_core.store.bolt.connection import Account, Administration, Connection
from mri_core.store.bolt.failures import (
    REFUSED,
    ConnectionLostError,
    RefusedError,
    SilentError,
    TimedOutError,
    no_room,
    ours,
)
from mri_core.store.bolt.screen import EXPLAIN, check_plan, check_text
from mri_core.store.bolt.timeouts import PATIENCE, too_slow, within
from mri_core.store.bolt.values import plain

if TYPE_CHECKING:
    import neo4j

WRITE_PATIENCE = 300.0  # seconds for one batch, on a slow disk too
LEAST_ROOM = 2**24  # bytes free below which a refusal is attributed to a full disk
FETCH_SIZE = 1000
SCREENED = 1000  # statements that are remembered as harmless

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # its warnings would appear next to our one line

T = TypeVar("T")
Run = Callable[..., list[dict[str, Any]]]  # run(statement, **parameters) inside a transaction


class Transactions(Protocol):
    """Atomic writing transactions."""

    def transact(self, work: Callable[[Run], T]) -> T:
        """What `work` returns, in one transaction. `work` may be called again after a conflict or a lost answer."""

    def at_once(self) -> Transactions:
        """The same, without waiting for a server that has gone."""

    def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of one statement in its own transaction."""
        return self.transact(lambda run: run(statement, **parameters))


class _Session:
    """What both accounts have: a driver, opened with the first use, and someone to ask how the server is."""

    def __init__(self, connection: Connection, account: Account) -> None:
        self._connection = connection
        with ours(StoreError, "A server's address must be one that can be reached"):
            self._driver = _open(connection.uri, account)
        self._administration: Administration = connection.administration or _OverBolt(self._driver)
        self._met = connection.reads_only

    def close(self) -> None:
        """Let go of the connections."""
        self._driver.close()

    def _meet(self) -> None:
        """Make sure, once, that the server is one that we know."""
        if not self._met:
            server.check_agent(self._driver.get_server_info().agent)
            self._met = True


class Writer(_Session, Transactions):
    """Transactions of the writing account, tried again where the engine asks for it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, connection.writer)

    def transact(self, work: Callable[[Run], T]) -> T:
        """What `work` returns, in one transaction."""

        def unit(transaction: neo4j.ManagedTransaction) -> T:
            def run(statement: str, **parameters: Any) -> list[dict[str, Any]]:
                return transaction.run(statement, parameters).data()

            return work(run)

        def attempt() -> T:
            self._meet()
            with self._driver.session(database=self._connection.database) as session:
                return session.execute_write(unit)

        try:
            with ours(RefusedError, "The store refuses what was written"):
                return within(WRITE_PATIENCE, attempt, self._administration)
        except SilentError as error:
            raise ConnectionLostError(error.rule, error.fact, error.remedy) from error
        except RefusedError as error:  # engines do not always report a full disk
            if (free := self._administration.free_bytes()) is not None and free < LEAST_ROOM:
                raise no_room() from error
            raise

    def at_once(self) -> Writer:
        """This one: it gives a server up after some seconds."""
        return self


class Reader(_Session):
    """Statements of the account that cannot write."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, connection.reader)
        # names our statements to the engine; the same in all, so that they share plans
        self._mark = f"\n// {secrets.token_hex(8)}"
        self._harmless: set[str] = set()

    def read(self, statement: str, parameters: Mapping[str, Any], timeout: float, max_rows: int) -> Table:
        """At most `max_rows` rows of a statement."""
        marked = f"{statement}{self._mark}"

        def attempt() -> Table:
            check_text(statement)
            if not self._connection.reads_only:
                self._meet()
                self._screen(marked, parameters, timeout)
            return self._table(marked, parameters, timeout, max_rows)

        def stop(age: float) -> None:
            self._administration.terminate(marked, age)

        try:
            with ours(QueryError, REFUSED):
                return within(timeout, attempt, self._administration, stop)
        except TimedOutError as error:
            raise too_slow(timeout) from error

    def _screen(self, statement: str, parameters: Mapping[str, Any], timeout: float) -> None:
        """Refuse a statement that would do more than read; what it does depends on no value."""
        import neo4j

        if statement in self._harmless:
            return
        query = neo4j.Query(EXPLAIN + statement, timeout=timeout)
        with ours(QueryError, REFUSED, lines_before=1), self._session() as session:
            summary = session.run(query, dict(parameters)).consume()
        check_plan(summary.query_type, summary.plan)
        if len(self._harmless) >= SCREENED:
            self._harmless.clear()
        self._harmless.add(statement)

    def _table(self, statement: str, parameters: Mapping[str, Any], timeout: float, max_rows: int) -> Table:
        import neo4j

        query = neo4j.Query(statement, timeout=timeout)
        columns: tuple[str, ...] = ()
        rows: list[tuple[Any, ...]] = []
        # The driver drops the connection of a cancelled statement. Else the embedded engine computes all other rows.
        with suppress(CancelledError), self._session(min(max_rows + 1, FETCH_SIZE)) as session:
            result = session.run(query, dict(parameters))
            columns = tuple(result.keys())
            for record in result:
                if len(rows) == max_rows:
                    raise CancelledError
                rows.append(tuple(plain(value) for value in record.values()))
            return Table(columns, tuple(rows))
        return Table(columns, tuple(rows), cut=True)

    def _session(self, fetch_size: int = FETCH_SIZE) -> neo4j.Session:
        import neo4j

        return self._driver.session(
            database=self._connection.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=fetch_size
        )


class _OverBolt:
    """What a server that is reached over Bolt alone can be asked."""

    def __init__(self, driver: neo4j.Driver) -> None:
        self._driver = driver

    def answers(self) -> bool:
        """Whether the server is alive, however busy."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            self._driver.verify_connectivity()
        except (DriverError, Neo4jError, OSError):
            return False
        return True

    def terminate(self, text: str, seconds: float) -> None:
        """End the running statements with that text that are at least so old."""
        with ours(RefusedError, "The statement cannot be ended"):
            self._driver.execute_query(
                "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery AS text, elapsedTime AS age "
                "WHERE text = $text AND age.milliseconds >= $least "
                "TERMINATE TRANSACTIONS id YIELD message RETURN message",
                {"text": text, "least": 900 * seconds},  # it began a little after we asked
            )

    def free_bytes(self) -> None:
        """Room on the server's disk is not known."""


def _open(uri: str, account: Account) -> neo4j.Driver:
    import neo4j

    return neo4j.GraphDatabase.driver(
        uri,
        auth=account,
        connection_timeout=PATIENCE,
        connection_acquisition_timeout=PATIENCE,
        max_transaction_retry_time=PATIENCE,
        notifications_min_severity="OFF",
        user_agent="llm-mri-graph",
    )
