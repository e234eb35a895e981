"""A complete entry of the cache: its manifest, and whether its files are unchanged."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingest.cache.entries import MANIFEST, write_json
from ingest.cache.journal import Shape
from ingest.cache.row_files import read_extraction, row_paths
from ingest.extract.records import Conditions, Extraction

HASHERS = 2  # threads: with more the disk is the bottleneck


@dataclass(frozen=True)
class Complete:
    """The folder of a complete entry, and the shape of its rows."""

    folder: Path
    shape: Shape

    def extraction(self) -> Extraction:
        """Its rows, memory-mapped."""
        conditions = conditions_of(self.shape.conditions or {})
        return read_extraction(self.folder, len(self.shape.widths), conditions)


def find(folder: Path) -> Complete | None:
    """The entry in a folder; None if it is not complete, or a file has changed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        shape = Shape(tuple(manifest["widths"]), manifest["conditions"])
        if manifest["files"] != _checksums(folder, len(shape.widths)):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Complete(folder, shape)


def complete(folder: Path, shape: Shape) -> Complete:
    """Marks the entry as complete. Raises `OSError`."""
    files = _checksums(folder, len(shape.widths))
    write_json(folder / MANIFEST, {"widths": shape.widths, "conditions": shape.conditions, "files": files})
    return Complete(folder, shape)


def conditions_of(stored: dict[str, Any]) -> Conditions:
    """Conditions from JSON, possibly of a version with fewer or more of them."""
    known = {field.name for field in fields(Conditions)} & stored.keys()
    values: dict[str, Any] = {name: tuple(v) if isinstance(v := stored[name], list) else v for name in known}
    return Conditions(**values)


def _checksums(folder: Path, layers: int) -> dict[str, str]:
    paths = row_paths(folder, layers)
    with ThreadPoolExecutor(HASHERS) as hashers:
        return dict(zip((path.name for path in paths), hashers.map(_checksum, paths), strict=True))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
