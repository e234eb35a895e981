"""Cold start: a reading command as a whole process against a Python that imports the driver and nothing else.

Prints one JSON object. The sides take turns, so that a machine that grows slower or faster does so for both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
from processes import MRI, run, scratch

TURNS, STARTS = 15, 5
DRIVER = [sys.executable, "-c", "import neo4j"]
STUDIES = [MRI, "studies"]
QUERY = [MRI, "query", "hubs", "--study", "small"]
HEAVY = {"datasets", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "streamlit", "torch", "transformers"}


def keep_a_study(environment: dict[str, str]) -> None:
    """A small study of given activations, for the commands to have something to read."""
    folder = Path(environment["MRI_CACHE"]).with_name("given")
    folder.mkdir()
    random = np.random.default_rng(0)
    for layer in range(3):
        np.save(folder / f"L{layer}.npy", random.normal(size=(60, 8)).astype(np.float32))
    (folder / "documents.csv").write_text("label\n" + "a\nb\n" * 30)
    run([MRI, "ingest", "--activations", str(folder), "--name", "small", "--quiet"], environment)


def imported(arguments: list[str], environment: dict[str, str]) -> set[str]:
    """Top-level packages that a Python of these arguments imports."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], env=environment, capture_output=True, text=True, check=True
    ).stderr
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in told.splitlines() if "|" in line}


def against_driver(sides: dict[str, list[float]], name: str) -> dict[str, float]:
    """One command's median, and its paired difference to and ratio with the driver's import."""
    return {
        "seconds": round(median(sides[name]), 3),
        "more": round(median(np.subtract(sides[name], sides["driver"]).tolist()), 3),
        "ratio": round(median(np.divide(sides[name], sides["driver"]).tolist()), 2),
    }


def main() -> None:
    """Measures and prints."""
    with scratch() as environment:
        keep_a_study(environment)
        commands = {"driver": DRIVER, "studies": STUDIES, "query": QUERY}
        sides: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(TURNS):
            for name, command in commands.items():
                sides[name].append(run(command, environment).seconds)
        stopped, driver = [], []
        for _ in range(STARTS):
            run([MRI, "store", "stop"], environment)
            stopped.append(run(STUDIES, environment).seconds)
            driver.append(run(DRIVER, environment).seconds)
        ours = imported(["-m", "ui.cli.main", "studies"], environment)
    result = {
        "benchmark": "cold_start",
        "driver": {"seconds": round(median(sides["driver"]), 3)},
        "studies": against_driver(sides, "studies"),
        "query": against_driver(sides, "query"),
        "studies_engine_stopped": against_driver({"stopped": stopped, "driver": driver}, "stopped"),
        "heavy_imports_beyond_the_driver": sorted(ours & HEAVY - imported(DRIVER[1:], dict(os.environ))),
        "goal": "studies.more and query.more <= 0.45",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
