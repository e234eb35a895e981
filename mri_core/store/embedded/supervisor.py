"""The supervisor: a small process that starts a folder's engine, and stops it when nobody has used it for a while.

Run in the store's folder as `python -m mri_core.store.embedded.supervisor IDLE_SECONDS`. It ends with the engine, and
the engine ends with it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import psutil
from filelock import FileLock, Timeout

from mri_core.errors import MriError
from mri_core.store.embedded import arcadedb
from mri_core.store.embedded.folder import KEEPER, LOCK, LOG, READER_SECRET, STATE, USED, WRITER_SECRET, Engine, secret

START_PATIENCE = 60.0  # seconds; a first start takes 2, one after a crash replays a log
STOP_PATIENCE = 30.0
ATTEMPTS = 5  # another process may take a port between our choice and the engine's start
POLL = 1.0
TURN = 0.2  # seconds after which a supervisor that waits for another checks whether to stop
PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG


def main(idle: float) -> int:
    """Start, watch and stop the engine of the current folder; return the exit status."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    folder = Path.cwd()
    # A command killed at start leaves its supervisor running: the next supervisor waits for the outcome.
    alone = FileLock(folder / KEEPER)
    while not stop.is_set():
        with suppress(Timeout), alone.acquire(timeout=TURN):
            return _keep(folder, idle, stop)
    return 1


def _keep(folder: Path, idle: float, stop: threading.Event) -> int:
    try:
        started = _start(folder, stop)
    except MriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if started is None:
        return 1
    process, state = started
    _watch(folder, process, state, idle, stop)
    return 0


def _start(folder: Path, stop: threading.Event) -> tuple[subprocess.Popen[bytes], Engine] | None:
    """The engine, once it answers; None if it does not start: its log says why."""
    arcadedb.prepare(folder)
    for _ in range(ATTEMPTS):
        bolt_port, http_port = _free_ports()
        log = _Tail(folder / LOG)
        process = _launch(folder, bolt_port, http_port)
        if _answers(process, bolt_port, http_port, log, stop):
            return process, _introduced(folder, process, bolt_port, http_port)
        _end(process)
        if arcadedb.PORT_TAKEN not in log.text():
            return None
    return None


def _introduced(folder: Path, process: subprocess.Popen[bytes], bolt_port: int, http_port: int) -> Engine:
    """The engine with its reader, recorded in the folder; it is ended if that fails, as nobody could find it."""
    state = Engine(os.getpid(), process.pid, bolt_port, http_port)
    try:
        arcadedb.create_reader(http_port, secret(folder, WRITER_SECRET), secret(folder, READER_SECRET))
        state.save(folder)
    except BaseException:
        _end(process)
        raise
    return state


class _Tail:
    """What is written to a log from now on."""

    def __init__(self, path: Path) -> None:
        self._path, self._begin = path, path.stat().st_size

    def text(self) -> str:
        return self._path.read_bytes()[self._begin :].decode(errors="replace")


def _launch(folder: Path, bolt_port: int, http_port: int) -> subprocess.Popen[bytes]:
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # our own command line
            arcadedb.java_command(WRITER_SECRET, bolt_port, http_port),
            cwd=folder,
            env=arcadedb.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    """On Linux a killed supervisor takes its engine along; elsewhere the next command stops the orphan."""
    with suppress(OSError):
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _answers(
    process: subprocess.Popen[bytes], bolt_port: int, http_port: int, log: _Tail, stop: threading.Event
) -> bool:
    """Wait until both ports answer; return whether they do. A failed engine may hang instead of ending."""
    deadline = time.monotonic() + START_PATIENCE
    while process.poll() is None and not stop.is_set() and time.monotonic() < deadline:
        if {bolt_port, http_port} <= _ports(process.pid, psutil.CONN_LISTEN) and arcadedb.is_ready(http_port):
            return True
        if arcadedb.FAILED in log.text():
            return False
        time.sleep(0.05)
    return False


def _watch(folder: Path, process: subprocess.Popen[bytes], state: Engine, idle: float, stop: threading.Event) -> None:
    """Return once the engine has ended: by itself, on a signal, or because it was idle."""
    lock = FileLock(folder / LOCK)
    last_seen = time.time()
    while process.poll() is None and not stop.wait(min(POLL, idle / 4)):
        if state.bolt_port in _ports(process.pid, psutil.CONN_ESTABLISHED):
            last_seen = time.time()
        if time.time() - max(last_seen, _last_used(folder)) < idle:
            continue
        with suppress(Timeout), lock.acquire(timeout=0):  # whoever attaches now holds the lock
            if time.time() - _last_used(folder) >= idle:
                _finish(folder, process, state)
                return
    _finish(folder, process, state)


def _finish(folder: Path, process: subprocess.Popen[bytes], state: Engine) -> None:
    _end(process)
    if Engine.load(folder) == state:
        with suppress(OSError):
            (folder / STATE).unlink()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ports(pid: int, status: str) -> set[int]:
    """The engine's own ports that are in that state."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {connection.laddr.port for connection in connections if connection.laddr and connection.status == status}


def _last_used(folder: Path) -> float:
    try:
        return (folder / USED).stat().st_mtime
    except OSError:
        return 0.0


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
