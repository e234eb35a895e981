"""Loading a study into the embedded engine: the whole of `Store.write` against the bare driver with ready-made rows.

Prints one JSON object. Both sides load the same graph of about 100,000 connections into a store of their own.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import neo4j
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from mri_core.records import StudyGraph
from mri_core.store import embedded, open_store, rows, schema
from tests.planted import planted_graph

DOCUMENTS, LAYERS, REGIONS, CATEGORIES = 13_000, 11, 60, 6


def graph() -> StudyGraph:
    """About 100,000 connections between seeded random regions."""
    codes = np.random.default_rng(0).integers(REGIONS, size=(DOCUMENTS, LAYERS))
    return planted_graph("load", codes=codes, categories=[f"c{i % CATEGORIES}" for i in range(DOCUMENTS)])


def ours(folder: Path, study: StudyGraph) -> float:
    """Seconds of `Store.write`, rows and bookkeeping included."""
    with open_store(folder) as store:
        store.studies()
        start = time.perf_counter()
        store.write(study)
        return time.perf_counter() - start


def bare(folder: Path, study: StudyGraph) -> float:
    """Seconds of the same statements with rows made beforehand, one transaction each."""
    connection = embedded.ensure(folder)
    batches = list(rows.batches(study))
    with neo4j.GraphDatabase.driver(connection.uri, auth=connection.writer) as driver:
        driver.verify_connectivity()
        start = time.perf_counter()
        with driver.session(database=connection.database) as session:
            for statement in schema.statements():
                session.run(statement).consume()
            session.run("CREATE (:Study {id: $id})", id=study.study.id).consume()
            for batch in batches:
                session.run(batch.statement, study=study.study.id, rows=batch.rows).consume()
        return time.perf_counter() - start


def main() -> None:
    """Measure both sides in turn, three times, and keep each one's best."""
    study = graph()
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(3):
            for name, side in (("ours", ours), ("bare", bare)):
                folder = Path(scratch) / f"{name}-{turn}"
                start = time.perf_counter()
                embedded.ensure(folder)
                cold = time.perf_counter() - start
                start = time.perf_counter()
                embedded.ensure(folder)
                attach = time.perf_counter() - start
                seconds[name].append(side(folder, study))
                embedded.stop(folder)
    relationships = rows.total(study) + len(study.regions)
    print(
        json.dumps(
            {
                "benchmark": "load_store",
                "connections": study.study.connections,
                "relationships": relationships,
                "start_seconds": round(cold, 2),
                "attach_seconds": round(attach, 4),
                "ours_seconds": round(min(seconds["ours"]), 2),
                "bare_seconds": round(min(seconds["bare"]), 2),
                "ratio": round(min(seconds["ours"]) / min(seconds["bare"]), 2),
                "ours_relationships_per_second": round(relationships / min(seconds["ours"])),
            }
        )
    )


if __name__ == "__main__":
    main()
