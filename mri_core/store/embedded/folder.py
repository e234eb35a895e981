"""The folder of an embedded store: what lies in it, who may be in it, and the state of its engine."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path

import psutil

from mri_core.errors import StoreError

WRITER_SECRET, READER_SECRET = "writer.secret", "reader.secret"
FIRST_FILES = ("engine.lock", WRITER_SECRET, READER_SECRET)
STATE, LOCK, LOG, USED = "engine.json", "engine.lock", "engine.log", "engine.used"
SEEN = "seen.txt"  # what the page saw of the store last
KEEPER = "keeper.lock"  # held by the one supervisor for as long as it lives
SUPERVISORS = (  # what a supervisor's command line names; one that an older version started may still run
    "mri_core.store.embedded.supervisor",
    "mri_core.store.keeper",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine as its folder's state file describes it."""

    keeper: int  # process that started the engine and stops it when idle
    pid: int
    bolt_port: int
    http_port: int

    def save(self, folder: Path) -> None:
        """Replace the state file atomically."""
        _write(folder / STATE, json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> Engine | None:
        """The engine of the state file, whether it still runs or not; None if there is no such file."""
        try:
            return cls(**json.loads((folder / STATE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def engine_runs(self, folder: Path) -> bool:
        """Whether the engine is alive and belongs to this folder."""
        return _is_ours(self.pid, folder, ("com.arcadedb.server.ArcadeDBServer",))

    def supervisor_runs(self, folder: Path) -> bool:
        """Whether the supervisor is alive and belongs to this folder."""
        return _is_ours(self.keeper, folder, SUPERVISORS)


def is_store(folder: Path) -> bool:
    """Whether a store was made in this folder."""
    return (folder / WRITER_SECRET).is_file()


def check(folder: Path) -> None:
    """Refuse what is neither a store nor a place for one.

    Raises:
        StoreError: a file, or a folder with other things in it.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise StoreError("A store is a folder", f"{folder} is a file", "Name another with --store")
        if not folder.is_dir() or is_store(folder):
            return
        # Files of another process that is creating the store right now are no strangers.
        others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(FIRST_FILES))
    except OSError as error:
        raise StoreError("A store's folder must be one that you may read", f"{folder}: {error.strerror}") from error
    if others:
        raise StoreError(
            "A new store needs an empty folder or one that is not there yet",
            f"{folder} is no store and holds {', '.join(others[:3])}{' …' if len(others) > 3 else ''}",
            "Name another with --store",
        )


def make(folder: Path) -> None:
    """Make the folder and its secrets, unless they are there; both readable by this user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (READER_SECRET, WRITER_SECRET):  # the writer's last: it marks a finished store
        if not (folder / name).exists():
            _write(folder / name, secrets.token_hex(24))


def secret(folder: Path, name: str) -> str:
    """One of the two passwords."""
    return (folder / name).read_text(encoding="ascii").strip()


def keep_seen(folder: Path, text: str) -> None:
    """Keep what the page saw of the store, readable by this user alone, until the store is written to."""
    _write(folder / SEEN, f"{_seal(folder, text)}\n{text}")


def seen(folder: Path) -> str | None:
    """What the page saw of the store last; None if it is not there, damaged, or was seen of another store."""
    with suppress(OSError, ValueError):
        seal, _, text = (folder / SEEN).read_text(encoding="utf-8").partition("\n")
        if compare_digest(seal.encode(), _seal(folder, text).encode()):
            return text
    return None


def forget_seen(folder: Path) -> None:
    """Remove what the page saw, and drafts of it: it may hold texts of a study that is deleted."""
    with suppress(OSError):
        for path in folder.glob(f"{SEEN}*"):
            path.unlink(missing_ok=True)


def _seal(folder: Path, text: str) -> str:
    """What only a process that may write to this store can have made of a text."""
    return blake2b(text.encode(), key=secret(folder, WRITER_SECRET).encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    """Write a private file atomically: a reader sees the old one or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _is_ours(pid: int, folder: Path, words: tuple[str, ...]) -> bool:
    """Process ids are reused: the process must be named like ours and run in this folder."""
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and any(word in words for word in process.cmdline())
            and Path(process.cwd()).samefile(folder)
        )
    except (psutil.Error, OSError):
        return False
