"""Closed-form statistics of 500,000 connections against the connectome's own time, and the memory that they take.

    python benchmarks/closed_form.py [--repeat 5]

The statistics are p, q, effects, intervals and names of connections, regions and routes. `cold` runs both once in a
process of its own, as a scan does, `warm` again in the same process; medians, in seconds of the processor. `peak_mib`
is what the statistics hold at most, of 500,000 connections, and of as many with four times the documents.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import tracemalloc
from statistics import median

import numpy as np

from mri_core.connectome.counting import build_connectome
from mri_core.records.connectome import Connectome
from mri_core.statistics.families import all_families

LAYERS, CATEGORIES = 13, 6
SMALL, LARGE = (45_000, 200), (180_000, 84)  # documents and regions of a layer: about 500,000 connections each
WARM = 5
GOAL = 3.0


def codes(documents: int, regions: int) -> tuple[np.ndarray, np.ndarray]:
    """Regions at random, and labels: hardly two of the documents share a step where regions are many."""
    placed = np.random.default_rng(0).integers(regions, size=(documents, LAYERS))
    return placed, np.arange(documents) % CATEGORIES


def once(placed: np.ndarray, labels: np.ndarray) -> tuple[float, float, Connectome]:
    """Processor seconds of the connectome and of its statistics, and the connectome."""
    start = time.process_time()
    connectome = build_connectome(placed, labels, CATEGORIES)
    built = time.process_time()
    all_families(connectome)
    return built - start, time.process_time() - built, connectome


def timings() -> dict[str, object]:
    """Of this process: the first time, the median of the times after, and the rows."""
    study = codes(*SMALL)
    cold = once(*study)
    warm = [once(*study)[:2] for _ in range(WARM)]
    return {
        "cold": cold[:2],
        "warm": [median(own) for own in zip(*warm, strict=True)],
        "connections": len(cold[2].flows.weight),
    }


def peak(documents: int, regions: int) -> dict[str, float | int]:
    """What the statistics hold at most beside the connectome."""
    connectome = build_connectome(*codes(documents, regions), CATEGORIES)
    tracemalloc.start()
    all_families(connectome)
    held = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return {"documents": documents, "connections": len(connectome.flows.weight), "peak_mib": round(held, 1)}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.here:
        print(json.dumps(timings()))
        return
    command = [sys.executable, __file__, "--here"]
    runs = [json.loads(subprocess.check_output(command)) for _ in range(choice.repeat)]
    facts: dict[str, object] = {"benchmark": "closed_form", "connections": runs[0]["connections"], "goal": GOAL}
    for kind in ("cold", "warm"):
        connectome, statistics = (median(run[kind][side] for run in runs) for side in (0, 1))
        ratio = median(run[kind][1] / run[kind][0] for run in runs)
        seconds = {"connectome": round(connectome, 3), "statistics": round(statistics, 3)}
        facts[kind] = {**seconds, "ratio": round(ratio, 2)}
    facts["memory"] = [peak(*SMALL), peak(*LARGE)]
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
