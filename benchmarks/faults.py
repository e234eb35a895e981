"""Loads under faults: a server killed and started again at random moments, and loaders killed with SIGKILL.

Prints one JSON object. Each load is of the same study; in the end it must be what an undisturbed load gives, and no
reader may ever see a part of it. Run as

    python benchmarks/faults.py --store bolt://127.0.0.1:7687 --kill "COMMAND" --start "COMMAND"

with commands that kill and start the server, and MRI_USER and MRI_PASSWORD. Without --store only loaders are killed,
on an embedded store.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.large_study import engine, graph, place
from mri_core.errors import MriError
from mri_core.store import Store, open_store
from mri_core.store.checksums import checksum

NAME, DOCUMENTS = "faults-benchmark", 3000
SERVER_FAULTS, LOADER_FAULTS = 10, 20
WHOLE = """
MATCH (s:Study {llm_mri: true, id: $id, status: 'ready'})
RETURN s.regions AS regions, COUNT { (s)<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(:Region) } AS seen,
       s.documents AS documents, COUNT { (s)<-[:PART_OF]-(:Category)<-[:IN_CATEGORY]-(:Document) } AS read
"""


class Watcher(threading.Thread):
    """A reader that looks all the time, and keeps whatever it sees of a study that is not whole."""

    def __init__(self, store: str, study: str) -> None:
        super().__init__(daemon=True)
        self.halves: list[tuple[object, ...]] = []
        self.looks = 0
        self._store, self._study, self._end = store, study, threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        with open_store(self._store) as opened:
            while not self._end.wait(0.1):
                try:
                    rows = opened.read(WHOLE, {"id": self._study}, timeout=10).rows
                except MriError:
                    continue  # the server is away
                self.looks += 1
                self.halves += [row for row in rows if row[0] != row[1] or row[2] != row[3]]

    def stop(self) -> None:
        """End looking."""
        self._end.set()
        self.join(30)


def main() -> None:
    """All faults, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store")
    parser.add_argument("--kill", type=shlex.split)
    parser.add_argument("--start", type=shlex.split)
    parser.add_argument("--load", action="store_true", help="load the study and end: what is killed")
    given = parser.parse_args()
    study = graph(NAME, DOCUMENTS)
    if given.load:
        with open_store(given.store) as opened:
            opened.write(study)
        return
    chance = random.Random(0)
    with place(given.store) as where, open_store(where) as opened:
        start = time.monotonic()
        opened.write(study)
        seconds = time.monotonic() - start
        whole = checksum(opened, study.study)
        opened.delete(study.study)
        watcher = Watcher(where, study.study.id)
        watcher.start()
        same = []
        for _ in range(SERVER_FAULTS if given.kill else 0):
            restarted = restart(given.kill, given.start, chance.uniform(0, seconds))
            opened.write(study)
            restarted.join()
            same.append(matches(opened, study.study.id, whole))
        for _ in range(LOADER_FAULTS):
            finished = kill_loader(where, chance.uniform(1, 3 + seconds))
            opened.write(study)
            same.append(matches(opened, study.study.id, whole))
            print(f"loader had finished: {finished}", file=sys.stderr)
        watcher.stop()
        halves = len(watcher.halves)
        print(
            json.dumps(
                {
                    "benchmark": "faults",
                    "engine": engine(where),
                    "undisturbed_seconds": round(seconds, 1),
                    "server_faults": SERVER_FAULTS if given.kill else 0,
                    "loader_faults": LOADER_FAULTS,
                    "whole_in_the_end": sum(same),
                    "looks": watcher.looks,
                    "halves_seen": halves,
                }
            )
        )
        if halves or not all(same):
            sys.exit("A load was not whole, or a part of it was seen")


def restart(kill: list[str], start: list[str], delay: float) -> threading.Thread:
    """Kills the server after a delay and starts it again."""

    def work() -> None:
        time.sleep(delay)
        for command in (kill, start):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def kill_loader(store: str, delay: float) -> bool:
    """Starts a load as a process and kills it after a delay; whether it had ended before."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen([sys.executable, __file__, "--load", "--store", store], env=environment) as loader:
        time.sleep(delay)
        ended = loader.poll() is not None
        loader.kill()
    return ended


def matches(store: Store, study_id: str, whole: str) -> bool:
    """Whether the study is what an undisturbed load gives; it is deleted for the next."""
    study = store.study(study_id)
    same = checksum(store, study) == whole
    store.delete(study)
    return same


if __name__ == "__main__":
    main()
