"""Loading a study: the whole of `Store.write` against the bare driver with ready-made rows of the same form.

Prints one JSON object. Both sides load the same graph of about 500,000 connections into the same engine, in turn; a
study is deleted before the next is loaded.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import neo4j

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.large_study import connection, engine, graph, location, place
from mri_core.records.graph import StudyGraph
from mri_core.store import open_store, rows, schema

TURNS = 3


def ours(store: str, study: StudyGraph) -> float:
    """Seconds of `Store.write`, rows and bookkeeping included."""
    with open_store(store) as opened:
        opened.studies()
        start = time.perf_counter()
        opened.write(study)
        return time.perf_counter() - start


def bare(store: str, study: StudyGraph) -> float:
    """Seconds of the same statements with rows made beforehand, one transaction each."""
    reached = connection(store)
    batches = list(rows.batches(study))
    with neo4j.GraphDatabase.driver(reached.uri, auth=reached.writer) as driver:
        driver.verify_connectivity()
        start = time.perf_counter()
        with driver.session(database=reached.database) as session:
            for statement in schema.statements():
                session.run(statement).consume()
            session.run("CREATE (:Study {llm_mri: true, id: $id})", id=study.study.id).consume()
            for batch in batches:
                session.run(batch.statement, study=study.study.id, rows=batch.rows).consume()
        return time.perf_counter() - start


def main() -> None:
    """Measure both sides in turn, and keep each one's best."""
    store = location(__doc__)
    study = graph("load-benchmark")
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    with place(store) as where:
        ours(where, graph("warm-up", documents=1000))
        for _ in range(TURNS):
            for name, side in (("ours", ours), ("bare", bare)):
                seconds[name].append(side(where, study))
                with open_store(where) as opened:
                    opened.delete(study.study)
        with open_store(where) as opened:
            opened.delete(opened.study("warm-up"))
        told = engine(where)
    relationships = rows.total(study) + len(study.regions)
    print(
        json.dumps(
            {
                "benchmark": "load_store",
                "engine": told,
                "connections": study.study.connections,
                "relationships": relationships,
                "ours_seconds": [round(value, 1) for value in seconds["ours"]],
                "bare_seconds": [round(value, 1) for value in seconds["bare"]],
                "ratio": round(min(seconds["ours"]) / min(seconds["bare"]), 2),
                "ours_relationships_per_second": round(relationships / min(seconds["ours"])),
            }
        )
    )


if __name__ == "__main__":
    main()
