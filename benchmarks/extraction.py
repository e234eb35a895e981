"""A scan's activations against the bare loop of the same dtype, in turns in one process.

    python benchmarks/extraction.py CORPUS [--texts 300] [--model minilm] [--dtype float32] [--turns 5] [--compile off]

The corpus is repeated to as many texts, each begun with its number, so that no two are alike. Prints one JSON object:
tokens a processor second of both sides, the median of the turns' ratios and that of the quickest turns, the share of
padding, whose matrix products the scan took, and the peak memory. The scan reads every layer and writes its rows; the
loop means the last layer. With `--compile on` the compiling is done before, and reported apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from bare_loop import load_bare, loop
from salted import salted

from ingest.cache.row_files import row_folder
from ingest.extract.extraction import extract_here
from ingest.extract.records import Conditions
from ingest.model.device import Place
from ingest.model.loading import LoadedModel, load, resolve
from mri_core.records.corpus import Document


class Padding:
    """A meter that adds up the tokens of the batches, with and without padding."""

    def __init__(self) -> None:
        self.tokens = self.padded = 0

    def begin(self, wanted: Any, max_length: int) -> None:
        """Nothing is done yet."""
        self.tokens = self.padded = 0

    def window(self, ordinals: Any, tokens: Any) -> None:
        """Nothing."""

    def batch(self, tokens: Any, *, ran: bool) -> None:
        """Adds a batch."""
        self.tokens += sum(tokens)
        self.padded += max(tokens) * len(tokens)


def scan(model: LoadedModel, documents: list[Document], meter: Padding, compiling: str) -> Conditions:
    """All layers of all documents, into files."""
    with TemporaryDirectory() as folder:
        count = len(documents)
        return extract_here(
            model,
            documents,
            count,
            lambda widths: row_folder(Path(folder), widths, count),
            pooling="mean",
            meter=meter,
            compiling=compiling,
            characters=np.array([len(document.text) for document in documents]),
        )


def timed(work: Callable[[], object]) -> float:
    """Processor seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it, such as 300 abstracts")
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--compile", default="off", choices=["on", "off"])
    parser.add_argument("--turns", type=int, default=5)
    choice = parser.parse_args()
    documents, source, meter = salted(choice.corpus, choice.texts), resolve(choice.model), Padding()
    texts = [document.text for document in documents]
    tokenizer, bare = load_bare(source)
    model = load(source, max_length=None, place=Place("cpu", choice.dtype))
    sides = {
        "bare": lambda: loop(tokenizer, bare, texts, choice.dtype),
        "scan": lambda: scan(model, documents, meter, choice.compile),
    }
    first = {side: timed(work) for side, work in sides.items()}
    turns = [{side: timed(work) for side, work in sides.items()} for _ in range(choice.turns)]
    quickest = {side: min(turn[side] for turn in turns) for side in sides}
    result = {
        "benchmark": "extraction",
        "corpus": Path(choice.corpus).name,
        "texts": choice.texts,
        "model": choice.model,
        "dtype": choice.dtype,
        "compile": choice.compile,
        "products": scan(model, documents, meter, choice.compile).products,
        "tokens": meter.tokens,
        "tokens_per_second": {side: round(meter.tokens / seconds) for side, seconds in quickest.items()},
        "ratio": round(statistics.median(turn["scan"] / turn["bare"] for turn in turns), 3),
        "ratio_of_quickest": round(quickest["scan"] / quickest["bare"], 3),
        "padding_share": round(1 - meter.tokens / meter.padded, 4),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "first_turn": {side: round(seconds, 2) for side, seconds in first.items()},
        "goal": "ratio <= 0.85" if choice.compile == "on" else "ratio <= 1.05",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
