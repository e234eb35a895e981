"""A study that the last version with schema 2 wrote, as it lay in its store: told, upgraded, or left alone.

The file was read out of its store: eleven kilobytes of ten documents, three layers and a measure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from mri_core.errors import StoreError
from mri_core.records.graph import SCHEMA_VERSION
from mri_core.store.bolt.driver import Writer
from mri_core.store.owner import Owner
from mri_core.store.store import Store
from queries.runner import run
from tests.engines import Engine
from tests.planted import planted_graph
from tests.questions import CATALOG

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "study-of-schema-2.json").read_text(encoding="utf-8"))
ID, NAME = "older-0000000b", "older"
in_order = partial(json.dumps, sort_keys=True)  # an engine may give properties in any order


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    opened = Writer(engine.connect())
    yield opened
    opened.run("MATCH (n) WHERE n.id STARTS WITH $name DETACH DELETE n", name=f"{NAME}-")
    opened.close()


def lay(writer: Writer, **changed: object) -> None:
    """Puts the recorded study into the store; `changed` are other properties of its own node."""
    for label, properties in RECORDED["nodes"]:
        own = {**properties, **changed} if label == "Study" else properties
        writer.run(f"CREATE (n:{label}) SET n += $own", own=own)
    for kind, edges in groupby(sorted(RECORDED["relationships"], key=lambda edge: edge[1]), key=lambda edge: edge[1]):
        ends = [{"source": source, "target": target, "own": own} for source, _, target, own in edges]
        writer.run(
            f"UNWIND $ends AS end MATCH (a {{id: end.source}}), (b {{id: end.target}}) "
            f"CREATE (a)-[e:{kind}]->(b) SET e += end.own",
            ends=ends,
        )


def kept(writer: Writer) -> tuple[list[Any], list[Any]]:
    """The study's nodes and relationships as they lie in the store, in the form and order of the file."""
    nodes = writer.run(
        "MATCH (n) WHERE n.id STARTS WITH $id RETURN labels(n)[0] AS label, properties(n) AS own ORDER BY n.id", id=ID
    )
    edges = writer.run(
        "MATCH (a)-[e]->(b) WHERE a.id STARTS WITH $id "
        "RETURN a.id AS source, type(e) AS kind, b.id AS target, properties(e) AS own",
        id=ID,
    )
    return (
        [[row["label"], {key: value for key, value in row["own"].items() if value is not None}] for row in nodes],
        sorted(([row["source"], row["kind"], row["target"], row["own"]] for row in edges), key=in_order),
    )


def recorded(**marks: object) -> tuple[list[Any], list[Any]]:
    """What the file holds, in the same form; `marks` are what every node has besides."""
    nodes = sorted(RECORDED["nodes"], key=lambda node: str(node[1]["id"]))
    return [[label, {**own, **marks}] for label, own in nodes], sorted(RECORDED["relationships"], key=in_order)


def test_it_is_not_among_the_readable_and_whoever_asks_is_told_what_to_do(store: Store, writer: Writer) -> None:
    lay(writer)
    assert NAME not in {study.name for study in store.studies()}
    (told,) = (str(error) for error in store.unreadable())
    assert "llm-mri-graph 0.1.0 made 'older' with schema 2" in told
    assert "mri store upgrade" in told
    with pytest.raises(StoreError, match="mri store upgrade"):
        run(store, CATALOG.get("layers"), {"study": NAME})
    assert kept(writer) == recorded()


def test_an_upgrade_adds_the_mark_and_changes_nothing_else(store: Store, writer: Writer) -> None:
    lay(writer)
    assert store.upgrade() == [NAME]
    nodes, edges = recorded(llm_mri=True)
    (own,) = (properties for label, properties in nodes if label == "Study")
    own["schema_version"] = SCHEMA_VERSION
    assert kept(writer) == (nodes, edges)
    assert store.upgrade() == []


def test_once_upgraded_it_is_read_asked_and_deleted_like_any_other(store: Store, writer: Writer) -> None:
    lay(writer)
    store.upgrade()
    study = store.study(NAME)
    assert (study.id, study.documents, study.regions, study.connections) == (ID, 10, 6, 9)
    assert [row["documents"] for row in run(store, CATALOG.get("layers"), {"study": NAME}).records()] == [10, 10, 10]
    routes = run(store, CATALOG.get("route-of-document"), {"study": NAME, "document": "D3"}).records()
    passed = sorted(edge[2] for edge in RECORDED["relationships"] if edge[:2] == [f"{ID}/D3", "PASSES"])
    assert [row["region"] for row in routes] == passed
    (probe,) = store.measures(study)
    assert (probe.kind, probe.layer, probe.value, probe.details) == ("probe", 1, 0.75, {"splits": 10})
    assert store.delete(study) == len(RECORDED["nodes"])
    assert kept(writer) == ([], [])


def test_a_scan_that_wants_its_name_upgrades_it_and_is_refused(store: Store, writer: Writer) -> None:
    lay(writer)
    assert store.prepare("newer-00000000") == [NAME]
    with pytest.raises(StoreError, match="A name belongs to one study"):
        store.write(planted_graph(NAME, seed=7))
    assert store.study(NAME).id == ID


def test_one_that_a_process_still_loads_is_left_to_it(store: Store, writer: Writer) -> None:
    now = datetime.now(UTC).isoformat()
    lay(writer, status="loading", owner=str(Owner.of_this_process()), updated_at=now)
    before = kept(writer)
    assert store.upgrade() == []
    assert kept(writer) == before


@pytest.mark.parametrize("changed", [{"software": "another tool 1.0"}, {"id": "older-plan"}, {"parameters": "none"}])
def test_what_only_looks_like_it_is_somebody_elses(store: Store, writer: Writer, changed: dict[str, str]) -> None:
    lay(writer, **changed)
    before = kept(writer)
    assert store.unreadable() == []
    assert store.upgrade() == []
    assert kept(writer) == before


def test_schema_1_is_recognised_and_its_texts_have_to_be_scanned_again(store: Store, writer: Writer) -> None:
    lay(writer, schema_version=1)
    store.upgrade()
    assert NAME not in {study.name for study in store.studies()}
    with pytest.raises(StoreError, match=r"with schema 1.*--replace"):
        store.study(NAME)
