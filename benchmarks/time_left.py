"""Is the time left that a scan tells right? Its own estimates over what was then left, as one JSON line.

Both are counted in processor seconds, so that other work on the machine does not show; best with `OMP_NUM_THREADS=1`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from ingest.cache.row_files import row_folder
from ingest.corpus.corpus import open_corpus
from ingest.extract.extraction import extract_here
from ingest.model.loading import load, resolve
from ingest.pace import ScanMeter
from ingest.progress import Pace, Silent


@dataclass
class Told(Silent):
    """Keeps when a pace was told, and the seconds left by it."""

    paces: list[tuple[float, float]] = field(default_factory=list)

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """After a batch."""
        if pace is not None:
            self.paces.append((time.process_time(), pace.seconds_left))


def main() -> None:
    """Scan the first documents of a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--documents", type=int, default=3_000)
    choice = parser.parse_args()
    texts = list(islice(open_corpus(choice.corpus), choice.documents))
    model, told = load(resolve(choice.model), max_length=None), Told()
    meter = ScanMeter(told, np.array([len(text.text) for text in texts]), time.process_time)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        extract_here(
            model,
            texts,
            len(texts),
            lambda widths: row_folder(Path(folder), widths, len(texts)),
            pooling="mean",
            meter=meter,
        )
    ended = told.paces[-1][0]
    ratios = {}
    for tenth in range(1, 10):
        now, left = next(pace for pace in told.paces if pace[0] - begun >= tenth / 10 * (ended - begun))
        ratios[f"{tenth / 10}"] = round(left / (ended - now), 3)
    print(json.dumps({"benchmark": "time_left", "documents": len(texts), "seconds": ended - begun, "told": ratios}))


if __name__ == "__main__":
    main()
