"""Activations on disk, found again by content: another atlas over the same texts never runs the model again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil

from ingest.extraction import Conditions, Extraction, OpenRows
from ingest.row_files import read_extraction, row_folder
from mri_core.errors import MriError
from mri_core.paths import cache_folder

MANIFEST = "manifest.json"  # says what the folder holds, with its checksum
PARTIAL = ".partial-"


def cached(identity: Mapping[str, object], count: int, make: Callable[[OpenRows], Conditions]) -> Extraction:
    """The activations of this identity, from the cache, else made and kept.

    Args:
        identity: everything that activations depend on.
        count: the documents.
        make: runs the model and writes the rows where it is told to.

    Raises:
        MriError: the cache folder cannot be written; and whatever `make` raises, after which nothing is kept.
    """
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
    folder = cache_folder() / "activations" / key
    found = _find(folder)
    if found is not None:
        return found
    with _partial_folder(folder) as partial:
        conditions = make(lambda widths: row_folder(partial, widths, count))
        with _disk_errors(folder):
            return _keep(conditions, partial, folder)


def _keep(conditions: Conditions, partial: Path, folder: Path) -> Extraction:
    """Puts the finished folder in its place, or takes what another process has put there meanwhile."""
    manifest = {
        "layers": len(list(partial.glob("L*.npy"))),
        "conditions": asdict(conditions),
        "checksum": _checksum(partial),
    }
    (partial / MANIFEST).write_text(json.dumps(manifest))
    found = _find(folder)
    if found is not None:
        return found
    shutil.rmtree(folder, ignore_errors=True)  # a damaged one
    try:
        partial.rename(folder)
    except OSError:
        found = _find(folder)  # another process was quicker by a moment
        if found is None:
            raise
        return found
    return _open(folder, manifest)


def _find(folder: Path) -> Extraction | None:
    """What a complete folder holds; None where it is not there or its files are not those that were written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        return _open(folder, manifest) if manifest["checksum"] == _checksum(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _open(folder: Path, manifest: dict[str, Any]) -> Extraction:
    kept = manifest["conditions"]
    conditions = Conditions(**{**kept, "warnings": tuple(kept["warnings"])})
    return read_extraction(folder, manifest["layers"], conditions)


def _checksum(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.npy")):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@contextmanager
def _partial_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the final one, which goes where the work fails, as do those of processes that are gone."""
    with _disk_errors(folder):
        for left in folder.parent.glob(f"{PARTIAL}*"):
            if not psutil.pid_exists(int(left.name.removeprefix(PARTIAL).split("-")[0])):
                shutil.rmtree(left, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(mkdtemp(prefix=f"{PARTIAL}{os.getpid()}-", dir=folder.parent))
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fact = f"{folder.parent} cannot be written: {error.strerror}"
        raise MriError("Activations are kept on the disk", fact, "Set MRI_CACHE to another folder") from error
