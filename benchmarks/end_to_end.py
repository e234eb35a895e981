"""End to end: `mri ingest` as a whole process, from nothing to a ready study, with the bare loop beside it.

    python benchmarks/end_to_end.py CORPUS [--model minilm] [--turns 3]

Prints one JSON object. Every turn has a store, an engine and a cache of its own; the turn told is the one of
median activations against the bare loop, and ratios are medians over the turns.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from processes import MRI, Finished, run, scratch

BARE_LOOP = str(Path(__file__).with_name("bare_loop.py"))


def turn(corpus: str, model: str) -> dict[str, Any]:
    """The scan from nothing, again from its cached activations, and the bare loop."""
    with scratch() as environment:
        ingest = [MRI, "ingest", corpus, "--model", model, "--json"]
        cold = run([*ingest, "--name", "cold"], environment)
        cached = run([*ingest, "--name", "cached", "--clusters", "7"], environment)
        bare = run([sys.executable, BARE_LOOP, corpus, model], environment)
    loop = json.loads(bare.output)
    return {
        "cold": told(cold),
        "cached": told(cached),
        "bare": told(bare) | {"activations": loop["activations"], "load_model": loop["load_model"]},
        "tokens": loop["tokens"],
        "activations_to_bare": json.loads(cold.output)["seconds"]["activations"] / loop["activations"],
        "cold_to_bare": cold.seconds / bare.seconds,
        "cached_to_cold": cached.seconds / cold.seconds,
    }


def told(finished: Finished) -> dict[str, Any]:
    """A process in figures, with the stages that it tells of itself."""
    stages = json.loads(finished.output).get("seconds", {})
    return {"process": round(finished.seconds, 2), "peak_mib": round(finished.peak_mib), **stages}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it, such as 300 abstracts")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--turns", type=int, default=3)
    choice = parser.parse_args()
    turns = [turn(choice.corpus, choice.model) for _ in range(choice.turns)]
    typical = sorted(turns, key=lambda one: one["activations_to_bare"])[len(turns) // 2]
    ratios = ("activations_to_bare", "cold_to_bare", "cached_to_cold")
    result = {
        "benchmark": "end_to_end",
        "corpus": Path(choice.corpus).name,
        "model": choice.model,
        **{ratio: round(median(one[ratio] for one in turns), 3) for ratio in ratios},
        "all_activations_to_bare": sorted(round(one["activations_to_bare"], 3) for one in turns),
        **{part: typical[part] for part in ("cold", "cached", "bare", "tokens")},
        "goal": "activations_to_bare <= 1.05, cold.peak_mib <= 1536",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
