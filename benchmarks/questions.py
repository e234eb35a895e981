"""Every question on a study of about 500,000 connections: median and 95th percentile of its seconds.

Prints one JSON object. Questions that take a second study get the study itself. The first answer of each, for which
the engine plans and fills its caches, is told apart.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.large_study import engine, graph, location, place
from mri_core.errors import MriError
from mri_core.records.ids import region_id
from mri_core.store import Store, open_store
from queries.catalog import own_catalog
from queries.runner import run
from queries.template import Template

TURNS = 20
GOAL = {"neo4j": 1.0, "embedded": 2.0}  # seconds, 95th percentile
NAME = "questions-benchmark"


def values(template: Template, study: str) -> dict[str, Any]:
    """What the question requires, and nothing more."""
    some = {
        "study": study,
        "other": study,
        "category": "c1",
        "versus": "c2",
        "without": "c3",
        "region": region_id(study, 6, "7"),
        "source": region_id(study, 5, "3"),
        "target": region_id(study, 6, "7"),
        "document": f"{study}/D1234",
        "layer": 6,
        "word": "word1",
    }
    return {p.name: some[p.name] for p in template.parameters if p.required}


def measure(store: Store, template: Template, study: str) -> dict[str, Any]:
    """Seconds of one question."""
    seconds = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        try:
            table = run(store, template, values(template, study))
        except MriError as error:
            return {"error": str(error)}
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 30 and len(seconds) > 5:
            break
    first, *rest = seconds
    return {
        "rows": len(table.rows),
        "first": round(first, 3),
        "p50": round(float(np.percentile(rest, 50)), 3),
        "p95": round(float(np.percentile(rest, 95)), 3),
    }


def main() -> None:
    """Load the study where it is not there yet, ask everything, delete it from an embedded store."""
    store = location(__doc__)
    with place(store) as where, open_store(where) as opened:
        study = graph(NAME)
        opened.write(study)
        told = {}
        for template in own_catalog():
            told[template.name] = measure(opened, template, study.study.id)
            print(template.name, told[template.name], file=sys.stderr, flush=True)
        goal = GOAL[engine(where)]
        slow = [name for name, one in told.items() if one.get("p95", np.inf) > goal]
        print(
            json.dumps(
                {
                    "benchmark": "questions",
                    "engine": engine(where),
                    "connections": study.study.connections,
                    "goal_p95": goal,
                    "slower": slow,
                    "questions": told,
                }
            )
        )
        opened.delete(study.study)


if __name__ == "__main__":
    main()
