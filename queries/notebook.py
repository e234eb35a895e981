"""Questions in one call, for notebooks: the store is opened and closed on the way."""

from __future__ import annotations

from os import PathLike
from typing import Any

from mri_core.records import Study, Table
from mri_core.store import open_store
from queries import runner
from queries.catalog import load_catalog


def studies(*, store: str | PathLike[str] | None = None) -> list[Study]:
    """The ready studies, by name.

    Args:
        store: a folder; None for `MRI_STORE`, else `./mri-store`.
    """
    with open_store(store, create=False) as opened:
        return opened.studies()


def query(
    name: str,
    /,
    *,
    store: str | PathLike[str] | None = None,
    timeout: float = runner.TIMEOUT,
    max_rows: int = runner.MAX_ROWS,
    **parameters: Any,
) -> Table:
    """The answer to a question of the catalogue: `query("hubs", study="demo", limit=5)`.

    Args:
        name: of the question.
        store: a folder; None for `MRI_STORE`, else `./mri-store`.
        timeout: seconds.
        max_rows: rows that are kept; `Table.cut` says that there were more.
        parameters: the question's own, by name.

    Raises:
        MriError: an unknown name, a missing or bad parameter, or a store that is not there.
    """
    template = load_catalog().get(name)
    with open_store(store, create=False) as opened:
        return runner.run(opened, template, parameters, timeout=timeout, max_rows=max_rows)


def cypher(
    statement: str,
    *,
    store: str | PathLike[str] | None = None,
    timeout: float = runner.TIMEOUT,
    max_rows: int = runner.MAX_ROWS,
) -> Table:
    """The answer to a Cypher statement that only reads.

    Args:
        statement: Cypher without parameters.
        store, timeout, max_rows: as in `query`.

    Raises:
        MriError: the engine refuses the statement, or the store is not there.
    """
    with open_store(store, create=False) as opened:
        return runner.cypher(opened, statement, timeout=timeout, max_rows=max_rows)
