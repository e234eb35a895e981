"""The seam to the Bolt driver: its connections, its errors as ours, its values as plain Python.

This is the only module that imports `neo4j`, and does so when a store is first talked to: the import takes longer
than most reads.
"""

from __future__ import annotations

import logging
import math
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mri_core.errors import MriError, QueryError, StoreError
from mri_core.records import Table
from mri_core.store.connection import Account, Administration, Connection

if TYPE_CHECKING:
    import neo4j

PATIENCE = 15.0  # seconds after which a store that does not answer is given up
WRITE_PATIENCE = 300.0  # seconds for one batch, on a slow disk too
LEAST_ROOM = 2**24  # bytes free below which a refusal is put down to a full disk
FETCH_SIZE = 1000
MARK = re.compile(r"\n// [0-9a-f]{16}")  # that we put on a statement, and engines quote
FACT_LENGTH = 300  # characters of an engine's message that are shown

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # its warnings would stand beside our one line

T = TypeVar("T")
Run = Callable[..., list[dict[str, Any]]]  # run(statement, **parameters) inside a transaction


class ConnectionLostError(StoreError):
    """The server cannot be reached, or went away."""


class RefusedError(StoreError):
    """The server does not do what it was told to."""


class Writer:
    """Transactions of the writing account, tried again where the engine asks for it."""

    def __init__(self, connection: Connection) -> None:
        self._database = connection.database
        self._administration = connection.administration
        self._driver = _open(connection.uri, connection.writer)

    def transact(self, work: Callable[[Run], T]) -> T:
        """What `work` returns, in one transaction. `work` may be called again after a conflict."""

        def unit(transaction: neo4j.ManagedTransaction) -> T:
            def run(statement: str, **parameters: Any) -> list[dict[str, Any]]:
                return transaction.run(statement, parameters).data()

            return work(run)

        def attempt() -> T:
            with self._driver.session(database=self._database) as session:
                return session.execute_write(unit)

        try:
            with _ours(RefusedError, "The store refuses what was written"):
                return _within(WRITE_PATIENCE, attempt, self._administration)
        except RefusedError as error:  # engines do not always say that it was for want of room
            if self._administration is not None and self._administration.free_bytes() < LEAST_ROOM:
                raise _no_room() from error
            raise

    def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of one statement in its own transaction."""
        return self.transact(lambda run: run(statement, **parameters))

    def close(self) -> None:
        """Let go of the connections."""
        self._driver.close()


class Reader:
    """Statements of the account that cannot write."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = _open(connection.uri, connection.reader)
        # names our statements to the engine; the same in all, so that they share plans
        self._mark = f"\n// {secrets.token_hex(8)}"

    def read(self, statement: str, parameters: Mapping[str, Any], timeout: float, max_rows: int) -> Table:
        """At most `max_rows` rows of a statement."""
        marked = f"{statement}{self._mark}"
        administration = self._connection.administration

        def attempt() -> Table:
            return self._table(marked, parameters, timeout, max_rows)

        def stop(age: float) -> None:
            if administration is not None:
                administration.terminate(marked, age)

        with _ours(QueryError, "The engine refuses the statement"):
            return _within(timeout, attempt, administration, stop)

    def _table(self, statement: str, parameters: Mapping[str, Any], timeout: float, max_rows: int) -> Table:
        import neo4j

        query = neo4j.Query(statement, timeout=timeout)
        size = min(max_rows + 1, FETCH_SIZE)
        with self._driver.session(
            database=self._connection.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=size
        ) as session:
            result = session.run(query, dict(parameters))
            rows: list[tuple[Any, ...]] = []
            for record in result:
                if len(rows) == max_rows:
                    return Table(tuple(result.keys()), tuple(rows), cut=True)
                rows.append(tuple(plain(value) for value in record.values()))
            return Table(tuple(result.keys()), tuple(rows))

    def close(self) -> None:
        """Let go of the connections."""
        self._driver.close()


def plain(value: Any) -> Any:
    """A driver's value as what JSON knows: dictionaries, lists, strings, numbers, booleans and None.

    A node becomes its labels and properties, a relationship its type and properties, a path its nodes and
    relationships; dates, times and durations become ISO 8601 strings, a point its coordinates, bytes hexadecimal;
    a number that is not finite becomes None.
    """
    from neo4j import graph, spatial
    from neo4j import time as temporal

    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, graph.Node):
        return {"labels": sorted(value.labels), "properties": plain(dict(value))}
    if isinstance(value, graph.Relationship):
        return {"type": value.type, "properties": plain(dict(value))}
    if isinstance(value, graph.Path):
        return {"nodes": plain(list(value.nodes)), "relationships": plain(list(value.relationships))}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, temporal.Date | temporal.Time | temporal.DateTime | temporal.Duration):
        return value.iso_format()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, spatial.Point | list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


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


def _within(
    seconds: float,
    work: Callable[[], T],
    administration: Administration | None,
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
        raise _silent(f"Nothing came back in {seconds + PATIENCE:g} seconds")
    if task.outcome:
        return task.outcome[0]
    raise QueryError(
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

    def wait(self, seconds: float, administration: Administration | None) -> bool:
        """Whether the work is done in time. A server that has stopped answering is not waited for that long."""
        deadline = time.monotonic() + seconds
        while not self.done.wait(min(PATIENCE, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                return False
            if administration is not None and not administration.answers():
                raise _silent(f"Nothing came back in {PATIENCE:g} seconds")
        return True

    def result(self) -> T:
        if self._failure:
            raise self._failure[0]
        return self.outcome[0]


@contextmanager
def _ours(kind: type[MriError], rule: str) -> Iterator[None]:
    """No exception of the driver passes: each becomes an `MriError`, `kind` where the statement is to blame."""
    from neo4j.exceptions import (
        AuthError,
        ConfigurationError,
        DriverError,
        Forbidden,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
    )

    try:
        yield
    except (ServiceUnavailable, SessionExpired, OSError) as error:
        raise _silent(str(error), ConnectionLostError) from error
    except Forbidden as error:
        raise kind(
            "Statements are read-only: they cannot write, change the schema, or load files",
            _fact(error.message),
            "Ask with MATCH … RETURN",
        ) from error
    except (AuthError, ConfigurationError) as error:
        raise StoreError("The store must know the account", _fact(str(error))) from error
    except Neo4jError as error:
        raise _refused(kind, rule, error.code or "", error.message or "") from error
    except DriverError as error:
        if str(error).endswith("closed"):  # by another thread, whose connection was lost
            raise _silent(str(error), ConnectionLostError) from error
        raise kind(rule, _fact(str(error))) from error
    except (ValueError, TypeError, OverflowError) as error:  # values that Bolt cannot carry, for one
        raise kind(rule, _fact(str(error))) from error


def _refused(kind: type[MriError], rule: str, code: str, message: str) -> MriError:
    if "No space left" in message:
        return _no_room()
    if code.endswith(".SyntaxError"):
        return kind("The statement must be Cypher that the engine knows", _fact(message))
    if code.endswith(".ParameterMissing"):
        return kind("Every parameter of a statement needs a value", _fact(message))
    return kind(rule, _fact(message or code))


def _no_room() -> StoreError:
    return StoreError("The store needs room on its disk", "The disk is full", "Free some space and try again")


def _silent(fact: str, kind: type[StoreError] = StoreError) -> StoreError:
    return kind("The store does not answer", _fact(fact), "Try again; `mri store status` tells how it is")


def _fact(message: str | None) -> str:
    line = " ".join(MARK.sub("", message or "").split())
    return line if len(line) <= FACT_LENGTH else f"{line[: FACT_LENGTH - 1]}…"
