"""The store of studies: `open_store` gives the one in a folder or on a server."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

from mri_core.errors import MriError, StoreError, UsageError
from mri_core.paths import user_path
from mri_core.store.bolt import server
from mri_core.store.bolt.connection import Connection
from mri_core.store.bolt.server import Server
from mri_core.store.reading import Named
from mri_core.store.store import Store

__all__ = ["Location", "Named", "Server", "Store", "locate", "open_store", "start_early"]

VARIABLE = "MRI_STORE"
DEFAULT = "./mri-store"
Location = str | os.PathLike[str] | Server


def locate(location: Location | None = None) -> Path | Server:
    """The folder or server of a location: the one given, else `MRI_STORE`, else `./mri-store`.

    Raises:
        UsageError: it is empty, or a URL that is not a server's.
    """
    if isinstance(location, Server):
        return location
    name = os.fspath(location) if location is not None else os.environ.get(VARIABLE) or DEFAULT
    if not name.strip():
        raise UsageError("A store is named by a folder or a URL", f"The name is {name!r}", "Name one with --store")
    return server.parse(name) if "://" in name else user_path(name)


def exists(location: Location | None = None) -> bool:
    """Whether there is a store at a location; a server is one, whatever it holds."""
    from mri_core.store.embedded import folder

    place = locate(location)
    return isinstance(place, Server) or folder.is_store(place)


def open_store(location: Location | None = None, *, create: bool = True) -> Store:
    """The store in a folder, run by the embedded engine, or on a Neo4j server; reached with the first use.

    >>> with mri.open_store() as store:
    ...     print(store.study("demo").documents)
    60

    Args:
        location: a folder or a Bolt URL; by default that of `MRI_STORE`, else `./mri-store`. A server's user and
            password are those of `MRI_USER` and `MRI_PASSWORD`, or are prompted for on a terminal.
        create: whether a missing store is created; else a missing store is an error.

    Raises:
        StoreError: the folder is not a store, or is missing and not to be created; or there is no account.
        UsageError: the location is neither a folder's name nor a server's URL.
    """
    return Store(connector(location, create=create))


def connector(location: Location | None = None, *, create: bool = True) -> Callable[[], Connection]:
    """A function that connects to the store of a location, and starts the engine of a folder.

    Args and errors are those of `open_store`.
    """
    from mri_core.store.embedded import folder, lifecycle

    place = locate(location)
    if isinstance(place, Server):
        return partial(server.connection, place)
    folder.check(place)
    if not create and not folder.is_store(place):
        raise StoreError(
            "Reading needs a store",
            f"There is none at {place} yet",
            "Make one with `mri demo` or `mri ingest`, or name another with --store",
        )
    return partial(lifecycle.ensure, place)


def start_early(location: Location | None = None) -> None:
    """Starts the engine of a folder in the background, which takes seconds.

    Errors are raised when the store is used, as without this call.
    """

    def start() -> None:
        with suppress(MriError):
            connector(location)()

    if not isinstance(locate(location), Server):
        Thread(target=start, name="start_early", daemon=True).start()
