"""What the driver costs: workers of a Ray cluster that sleep in place of computing, 1 to 64 of them.

    python benchmarks/scale.py --workers 1 8 64

Each worker sleeps two seconds for a batch and returns rows of MiniLM's size, which the driver receives and writes as
in a scan. A line reports the share of linear: the seconds that each worker slept over those that passed.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from ingest.cache.row_files import row_folder
from ingest.extract.batches import Text
from ingest.extract.extraction import extract
from ingest.extract.reader import Reading
from ingest.extract.records import Conditions, Found, TokenFacts, Traits
from ingest.extract.workers import cluster, pool
from ingest.extract.workers.cluster import ClusterOptions
from ingest.pace import ScanMeter
from ingest.progress import Silent
from mri_core.records.corpus import Document

TOKENS, A_BATCH = 256, 16
WIDTHS = (384,) * 7


class Encoded(NamedTuple):
    """As much of an encoded text as the driver looks at."""

    ids: np.ndarray


class Place(NamedTuple):
    """As a worker's."""

    machine: str
    node: str
    process: int
    software: tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """As a worker's."""

    found: Found | None
    notes: tuple[str, ...] = ()


class Sleeper:
    """A worker that sleeps."""

    def __init__(self, seconds: float, reading: Reading) -> None:
        self.seconds = seconds

    def where(self) -> Place:
        """As `Worker`."""
        return Place(socket.gethostname(), "", os.getpid(), ())

    def load(self) -> Traits:
        """As `Worker`."""
        return Traits(WIDTHS, 512, TOKENS * A_BATCH, True)

    def begin(self, work: int, library: None) -> None:
        """As `Worker`."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """As `Worker`."""
        return [Encoded(np.zeros(TOKENS, dtype=np.int64)) for _ in texts]

    def read(self, texts: Sequence[Text]) -> Answer:
        """As `Worker`, after a sleep."""
        time.sleep(self.seconds)
        zeros = np.zeros(len(texts), dtype=np.int64)
        facts = TokenFacts(zeros + TOKENS, zeros, zeros.astype(bool), np.zeros((len(texts), len(WIDTHS))), zeros)
        return Answer(Found([np.zeros((len(texts), width), dtype=np.float32) for width in WIDTHS], facts))

    def conditions(self) -> Conditions:
        """As `Worker`."""
        return Conditions(512)


def cores_for(workers: int) -> Any:
    """Workers that sleep need no cores of their own."""
    return patch.object(cluster, "cpu_count", lambda: workers)


def scan(workers: int, seconds: float, batches: int) -> float:
    """Share of linear."""
    documents = [Document(number, "a", "text", "") for number in range(workers * batches * A_BATCH)]
    with TemporaryDirectory() as folder, patch.object(pool, "Worker", Sleeper), cores_for(workers):
        wanted: Any = seconds  # in place of what loads a model
        with pool.workers(ClusterOptions(workers=workers), wanted, Reading("mean"), str) as executor:
            assert isinstance(executor, pool.Workers)
            executor.wait_for_all()
            begun = time.monotonic()
            extract(
                executor,
                documents,
                len(documents),
                lambda widths: row_folder(Path(folder), widths, len(documents)),
                meter=ScanMeter(Silent(), np.full(len(documents), 4)),
            )
            passed = time.monotonic() - begun
    return batches * seconds / passed


def main() -> None:
    """Prints a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--batches", type=int, default=10, help="of each worker")
    choice = parser.parse_args()
    for workers in choice.workers:
        share = scan(workers, choice.seconds, choice.batches)
        print(json.dumps({"workers": workers, "of_linear": round(share, 3)}), flush=True)


if __name__ == "__main__":
    main()
