"""End to end: `mri ingest` as a whole process, from nothing to a ready study, with the bare loop beside it.

    python benchmarks/end_to_end.py CORPUS [--texts N] [--model minilm] [--dtype float32] [--atlas clusters] [--turns 3]

With `--texts` the corpus is repeated to as many distinct ones. The scan from cached activations has other clusters, or
another resolution of its grid. Prints one JSON object. Every turn has a store, an engine and a cache of its own.
Ratios are of the sides' quickest turns, as other work on the machine can only add; all turns' seconds stand beside
them. On a busy machine set OMP_NUM_THREADS=1: threads that wait for each other suffer most.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from processes import MRI, Finished, run, scratch

BARE_LOOP, SALTED = (str(Path(__file__).with_name(name)) for name in ("bare_loop.py", "salted.py"))
ANOTHER = {"clusters": ("--clusters", "7"), "grid": ("--resolution", "12")}  # of the same kind


def turn(corpus: str, choice: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The scan from nothing, again from its cached activations, and the bare loop."""
    with scratch() as environment:
        ingest = [MRI, "ingest", corpus, "--model", choice.model, "--dtype", choice.dtype, "--atlas", choice.atlas]
        ingest.append("--json")
        return {
            "cold": told(run([*ingest, "--name", "cold"], environment)),
            "cached": told(run([*ingest, "--name", "cached", *ANOTHER[choice.atlas]], environment)),
            "bare": told(run([sys.executable, BARE_LOOP, corpus, choice.model, choice.dtype], environment)),
        }


def turns_of(choice: argparse.Namespace) -> list[dict[str, dict[str, Any]]]:
    """All turns over the corpus, or over distinct texts like it, which another process writes: this one stays small."""
    with TemporaryDirectory() as folder:
        corpus = choice.corpus
        if choice.texts:
            corpus = f"{folder}/salted.csv"
            run([sys.executable, SALTED, choice.corpus, str(choice.texts), corpus])
        return [turn(corpus, choice) for _ in range(choice.turns)]


def told(finished: Finished) -> dict[str, Any]:
    """A process in figures, with the seconds that it tells of its stages."""
    stages = json.loads(finished.output)["seconds"]
    return {
        "process": round(finished.seconds, 2),
        "processor": round(finished.processor_seconds, 2),
        "peak_mib": round(finished.peak_mib),
        **stages,
    }


def quickest(turns: list[dict[str, dict[str, Any]]], side: str, part: str) -> float:
    """The fewest seconds of a side, of its process or one of its stages."""
    return min(one[side][part] for one in turns)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it, such as 300 abstracts")
    parser.add_argument("--texts", type=int, metavar="N", help="repeated to so many distinct texts")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--atlas", default="clusters", choices=[*ANOTHER])
    parser.add_argument("--turns", type=int, default=3)
    choice = parser.parse_args()
    turns = turns_of(choice)
    loop = quickest(turns, "bare", "activations")
    cold = quickest(turns, "cold", "process")
    result = {
        "benchmark": "end_to_end",
        "corpus": Path(choice.corpus).name,
        "texts": choice.texts,
        "model": choice.model,
        "dtype": choice.dtype,
        "atlas": choice.atlas,
        "activations_to_bare": round(quickest(turns, "cold", "activations") / loop, 3),
        "cold_to_bare": round(cold / quickest(turns, "bare", "process"), 3),
        "cold_to_bare_processor": round(quickest(turns, "cold", "processor") / quickest(turns, "bare", "processor"), 3),
        "cold_to_cached": round(cold / quickest(turns, "cached", "process"), 1),
        "peak_mib": max(one["cold"]["peak_mib"] for one in turns),
        "cached_seconds": quickest(turns, "cached", "process"),
        "goal": "activations_to_bare <= 1.05, peak_mib <= 1536, cached_seconds <= 5",
        "turns": turns,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
