"""The hub's cache on this machine: a snapshot is named by its commit, and should hold that commit's files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ingest.model.folder import deciding_files, file_hash
from mri_core.errors import ModelError

CHECKED_BYTES = 64 * 2**20  # of a file; what people edit by hand is smaller, and weights take long
GIT_SHA1, SHA256 = 40, 64  # hex digits


def check_unedited(snapshot: Path) -> None:
    """Refuse a snapshot that was edited since its download: its commit would not identify the rows it gives.

    The cache's blobs are named by their hash: of Git for small files, SHA-256 for those of Git LFS. Files in a snapshot
    are links to them; an editor may have put a file in a link's place. Weights are not checked, and a cache without
    links (Windows, or a copy of one) cannot be.

    Raises:
        ModelError: a file differs from what was downloaded.
    """
    files = deciding_files(snapshot)
    if not any(path.is_symlink() for path in files):
        return
    edited = [path.name for path in files if not path.is_symlink() or not _is_as_named(path.resolve())]
    if edited:
        fact = f"{', '.join(edited)} of the snapshot {snapshot.name} differs from what was downloaded"
        remedy = (
            f"Give the folder {snapshot} as the model, identified by its content, or delete it and download it again"
        )
        raise ModelError("A model of the hub is what its commit holds", fact, remedy)


def _is_as_named(blob: Path) -> bool:
    if blob.stat().st_size > CHECKED_BYTES:
        return True
    if len(blob.name) == SHA256:
        return file_hash(blob).hexdigest() == blob.name
    if len(blob.name) == GIT_SHA1:
        content = blob.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == blob.name
    return True
