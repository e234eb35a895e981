"""What the benchmarks share: a command timed as a process, and a scratch store that stops with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

MRI = str(Path(sys.executable).with_name("mri"))


class Finished(NamedTuple):
    """A process that ended well: seconds by the clock and of processor, peak resident set (MiB), what it printed."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    output: str


def run(command: list[str], environment: dict[str, str] | None = None) -> Finished:
    """Runs a command to its end; exits with the command's own message where it fails.

    Linux counts the parent's resident set towards the child's peak: whoever wants the peak must stay small.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(command, env=environment, stdout=printed)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        output = printed.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return Finished(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


@contextmanager
def scratch() -> Iterator[dict[str, str]]:
    """An environment whose store and cache are empty and go at the end, with their engine."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"MRI_STORE": f"{folder}/store", "MRI_CACHE": f"{folder}/cache"}
        try:
            yield environment
        finally:
            run([MRI, "store", "stop"], environment)
