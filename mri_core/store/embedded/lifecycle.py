"""Starts, finds and stops the embedded engine of a folder."""

from __future__ import annotations

import errno
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

import mri_core
from mri_core.errors import StoreError, UsageError
from mri_core.store.bolt.connection import Connection
from mri_core.store.embedded import arcadedb
from mri_core.store.embedded import folder as places
from mri_core.store.embedded.folder import Engine

IDLE_VARIABLE = "MRI_STORE_IDLE"
IDLE = 600.0  # seconds without a client after which the engine stops
START_PATIENCE = 70.0  # seconds; the supervisor gives the engine 60
STOP_PATIENCE = 40.0  # seconds; the supervisor gives the engine 30
LOCK_PATIENCE = START_PATIENCE + STOP_PATIENCE
REASON = re.compile(r"^error: |^Exception in thread|^Caused by: |^Error: ")  # lines of its log that say why
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Status:
    """What `mri store status` shows about a folder's engine."""

    folder: Path
    exists: bool
    running: bool
    pid: int | None = None
    uri: str | None = None
    memory: int | None = None  # bytes resident


def ensure(folder: Path) -> Connection:
    """A connection to the folder's engine, which is started if it does not run; the folder is made if need be.

    Raises:
        StoreError: no store and no place for one, no permission, a full disk, or the engine does not start.
    """
    places.check(folder)
    with _file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        with _locked(folder):
            places.make(folder)
            (folder / places.USED).touch()
            running = _attach(folder) or _start(folder)
            (folder / places.USED).touch()
        return _connection(folder, running)


def stop(folder: Path) -> bool:
    """Stop the folder's engine; return whether one ran."""
    if not places.is_store(folder):
        return False
    folder = folder.resolve()
    with _file_errors(folder), _locked(folder):
        running = Engine.load(folder)
        return running is not None and _stop(folder, running)


def status(folder: Path) -> Status:
    """The state of the folder's engine; starts nothing."""
    if not places.is_store(folder):
        return Status(folder, exists=False, running=False)
    found = Engine.load(folder.resolve())
    if found is None or not found.engine_runs(folder):
        return Status(folder, exists=True, running=False)
    try:
        memory = psutil.Process(found.pid).memory_info().rss
    except psutil.Error:  # it ended just now
        return Status(folder, exists=True, running=False)
    return Status(folder, True, True, found.pid, f"bolt://127.0.0.1:{found.bolt_port}", memory)


def _attach(folder: Path) -> Engine | None:
    """The engine that runs already, if any; leftovers of one that has ended are removed."""
    found = Engine.load(folder)
    if found is None:
        return None
    if found.supervisor_runs(folder) and found.engine_runs(folder) and _listens(found.bolt_port):
        return found
    _stop(folder, found)
    return None


def _start(folder: Path) -> Engine:
    """Start a supervisor, which starts the engine."""
    with (folder / places.LOG).open("wb") as log:
        supervisor = subprocess.Popen(  # noqa: S603  # our own command line
            [sys.executable, "-P", "-m", "mri_core.store.embedded.supervisor", str(idle_seconds())],
            cwd=folder,
            env={**arcadedb.environment(), "PYTHONPATH": _import_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_PATIENCE
    try:
        while supervisor.poll() is None and time.monotonic() < deadline:
            found = Engine.load(folder)
            if found is not None and found.supervisor_runs(folder):
                if found.keeper != supervisor.pid:  # started by a command that was killed meanwhile
                    supervisor.terminate()
                return found
            time.sleep(0.02)
    except BaseException:  # Ctrl-C: the process would be orphaned
        supervisor.terminate()
        raise
    supervisor.terminate()
    raise _did_not_start(folder)


def _stop(folder: Path, found: Engine) -> bool:
    """End supervisor and engine, each if it is ours; return whether an engine ran."""
    ran = found.engine_runs(folder)
    for pid, runs in ((found.keeper, found.supervisor_runs), (found.pid, found.engine_runs)):
        if runs(folder):
            _end(pid)
    (folder / places.STATE).unlink(missing_ok=True)
    return ran


def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.terminate()
        if not _ended(process):
            process.kill()
            _ended(process)
    except psutil.Error:  # gone already, or another user's under a number used again
        return


def _ended(process: psutil.Process) -> bool:
    """Wait for a process to end. A zombie, whose parent never asked for its status, holds nothing: it has ended."""
    deadline = time.monotonic() + STOP_PATIENCE
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def _connection(folder: Path, running: Engine) -> Connection:
    password = places.secret(folder, places.WRITER_SECRET)
    return Connection(
        uri=f"bolt://127.0.0.1:{running.bolt_port}",
        writer=(arcadedb.WRITER, password),
        reader=(arcadedb.READER, places.secret(folder, places.READER_SECRET)),
        database=arcadedb.DATABASE,
        administration=arcadedb.Administration(folder, running.http_port, password),
        folder=folder,
        forget=partial(places.forget_seen, folder),
    )


def idle_seconds() -> float:
    """Seconds without a client after which an engine started now will stop.

    Raises:
        UsageError: `MRI_STORE_IDLE` is not a positive number.
    """
    text = os.environ.get(IDLE_VARIABLE, str(IDLE))
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"{IDLE_VARIABLE} is a number of seconds above 0", f"It is {text!r}", "Change or unset it")
    return seconds


def _import_path() -> str:
    """Where the supervisor finds this package, wherever the command runs and however it was installed."""
    return os.pathsep.join(filter(None, [str(Path(mri_core.__file__).parents[1]), os.environ.get("PYTHONPATH")]))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _did_not_start(folder: Path) -> StoreError:
    log = folder / places.LOG
    text = log.read_text(encoding="utf-8", errors="replace")
    if "No space left on device" in text:
        return _disk_full(folder)
    reasons = [line.strip() for line in text.splitlines() if REASON.search(line)]
    fact = reasons[-1][:REASON_LENGTH] if reasons else "It says nothing"
    return StoreError("The embedded engine must start", fact, f"Its log is {log}")


@contextmanager
def _file_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise StoreError(
            "A store's folder must be one that you may write to", f"{error.filename or folder}: {error.strerror}"
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(folder) from error
        raise StoreError("A store needs a folder that can be made and written", f"{folder}: {error}") from error


def _disk_full(folder: Path) -> StoreError:
    return StoreError("The store needs room on its disk", f"The disk of {folder} is full", "Free some space, try again")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the engine; the lock goes with its process, however that ends."""
    try:
        with FileLock(folder / places.LOCK, timeout=LOCK_PATIENCE):
            yield
    except Timeout as error:
        raise StoreError(
            "One process at a time starts or stops the engine",
            f"Another has held {folder / places.LOCK} for {LOCK_PATIENCE:g} seconds",
            "End that process and try again",
        ) from error
