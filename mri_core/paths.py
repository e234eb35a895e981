"""Paths of files outside of the store."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mri_core.errors import UsageError

MEMORY = "memory://"  # begins the names of corpora and models that a notebook gave from its memory


def cache_folder() -> Path:
    """`MRI_CACHE`, else the platform's cache folder: activations and labels of documents."""
    named = os.environ.get("MRI_CACHE")
    if named:
        return user_path(named)
    from platformdirs import user_cache_path

    return user_cache_path("llm-mri-graph", appauthor=False)


def scans_folder() -> Path:
    """The folder of the records of scans started on the page, and of files uploaded for them while they run."""
    return cache_folder().resolve() / "scans"


def was_uploaded(corpus: str) -> bool:
    """Whether a corpus is a file uploaded to the page, which exists only while it is scanned."""
    return Path(corpus).is_relative_to(scans_folder())


def lay_in_memory(source: str) -> bool:
    """Whether a corpus or a model was given from the memory of a process, and lies nowhere else."""
    return source.startswith(MEMORY)


def memory_key(name: str) -> str:
    """The hash in the name of what lay in memory, `3f2a9c1b5d7e` of `memory://DataFrame-3f2a9c1b5d7e`."""
    return name.rpartition("-")[2]


def user_path(name: str | os.PathLike[str]) -> Path:
    """A path as a user typed it, with `~` for a home.

    Raises:
        UsageError: the path is invalid on this system, or not accessible.
    """
    try:
        path = Path(name).expanduser()
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (RuntimeError, ValueError, OSError) as error:  # no such home, a NUL character, too long, not accessible
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError("A path must be one that can be looked at", f"{str(name)[:80]!r}: {reason}") from error
    return path


def server_tables(uri: str, database: str | None) -> Path:
    """The folder of the tables of documents of the studies on a server; clearing the cache leaves them there.

    Args:
        uri: of the server; its scheme makes no difference.
        database: of the server; None for the account's home database.
    """
    place = "-".join(filter(None, (uri.rpartition("//")[2], database)))
    return cache_folder() / "stores" / re.sub(r"[^A-Za-z0-9._-]", "-", place)


def documents_folder() -> Path:
    """The folder of every study's `documents_file`."""
    return cache_folder() / "documents"


def documents_file(study_id: str) -> Path:
    """Labels and texts' keys of a study's documents, for when its corpus is gone."""
    return documents_folder() / f"{study_id}.npz"


def token_plans_folder() -> Path:
    """The folder of the lists of tokens that scans of tokens place."""
    return cache_folder() / "tokens"


def forget(study_id: str) -> None:
    """Remove the labels of a deleted study's documents."""
    documents_file(study_id).unlink(missing_ok=True)
