"""Cost of a scan of tokens against the scan of the same texts as documents: whole processes, from nothing, in turns.

    python benchmarks/tokens.py CORPUS [--texts 1000] [--model minilm] [--turns 2] [--refits N]

The corpus is repeated to as many distinct texts. Prints one JSON object. Every turn has a store, an engine and a cache
of its own; the ratio is of processor seconds, of the sides' quickest turns. `disk_mib` is what a scan leaves in the
cache, `store_mib` in the store, whose engine is stopped before it is measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from processes import MRI, run, scratch

SALTED = str(Path(__file__).with_name("salted.py"))
SIDES = {"documents": [], "tokens": ["--unit", "token"]}


def turn(corpus: str, choice: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Both scans, each from nothing."""
    return {side: scan(corpus, options, choice) for side, options in SIDES.items()}


def scan(corpus: str, options: list[str], choice: argparse.Namespace) -> dict[str, Any]:
    """One scan in figures, with the seconds that it tells of its stages."""
    with scratch() as environment:
        refits = [] if choice.refits is None else ["--refits", str(choice.refits)]
        ingest = [MRI, "ingest", corpus, "--model", choice.model, "--name", "one", *options, *refits, "--json"]
        finished = run(ingest, environment)
        run([MRI, "store", "stop"], environment)
        told = json.loads(finished.output)
        return {
            "process": round(finished.seconds, 2),
            "processor": round(finished.processor_seconds, 2),
            "peak_mib": round(finished.peak_mib),
            "disk_mib": round(size(environment["MRI_CACHE"]), 1),
            "store_mib": round(size(environment["MRI_STORE"]), 1),
            "seconds": told["seconds"],
        }


def size(folder: str) -> float:
    """MiB that the files of a folder take on the disk."""
    return sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file()) / 2**20


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it, such as 300 abstracts")
    parser.add_argument("--texts", type=int, default=1_000, metavar="N", help="repeated to so many distinct texts")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--refits", type=int, help="of the atlas; as `mri ingest` has it unless given")
    choice = parser.parse_args()
    with TemporaryDirectory() as folder:
        corpus = f"{folder}/salted.csv"
        run([sys.executable, SALTED, choice.corpus, str(choice.texts), corpus])
        turns = [turn(corpus, choice) for _ in range(choice.turns)]
    least = {side: min(one[side]["processor"] for one in turns) for side in SIDES}
    result = {
        "benchmark": "tokens",
        "corpus": Path(choice.corpus).name,
        "texts": choice.texts,
        "model": choice.model,
        "refits": choice.refits,
        "tokens_to_documents": round(least["tokens"] / least["documents"], 2),
        "peak_mib": max(one["tokens"]["peak_mib"] for one in turns),
        "disk_mib": max(one["tokens"]["disk_mib"] for one in turns),
        "store_mib": max(one["tokens"]["store_mib"] for one in turns),
        "goal": "tokens_to_documents <= 1.3, peak_mib <= 1536, disk_mib <= 60",
        "turns": turns,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
