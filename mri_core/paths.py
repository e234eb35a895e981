"""Where files beside the store lie."""

from __future__ import annotations

import os
from pathlib import Path

from mri_core.errors import UsageError


def cache_folder() -> Path:
    """`MRI_CACHE`, else the platform's cache folder: activations and fitted atlases."""
    named = os.environ.get("MRI_CACHE")
    if named:
        return user_path(named)
    from platformdirs import user_cache_path

    return user_cache_path("llm-mri-graph", appauthor=False)


def scans_folder() -> Path:
    """What tells of the scans that the page starts, and the files uploaded for them while they run."""
    return cache_folder().resolve() / "scans"


def was_uploaded(corpus: str) -> bool:
    """Whether a corpus is a file uploaded to the page, which is there only while it is scanned."""
    return Path(corpus).is_relative_to(scans_folder())


def user_path(name: str | os.PathLike[str]) -> Path:
    """A path as a user typed it, with `~` for a home.

    Raises:
        UsageError: the system cannot have such a path, or may not look there.
    """
    try:
        path = Path(name).expanduser()
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (RuntimeError, ValueError, OSError) as error:  # no such home, a NUL character, too long, not to be entered
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError("A path must be one that can be looked at", f"{str(name)[:80]!r}: {reason}") from error
    return path


def atlas_file(study_id: str) -> Path:
    """The fitted atlas of a study, by which later texts are placed."""
    return cache_folder() / "atlases" / f"{study_id}.npz"


def documents_folder() -> Path:
    """Where `documents_file` of every study lies."""
    return cache_folder() / "documents"


def documents_file(study_id: str) -> Path:
    """What is known of a study's documents where its corpus is gone."""
    return documents_folder() / f"{study_id}.npz"


def forget(study_id: str) -> None:
    """Remove what the cache holds of a study that was deleted: its atlas, and the labels of its documents."""
    for file in (atlas_file(study_id), documents_file(study_id)):
        file.unlink(missing_ok=True)
