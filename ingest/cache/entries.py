"""The entries of the cache as folders: description, state, lock, and removal."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from ingest.cache import journal
from mri_core.errors import MriError
from mri_core.paths import cache_folder

ABOUT = "about.json"  # description; its modification time is when the entry was last used
JOURNAL = "journal"
LOCKS = ".locks"  # outside of the entries: a lock removed with its entry would not protect waiting processes
MANIFEST = "manifest.json"  # written last, with the checksums of all rows: an entry that has it is complete
TEXTS = "texts.npy"  # a hash of each text
WORKER = "worker.json"
KEY = 16  # hex digits of each of the two keys
SHOWN = 6  # hex digits of each of the two keys

NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")
OLD_NAME = re.compile(r"[0-9a-f]{32}|\.partial-.+")

State = Literal["complete", "unfinished", "of an older version"]


@dataclass(frozen=True)
class CacheEntry:
    """The rows of some texts under some settings: a folder named by the keys of the two."""

    folder: Path

    @staticmethod
    def of(settings: str, texts: str) -> CacheEntry:
        """The entry of two keys."""
        return CacheEntry(activations_folder() / f"{settings[:KEY]}-{texts[:KEY]}")

    @property
    def name(self) -> str:
        """Its displayed name: the beginnings of both keys."""
        if not NAME.fullmatch(self.folder.name):
            return self.folder.name
        settings, _, texts = self.folder.name.partition("-")
        return f"{settings[:SHOWN]}-{texts[:SHOWN]}"

    @property
    def siblings(self) -> list[CacheEntry]:
        """Other entries of the same settings."""
        settings = self.folder.name.partition("-")[0]
        found = (CacheEntry(folder) for folder in sorted(self.folder.parent.glob(f"{settings}-*")))
        return [entry for entry in found if entry != self]

    @property
    def state(self) -> State:
        """Whether all its rows were written; their content is not checked."""
        if not NAME.fullmatch(self.folder.name):
            return "of an older version"
        return "complete" if (self.folder / MANIFEST).exists() else "unfinished"

    def about(self) -> dict[str, Any]:
        """Its description; empty if that cannot be read."""
        return _read_json(self.folder / ABOUT)

    def begin(self, about: dict[str, Any]) -> None:
        """Make the folder, or mark it unfinished again, and write its description and the working process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MANIFEST).unlink(missing_ok=True)
        created = self.about().get("created", datetime.now(UTC).isoformat(timespec="seconds"))
        write_json(self.folder / ABOUT, {**about, "created": created})
        write_json(self.folder / WORKER, {"process": os.getpid(), "host": socket.gethostname()})

    @contextmanager
    def rows_kept(self) -> Iterator[None]:
        """Removes the entry if a run ends before its first batch, such as when the model cannot be loaded."""
        try:
            yield
        except BaseException:
            if not _journalled(self):
                shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def touch(self) -> None:
        """Sets the time of last use to now; ignored if the cache is read-only."""
        with suppress(OSError):
            os.utime(self.folder / ABOUT)

    @contextmanager
    def alone(self, note: Callable[[str], None]) -> Iterator[None]:
        """Locks the entry; waits with a note while another process works on it.

        The kernel releases the lock when its process ends, however that happens.
        """
        with disk_errors(self.folder.parent):
            lock = self._lock()
            try:
                lock.acquire(timeout=0)
            except Timeout:
                note(f"{self._worker()} reads these texts with this model already: this run waits for it.")
                lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def clear(self) -> bool:
        """Remove it, unless a process works on it. Files that another process has mapped stay readable to it.

        Raises:
            MriError: the files cannot be removed.
        """
        with disk_errors(self.folder):
            try:
                with self._lock().acquire(timeout=0):
                    (self.folder / MANIFEST).unlink(missing_ok=True)
                    shutil.rmtree(self.folder)
            except Timeout:
                return False
        return True

    def _lock(self) -> FileLock:
        path = self.folder.parent / LOCKS / f"{self.folder.name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path)

    def _worker(self) -> str:
        worker = _read_json(self.folder / WORKER)
        return f"Process {worker['process']} on {worker['host']}" if worker else "Another process"


@dataclass(frozen=True)
class Listed:
    """An entry as it is listed.

    Attributes:
        entry: its name.
        model, site, pooling, dtype, corpus: its description; None if unknown.
        documents: of the corpus; None if unknown.
        done: documents whose rows it holds.
        state: complete, unfinished, or of an older version, which is never used.
        bytes: size on disk.
        used: time of last use, in ISO 8601.
    """

    entry: str
    model: str | None
    site: str | None
    pooling: str | None
    dtype: str | None
    corpus: str | None
    documents: int | None
    done: int
    state: State
    bytes: int
    used: str


def activations_folder() -> Path:
    """The folder of the entries."""
    return cache_folder() / "activations"


def entries() -> list[CacheEntry]:
    """All entries, the last used first; other files are ignored.

    Raises:
        MriError: the folder cannot be read.
    """
    folder = activations_folder()
    if not folder.exists():
        return []
    with disk_errors(folder):
        names = [path for path in folder.iterdir() if NAME.fullmatch(path.name) or OLD_NAME.fullmatch(path.name)]
    return sorted(map(CacheEntry, names), key=_used, reverse=True)


def describe(entry: CacheEntry) -> Listed:
    """The listing of an entry, without reading its rows."""
    about, state = entry.about(), entry.state
    documents = about.get("documents")
    return Listed(
        entry=entry.name,
        model=about.get("model"),
        site=about.get("site"),
        pooling=about.get("pooling"),
        dtype=about.get("dtype"),
        corpus=about.get("corpus"),
        documents=documents,
        done=documents or 0 if state == "complete" else min(_journalled(entry), documents or 0),
        state=state,
        bytes=size(entry.folder),
        used=datetime.fromtimestamp(_used(entry), UTC).isoformat(timespec="seconds"),
    )


def size(folder: Path) -> int:
    """Bytes that the files of a folder take on disk: the holes of a sparse file take none."""
    return sum(allocated(path) for path in folder.rglob("*"))


def allocated(path: Path) -> int:
    """Bytes that a file takes on disk; 0 if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return 0
    blocks: int | None = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * 512


def write_json(path: Path, value: object) -> None:
    """Writes JSON to a file atomically."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    new.replace(path)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Raises errors of the file system as `MriError` with a remedy."""
    try:
        yield
    except OSError as error:
        fact = f"{folder} cannot be used: {error.strerror or error}"
        remedy = "Make room or set MRI_CACHE to another folder; an interrupted run resumes where it stopped"
        raise MriError("Activations are stored on disk", fact, remedy) from error


def _journalled(entry: CacheEntry) -> int:
    records = journal.read(entry.folder / JOURNAL)
    return sum(record.documents for record in records if isinstance(record, journal.Batch))


def _used(entry: CacheEntry) -> float:
    for path in (entry.folder / ABOUT, entry.folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
