"""A scan by two workers of a Ray cluster on this machine against one process, a thread each.

    OMP_NUM_THREADS=1 python benchmarks/workers.py CORPUS --texts 3000

Both read the same texts into files, in turns. Ray's start and the loading of the model are reported separately. The
rows must be equal to the bit.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ingest.cache.row_files import row_folder
from ingest.corpus.corpus import open_corpus
from ingest.extract.extraction import Executor, extract, here
from ingest.extract.reader import Reading
from ingest.extract.workers.cluster import ClusterOptions
from ingest.extract.workers.pool import workers
from ingest.model.loading import LoadedModel, load, resolve
from ingest.pace import ScanMeter
from ingest.progress import Silent
from mri_core.records.corpus import Document

READING = Reading("mean")


@contextmanager
def alone(loader: Callable[[], LoadedModel]) -> Iterator[Executor]:
    """This process."""
    with here(loader(), READING) as executor:
        yield executor


@contextmanager
def by_workers(number: int, loader: Callable[[], LoadedModel]) -> Iterator[Executor]:
    """Workers of a cluster that is started here."""
    with workers(ClusterOptions(workers=number), loader, READING, print) as executor:
        yield executor


def scan(way: Any, documents: list[Document]) -> dict[str, Any]:
    """Seconds until the model is there and of the scan, and a hash of the rows."""
    lengths = np.array([len(document.text) for document in documents])
    with TemporaryDirectory() as folder:
        begun = time.monotonic()
        with way as executor:
            ready = time.monotonic()
            extract(
                executor,
                documents,
                len(documents),
                lambda widths: row_folder(Path(folder), widths, len(documents)),
                meter=ScanMeter(Silent(), lengths),
            )
            done = time.monotonic()
        rows = sha256(b"".join(path.read_bytes() for path in sorted(Path(folder).glob("*.npy")))).hexdigest()
    return {"start": round(ready - begun, 1), "scan": round(done - ready, 1), "rows": rows}


def main() -> None:
    """Prints a line for each run, and one with the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--texts", type=int, default=3_000)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--turns", type=int, default=2)
    choice = parser.parse_args()
    documents = list(islice(open_corpus(choice.corpus), choice.texts))
    loader = partial(load, resolve(choice.model), max_length=None)
    found: dict[str, list[dict[str, Any]]] = {"alone": [], "workers": []}
    for _ in range(choice.turns):
        for name, way in (("alone", alone(loader)), ("workers", by_workers(choice.workers, loader))):
            found[name].append(scan(way, documents))
            print(json.dumps({"way": name, **found[name][-1]}), flush=True)
    quickest = {name: min(run["scan"] for run in runs) for name, runs in found.items()}
    same = len({run["rows"] for runs in found.values() for run in runs}) == 1
    print(json.dumps({"times": round(quickest["alone"] / quickest["workers"], 2), "same_rows": same}))


if __name__ == "__main__":
    main()
