"""From a corpus to its graph: `mri ingest` from nothing, and LLM-MRI 0.2.1, in turns, each as a whole process.

    python benchmarks/against_llm_mri.py CORPUS PEER_PYTHON [--texts 1000] [--turns 2]

PEER_PYTHON is that of an environment with LLM-MRI (docs/benchmarks.md says how to make one). Both map MiniLM's layers
to a grid of ten by ten by principal components; ours also pools all tokens, tests, names and stores what it finds.
Prints one JSON object; ratios are of the sides' fastest turns, in seconds by the clock and of the processor, the
engine's with ours. Set OMP_NUM_THREADS=1: threads that wait for one another measure the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from processes import MRI, Finished, run, scratch

from mri_core.store.embedded import lifecycle

PEER, SALTED = (str(Path(__file__).with_name(name)) for name in ("llm_mri_scan.py", "salted.py"))
WAYS = {"float32": [], "bfloat16": ["--dtype", "bfloat16"]}  # what is added to the scan of a grid


def told(finished: Finished, printed: str, engine: float = 0.0) -> dict[str, Any]:
    """A process in figures, with the seconds that it tells of its stages and the processor seconds of its engine."""
    stages = json.loads(printed)["seconds"]
    return {
        "process": round(finished.seconds, 2),
        "processor": round(finished.processor_seconds + engine, 2),
        "of_the_engine": round(engine, 2),
        "peak_mib": round(finished.peak_mib),
        **stages,
    }


def ours(corpus: str, way: str) -> dict[str, Any]:
    """A scan with an empty store, no engine and an empty cache."""
    with scratch() as environment:
        command = [MRI, "ingest", corpus, "--model", "minilm", "--atlas", "grid", "--refits", "0"]
        finished = run([*command, "--name", way, "--json", *WAYS[way]], environment)
        engine = psutil.Process(lifecycle.status(Path(environment["MRI_STORE"])).pid)
        return told(finished, finished.output, sum(engine.cpu_times()[:2]))


def theirs(corpus: str, python: str) -> dict[str, Any]:
    """LLM-MRI with an empty cache of datasets."""
    with TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        finished = run([python, PEER, corpus], environment | {"HF_HOME": folder, "HF_HUB_OFFLINE": "1"})
        return told(finished, finished.output.splitlines()[-1])  # the package prints too


def compared(turns: list[dict[str, dict[str, Any]]], way: str) -> dict[str, float]:
    """How many times as long LLM-MRI takes, by the clock and in processor seconds, of the fastest turns."""
    parts = ("process", "processor")
    least = {part: {side: min(turn[side][part] for turn in turns) for side in ("llm_mri", way)} for part in parts}
    return {part: round(least[part]["llm_mri"] / least[part][way], 2) for part in parts}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it, such as 300 abstracts")
    parser.add_argument("peer_python", help="the Python of an environment with LLM-MRI")
    parser.add_argument("--texts", type=int, default=1_000, metavar="N", help="repeated to so many distinct texts")
    parser.add_argument("--turns", type=int, default=2)
    choice = parser.parse_args()
    turns = []
    with TemporaryDirectory() as folder:
        corpus = f"{folder}/salted.csv"
        run([sys.executable, SALTED, choice.corpus, str(choice.texts), corpus])
        for _ in range(choice.turns):
            sides = {way: ours(corpus, way) for way in WAYS}
            turns.append({"llm_mri": theirs(corpus, choice.peer_python), **sides})
            print(json.dumps(turns[-1]), file=sys.stderr)
    result = {
        "benchmark": "against_llm_mri",
        "corpus": Path(choice.corpus).name,
        "texts": choice.texts,
        "times_as_long": {way: compared(turns, way) for way in WAYS},
        "peak_mib": {side: max(turn[side]["peak_mib"] for turn in turns) for side in turns[0]},
        "goal": "processor >= 5 of float32, >= 8 of bfloat16; peak_mib <= 1536",
        "turns": turns,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
