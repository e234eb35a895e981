"""Questions asked through a py2neo `Graph`, for work that has one. The main road is `mri.query`, by the neo4j driver.

Needs the extra `py2neo`, a library that is no longer maintained. It sets statements no time limit: a server's own
`db.transaction.timeout` holds.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri_core.errors import QueryError, StoreError
from mri_core.records.table import Table
from mri_core.store import Location, connector
from mri_core.store.bolt.failures import ASK, READ_ONLY, REFUSED, placed
from mri_core.store.bolt.screen import EXPLAIN, check_plan, check_text
from mri_core.store.bolt.values import plain
from mri_core.store.embedded import arcadedb
from mri_core.store.reading import MAX_ROWS, TIMEOUT, Readable, check_limits
from queries.catalog import Place, find_question
from queries.result import Result
from queries.runner import run
from queries.text import cut_line

if TYPE_CHECKING:
    import pandas as pd
    from py2neo import Graph

EMBEDDED = "ArcadeDB."  # how the embedded engine begins the name of its plans
CONNECTED = "A py2neo graph must reach its store and be let in"


def connect(store: Location | None = None) -> Graph:
    """A py2neo `Graph` of a store; of the embedded engine with the account that cannot write.

    Args:
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Raises:
        MriError: py2neo is not installed, or the store is not there.
    """
    try:
        from py2neo import Graph
    except ImportError:
        remedy = "Run `pip install py2neo`"
        raise StoreError("Questions go through py2neo where it is there", "It is not installed", remedy) from None
    reached = connector(store, create=False)()
    with _ours():
        return Graph(reached.uri, auth=reached.reader, name=reached.database)


def answer(
    graph: Graph,
    name: str,
    /,
    *,
    max_rows: int = MAX_ROWS,
    queries: Place | Sequence[Place] = (),
    **parameters: Any,
) -> pd.DataFrame:
    """The answer to a question of the catalogue as a data frame, its columns typed as by `Result.to_pandas`.

    The statement runs in a transaction that only reads, and is first looked at as one's own Cypher is.

    Args:
        graph: of a store; py2neo holds its connection and account. See `connect`.
        name: of the question; `compare_categories` is `compare-categories`.
        max_rows: rows that are kept; a warning says that there were more.
        queries: a folder of your own questions, or several, beside those that `MRI_QUERIES` names.
        parameters: the question's own, by name, as for `mri.query`.

    Raises:
        MriError: an unknown name, a missing or bad parameter, a statement that is refused, or a store that is gone.
    """
    template = find_question(name, queries)
    table = run(_Through(graph), template, parameters, max_rows=max_rows)
    if table.cut:
        warnings.warn(cut_line(len(table.rows), "max_rows"), stacklevel=2)
    return Result.of(table, template).to_pandas()


class _Through(Readable):
    """A store that is read through a py2neo `Graph`."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def read(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,  # py2neo has no way to tell it to a server
        max_rows: int = MAX_ROWS,
    ) -> Table:
        """At most `max_rows` rows of a statement. py2neo fetches all of them before it gives the first."""
        check_limits(timeout, max_rows)
        with _ours():
            self._screen(statement, parameters)
            cursor = self._run(statement, parameters)
            rows = [tuple(plain(value) for value in record) for record in cursor]
            return Table(tuple(cursor.keys()), tuple(rows[:max_rows]), cut=len(rows) > max_rows)

    def document_table(self, study_id: str) -> Path:
        """Not known: raises `StoreError`."""
        fact = "A py2neo graph does not say where its store is"
        raise StoreError("A table of documents lies beside its store", fact, "Use mri.open_store")

    def _screen(self, statement: str, parameters: Mapping[str, Any] | None) -> None:
        """Refuse a statement that would do more than read; the embedded engine itself does, of its reader."""
        check_text(statement)
        summary = self._run(EXPLAIN + statement, parameters).summary()
        plan = summary.get("plan") or {}
        if not str(plan.get("operatorType")).startswith(EMBEDDED):
            check_plan(summary.get("type"), plan or None)
        elif self._graph.service.profile.user != arcadedb.READER:
            fact = f"This graph uses {self._graph.service.profile.user!r}, who may write"
            raise StoreError("The embedded engine is read by its reader", fact, "Make the graph with `connect`")

    def _run(self, statement: str, parameters: Mapping[str, Any] | None) -> Any:
        return self._graph.auto(readonly=True).run(statement, dict(parameters or {}))


@contextmanager
def _ours() -> Iterator[None]:
    """No exception of py2neo passes: each becomes an `MriError`."""
    from py2neo import errors
    from py2neo.wiring import WireError

    try:
        yield
    except errors.Neo4jError as error:
        raise _refused(error.category, error.title, error.message) from error
    except (errors.ConnectionUnavailable, errors.ConnectionBroken, errors.ServiceUnavailable) as error:
        raise StoreError(CONNECTED, str(error), "py2neo says the same of a wrong password") from error
    except (errors.ConnectionLimit, errors.ProtocolError, WireError, OSError) as error:
        raise StoreError(CONNECTED, str(error), "Make a new graph and try again") from error
    except (ValueError, TypeError, OverflowError) as error:  # values that Bolt cannot carry, for one
        raise QueryError(REFUSED, str(error)) from error


def _refused(category: str, title: str, message: str) -> QueryError | StoreError:
    if title in ("Forbidden", "AccessMode"):
        return QueryError(READ_ONLY, message, ASK)
    if category in ("Security", "Database"):
        return StoreError(CONNECTED, message)
    return QueryError(REFUSED, placed(message, lines_before=1))
