"""What the page starts: each the command line in a process of its own, told by files that every page reads.

A job outlives the page and the server that started it. Its folder under `MRI_CACHE` holds what it is, its progress,
what it printed, and the uploaded corpus for as long as it runs.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal, NamedTuple

import psutil

import ui
from mri_core.errors import MriError
from mri_core.paths import scans_folder
from mri_core.store import VARIABLE, Server, locate
from mri_core.store.bolt.server import PASSWORD, USER, account
from ui.jobs import access

ABOUT, PROGRESS, OUTCOME, MESSAGES = "scan.json", "progress.json", "outcome.json", "messages.txt"
CORPUS, CANCELLED = "corpus", "cancelled"
_STARTING = Lock()  # two that start at once would both see room for one
SCAN, TRIAL = "ingest", "intervene"  # commands that are started
SILENT_END = {
    SCAN: "The scan ended without a word: it was killed, perhaps for want of memory. Take a --limit, or a smaller "
    "model.",
    TRIAL: "The interventions ended without a word: they were killed, perhaps for want of memory.",
}
Arguments = Callable[[Path], Sequence[str]]


class State(NamedTuple):
    """How a job stands.

    Attributes:
        progress: as `ui.jobs.progress_file` keeps it; empty before it has begun.
        outcome: what the command printed with `--json`, of one that is ready.
        line: why it failed, in the command line's one line.
    """

    status: Literal["running", "cancelling", "ready", "cancelled", "failed"]
    progress: Mapping[str, Any]
    outcome: Mapping[str, Any]
    line: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.status not in ("running", "cancelling")


@dataclass(frozen=True)
class Job:
    """A command that was started.

    Attributes:
        folder: what tells of it.
        store: where its study is, or goes.
        command: `SCAN` or `TRIAL`.
        name: of its study.
        told: what it does, in a few words, without the user's folders.
        begun: when, ISO 8601, UTC.
        host, pid: of its process.
    """

    folder: Path
    store: str
    command: str
    name: str
    told: str
    begun: str
    host: str
    pid: int

    def state(self) -> State:
        """How it stands now."""
        runs = self._runs()  # asked first: what has ended has told all
        progress, outcome = _read(self.folder / PROGRESS), _read(self.folder / OUTCOME)
        cancelled = (self.folder / CANCELLED).exists()
        if runs:
            return State("cancelling" if cancelled else "running", progress, {})
        shutil.rmtree(self.folder / CORPUS, ignore_errors=True)
        if outcome:
            return State("ready", progress, outcome)
        return State("cancelled" if cancelled else "failed", progress, {}, self._last_words())

    def cancel(self) -> None:
        """What Ctrl-C does to a command: nothing half-done stays visible; raises `AccessError` for a viewer."""
        access.demand("scan")
        if self._runs():
            (self.folder / CANCELLED).touch()
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)

    def forget(self) -> None:
        """Removes the files of a job that has ended; what it stored stays; raises `AccessError` for a viewer."""
        access.demand("scan")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _runs(self) -> bool:
        """Process numbers are used again: what runs under this one must be named like ours.

        A process that has just started, or is about to end, has no command line for a moment: it is still ours.
        """
        try:
            process = psutil.Process(self.pid)
            words, alive = process.cmdline(), process.status() != psutil.STATUS_ZOMBIE
            return alive and (not words or f"--progress-file={self.folder / PROGRESS}" in words)
        except psutil.Error:
            return False

    def _last_words(self) -> str:
        try:
            lines = (self.folder / MESSAGES).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        told = [line.removeprefix("mri: ") for line in lines if line.startswith("mri: ")]
        return told[-1] if told else SILENT_END[self.command]


def jobs(store: str) -> list[Job]:
    """Those of this machine and a store that were not forgotten, the newest first."""
    return sorted((job for job in _found() if job.store == store), key=lambda job: job.begun, reverse=True)


def _found() -> list[Job]:
    """Those of this machine, whatever their store."""
    found = []
    for about in scans_folder().glob(f"*/{ABOUT}"):
        with suppress(TypeError):  # of another version
            found.append(Job(folder=about.parent, **_read(about)))
    return [job for job in found if job.host == platform.node()]


def begin(command: str, name: str, told: str, store: str, arguments: Arguments) -> Job:
    """Starts a command; whoever started it may go.

    Args:
        command: `SCAN` or `TRIAL`.
        name, told: as of `Job`.
        store: where its study is, or goes.
        arguments: of the command, given the job's folder, in which it may put files.

    Raises:
        AccessError: whoever asks may not, or as many run as may.
        MriError: the cache folder cannot be written.
    """
    access.demand("scan")
    with _STARTING:
        _check_room()
        return _begin(command, name, told, store, arguments)


def _check_room() -> None:
    most = access.served().max_scans
    if most is None:
        return
    running = sum(not job.state().ended for job in _found())
    if running >= most:
        what = "scan or intervention" if most == 1 else "scans and interventions"
        raise access.AccessError(
            f"This machine runs at most {most} {what} of the page at a time",
            f"{running} {'is' if running == 1 else 'are'} running",
            "Start it when one has ended, or cancel one",
        )


def _begin(command: str, name: str, told: str, store: str, arguments: Arguments) -> Job:
    folder = scans_folder() / secrets.token_hex(8)
    try:
        folder.mkdir(mode=0o700, parents=True)
        process = _run(command, arguments(folder), store, folder)
        job = Job(folder, store, command, name, told, begun=_now(), host=platform.node(), pid=process.pid)
        about = {key: value for key, value in asdict(job).items() if key != "folder"}
        (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        fact = f"{folder.parent} cannot be written: {error.strerror}"
        raise MriError("A scan writes its progress to the disk", fact, "Set MRI_CACHE to another folder") from error
    except MriError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    Thread(target=_see_off, args=(process, job), name=command, daemon=True).start()
    return job


def _run(command: str, arguments: Sequence[str], store: str, folder: Path) -> subprocess.Popen[bytes]:
    told = [f"--progress-file={folder / PROGRESS}", "--json"]
    with (folder / OUTCOME).open("wb") as outcome, (folder / MESSAGES).open("wb") as messages:
        return subprocess.Popen(  # noqa: S603  # our own command line
            [sys.executable, "-P", "-m", "ui.cli.scan_process", command, *told, *arguments],
            env={**os.environ, **_account(store), VARIABLE: store, "PYTHONPATH": _import_path()},
            stdin=subprocess.DEVNULL,
            stdout=outcome,
            stderr=messages,
            start_new_session=True,  # Ctrl-C of the page's server is not meant for it
        )


def _account(store: str) -> dict[str, str]:
    """Of a server: it may have been asked for on the terminal of the page's own process."""
    place = locate(store)
    if not isinstance(place, Server):
        return {}
    user, password = account(place)
    return {USER: user, PASSWORD: password}


def _see_off(process: subprocess.Popen[bytes], job: Job) -> None:
    """Waits for the end, else it would stay a zombie, and clears away."""
    process.wait()
    job.state()


def _import_path() -> str:
    """Where the process finds this package, wherever the page runs and however it was installed."""
    return os.pathsep.join(filter(None, [str(Path(ui.__file__).parents[1]), os.environ.get("PYTHONPATH")]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _read(file: Path) -> dict[str, Any]:
    """A file's JSON object; empty where there is none yet."""
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
