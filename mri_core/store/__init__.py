"""The store of studies: `open_store` gives the one in a folder."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from mri_core.errors import StoreError, UsageError
from mri_core.paths import user_path
from mri_core.store.bolt import Store

__all__ = ["Store", "locate", "open_store"]

VARIABLE = "MRI_STORE"
DEFAULT = "./mri-store"


def locate(location: str | os.PathLike[str] | None = None) -> Path:
    """The folder that a location names: the one given, else `MRI_STORE`, else `./mri-store`.

    Raises:
        UsageError: it is empty, or a URL.
    """
    name = os.fspath(location) if location is not None else os.environ.get(VARIABLE) or DEFAULT
    if not name.strip():
        raise UsageError("A store is named by a folder", f"The name is {name!r}", "Name one with --store")
    if "://" in name:
        raise UsageError("This version keeps stores in folders", f"{name} is a URL", "Name a folder with --store")
    return user_path(name)


def exists(location: str | os.PathLike[str] | None = None) -> bool:
    """Whether there is a store at a location."""
    from mri_core.store import folder

    return folder.is_store(locate(location))


def open_store(location: str | os.PathLike[str] | None = None, *, create: bool = True) -> Store:
    """The store in a folder, run by the embedded engine; the engine starts with the first use.

    Args:
        location: the folder; by default that of `MRI_STORE`, else `./mri-store`.
        create: whether a store is made where there is none yet; commands that only read say that there is none.

    Raises:
        StoreError: the folder is not a store, or is not there and not to be made.
        UsageError: the location is not a folder's name.
    """
    from mri_core.store import embedded, folder

    place = locate(location)
    folder.check(place)
    if not create and not folder.is_store(place):
        raise StoreError(
            "Reading needs a store",
            f"There is none at {place} yet",
            "Make one with `mri demo` or `mri ingest`, or name another with --store",
        )
    return Store(partial(embedded.ensure, place))
