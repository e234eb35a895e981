"""What others have in the same database stays as it is; studies of an older version are upgraded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.notebook import ingest
from ingest.progress import Silent
from mri_core.errors import StoreError
from mri_core.records.annotations import annotation
from mri_core.records.interventions import Change
from mri_core.records.measures import Measure
from mri_core.store import checksums, copying, schema, usable
from mri_core.store.bolt.driver import Writer
from mri_core.store.measuring import Stable
from mri_core.store.store import Store
from queries.runner import run
from tests.engines import Engine
from tests.planted import planted_graph, planted_intervention, with_evidence
from tests.questions import CATALOG

OURS = with_evidence(planted_graph("asthma", software="llm-mri-graph 0.1.0"))
NEWER = planted_graph("asthma", seed=1)
ID = OURS.study.id
MEASURES = [Measure("probe", 0.5, layer=0, other="full"), Measure("density", 0.1)]
CHANGES = (Change("L2/R0", 2, -0.5, -0.75, -0.25, 0.0, -0.125, 0.05, 0.1),)
TRIED = [
    planted_intervention(
        "L1/R0", "swap", source="L1/R1", target="L1/R0", towards="L2/R0", category="plant", changes=CHANGES
    ),
    planted_intervention("L1/R0", effect=None, effect_layer=None, depth=None, q=None, loss=None, loss_p=None),
]
SAID = [annotation("L1/R0", "a name", ""), annotation("L1/R1", "", "a note")]

LOOK_ALIKES = f"""
CREATE (:Study {{id: 'NCT1', name: 'trial', status: 'Recruiting'}}), (:Study {{name: 'asthma', status: 'ready'}}),
  (:Study {{id: 'NCT2', name: 'asthma', status: 'loading', owner: '', updated_at: ''}}), (:Study {{status: 'ready'}}),
  (:Study {{id: 'asthma-0000000a', name: 'asthma', status: 'ready', schema_version: 2, software: 'llm-mri-graph 1'}})
WITH 1 AS one
UNWIND range(1, 3) AS i
CREATE (s:Study {{id: '{ID}', name: 'asthma', status: 'ready', schema_version: 2, documents: 60, layers: 4}})
CREATE (l:Layer {{id: '{ID}/L0', study: '{ID}', index: 0}})-[:PART_OF]->(s)
CREATE (c:Category {{id: '{ID}/C/plant', study: '{ID}', name: 'plant'}})-[:PART_OF]->(s)
CREATE (:Measure {{id: '{ID}/M/density', study: '{ID}', kind: 'density', details: '[]'}})-[:PART_OF]->(s)
CREATE (a:Region {{id: '{ID}/L0/R1', study: '{ID}', layer: 0, name: '1'}})-[:IN_LAYER]->(l)
CREATE (b:Region {{id: '{ID}/L1/R1', study: '{ID}', layer: 1, name: '1'}})
CREATE (a)-[:FLOWS_TO {{study: '{ID}', category: 'plant'}}]->(b), (a)-[:AVOIDS {{category: 'plant'}}]->(b)
CREATE (a)-[:ACTIVATED_BY {{study: '{ID}'}}]->(c)
CREATE (d:Document {{id: '{ID}/D0', study: '{ID}', ordinal: 0, n: i}})-[:IN_CATEGORY]->(c)
CREATE (d)-[:PASSES {{layer: 0}}]->(a)
"""
THEIR_SCHEMA = {
    "CREATE INDEX theirs_index IF NOT EXISTS FOR (n:Document) ON (n.id)": "DROP INDEX theirs_index",
    "CREATE CONSTRAINT theirs IF NOT EXISTS FOR (n:Document) REQUIRE n.url IS UNIQUE": "DROP CONSTRAINT theirs",
}
BARRING = "CREATE CONSTRAINT theirs IF NOT EXISTS FOR (n:Document) REQUIRE n.title IS UNIQUE"


@pytest.fixture
def shared(neo4j_server: Engine) -> Iterator[Store]:
    with Store(neo4j_server.connect) as store:
        yield store


@pytest.fixture
def writer(neo4j_server: Engine) -> Iterator[Writer]:
    own = Writer(neo4j_server.connect())
    yield own
    own.run("MATCH (n) WHERE n.llm_mri IS NULL OR n.name STARTS WITH 'asthma' DETACH DELETE n")
    for row in own.run("SHOW INDEXES"):
        if row["name"].startswith("theirs") and row["owningConstraint"] is None:
            own.run(f"DROP INDEX {row['name']}")
    own.run("DROP CONSTRAINT theirs IF EXISTS")
    own.close()


@pytest.fixture
def elsewhere(embedded_store: Engine) -> Iterator[Store]:
    with Store(embedded_store.connect) as store:
        yield store
        for study in store.studies():
            if study.name == "asthma":
                store.delete(study)


def dump(writer: Writer) -> str:
    """All that is not ours: nodes, relationships between them, constraints and indexes."""
    asked = (
        "MATCH (n) WHERE n.llm_mri IS NULL RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS all",
        "MATCH (n)-[e]->(m) WHERE n.llm_mri IS NULL AND m.llm_mri IS NULL "
        "RETURN elementId(e) AS id, type(e) AS type, properties(e) AS all, elementId(n) AS start, elementId(m) AS end",
    )
    found = [row for statement in asked for row in writer.run(statement)]
    kept = ("name", "type", "labelsOrTypes", "properties")
    for statement in ("SHOW CONSTRAINTS", "SHOW INDEXES"):
        rows = [{key: row[key] for key in kept} for row in writer.run(statement)]
        found += [row for row in rows if schema.MARK not in (row["properties"] or ())]
    return "\n".join(sorted(json.dumps(row, sort_keys=True) for row in found))


def died(store: Store, writer: Writer) -> None:
    """A load that was killed, swept."""
    writer.run(
        "MERGE (s:Study {llm_mri: true, id: 'asthma-0000000b'}) "
        "SET s += {name: 'asthma', status: 'loading', owner: '', updated_at: ''}"
    )
    assert store.sweep("asthma") == 1


@pytest.mark.slow
def test_what_others_have_is_the_same_after_every_write(shared: Store, writer: Writer, elsewhere: Store) -> None:
    for statement in THEIR_SCHEMA:
        writer.run(statement)
    writer.run(LOOK_ALIKES)
    before = dump(writer)
    stable = [Stable(f"{ID}/L0/R1", f"{ID}/L1/R1", "plant", 0.5)]
    steps: dict[str, Callable[[], Any]] = {
        "a study is written": lambda: shared.write(OURS),
        "it is there already": lambda: shared.write(OURS),
        "measures are added": lambda: shared.add_measures(OURS.study, MEASURES, stable),
        "it is copied out": lambda: copying.copy(shared, elsewhere, OURS.study),
        "another takes its name": lambda: shared.write(NEWER, replace=True),
        "it is copied in": lambda: copying.copy(elsewhere, shared, elsewhere.study("asthma"), replace=True),
        "a load that died is swept": lambda: died(shared, writer),
        "older studies are upgraded": lambda: shared.upgrade(),
        "it is deleted": lambda: shared.delete(OURS.study),
    }
    for step, work in steps.items():
        work()
        assert dump(writer) == before, step
        names = [study.id for study in shared.studies() if study.name in {"asthma", "trial"}]
        assert names == ([] if step == "it is deleted" else [NEWER.study.id if "takes" in step else ID]), step
        listed = [row["study"] for row in run(shared, CATALOG.get("studies"), {}).records()]
        assert [key for key in listed if key is None or key.startswith(("asthma", "NCT"))] == names
    assert shared.unreadable() == []
    assert writer.run("MATCH (n {llm_mri: true}) WHERE n.id STARTS WITH 'asthma' RETURN n") == []


class Stages(Silent):
    """Which stages began."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def stage(self, name: str, total: int, unit: str) -> None:
        """Remembers it."""
        self.begun.append(name)


def test_a_database_that_refuses_our_nodes_is_told_before_a_model_runs(
    neo4j_server: Engine, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in neo4j_server.environment.items():
        monkeypatch.setenv(name, value)
    for row in writer.run("SHOW CONSTRAINTS"):
        writer.run(f"DROP CONSTRAINT {row['name']}")
    writer.run(BARRING)
    writer.run("UNWIND range(1, 20) AS i CREATE (:Document {title: 'chunk ' + toString(i)})")
    before = writer.run("SHOW CONSTRAINTS"), dump(writer)
    corpus = tmp_path / "corpus.csv"
    corpus.write_text("text,label\n" + "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(20)), encoding="utf-8")
    told = Stages()
    with pytest.raises(StoreError, match=r"'theirs', uniqueness of :Document\(title\), and 20 such nodes") as refused:
        ingest(corpus, name="asthma", store=neo4j_server.location, progress=told)
    assert "another database" in refused.value.remedy
    assert told.begun == []
    assert (writer.run("SHOW CONSTRAINTS"), dump(writer)) == before


def test_ids_that_others_have_bar_a_study_only_where_ids_must_be_unique(shared: Store, writer: Writer) -> None:
    writer.run(f"CREATE (:Document {{id: '{ID}/D3'}})")
    shared.check_usable(ID)
    writer.run("CREATE CONSTRAINT theirs FOR (n:Document) REQUIRE n.id IS UNIQUE")
    shared.check_usable("another-00000000")
    with pytest.raises(StoreError, match="uniqueness of :Document"):
        shared.write(OURS)
    assert not shared.is_ready(ID)


CONSTRAINTS = [
    ("UNIQUENESS", "Document", ["id"], None, False),
    ("UNIQUENESS", "Document", ["url"], None, False),
    ("UNIQUENESS", "Study", ["name"], None, True),
    ("NODE_PROPERTY_UNIQUENESS", "Region", ["layer", "name"], None, True),
    ("RELATIONSHIP_UNIQUENESS", "PASSES", ["layer"], None, True),
    ("RELATIONSHIP_UNIQUENESS", "PASSES", ["since"], None, False),
    ("NODE_KEY", "Document", ["id"], None, False),
    ("NODE_KEY", "Document", ["id", "source_id"], None, True),
    ("NODE_PROPERTY_EXISTENCE", "Document", ["title"], None, False),
    ("NODE_PROPERTY_EXISTENCE", "Document", ["url"], None, True),
    ("RELATIONSHIP_PROPERTY_EXISTENCE", "PART_OF", ["since"], None, True),
    ("NODE_PROPERTY_TYPE", "Document", ["id"], "STRING", False),
    ("NODE_PROPERTY_TYPE", "Document", ["id"], "INTEGER | STRING", False),
    ("NODE_PROPERTY_TYPE", "Document", ["id"], "INTEGER", True),
    ("NODE_PROPERTY_TYPE", "Document", ["url"], "INTEGER", False),
    ("RELATIONSHIP_PROPERTY_TYPE", "FLOWS_TO", ["weight"], "FLOAT", True),
    ("RELATIONSHIP_PROPERTY_TYPE", "PASSES", ["margin"], "FLOAT", False),
    ("RELATIONSHIP_PROPERTY_TYPE", "MATCHES", ["jaccard"], "STRING", True),
    ("NODE_PROPERTY_TYPE", "AtlasPart", ["number"], "INTEGER", False),
    ("NODE_LABEL_EXISTENCE", "Document", [], None, True),
]


@pytest.mark.parametrize(("kind", "label", "properties", "allowed", "bars"), CONSTRAINTS)
def test_constraints_bar_what_our_nodes_do_not_meet(
    kind: str, label: str, properties: list[str], allowed: str | None, bars: bool
) -> None:
    row = {"type": kind, "labelsOrTypes": [label], "properties": properties, "propertyType": allowed}
    assert usable.bars(row) is bars


@pytest.mark.slow  # the types of these are held against what a study has below
def test_the_properties_that_constraints_are_held_against_are_those_that_a_study_has(
    shared: Store, writer: Writer
) -> None:
    shared.write(OURS)
    shared.add_measures(OURS.study, MEASURES)
    shared.add_interventions(OURS.study, TRIED)
    shared.annotate(OURS.study, SAID)
    nodes = "MATCH (n {llm_mri: true}) WHERE n.id STARTS WITH $id WITH labels(n)[0] AS kind, keys(n) AS keys "
    edges = "MATCH (n {llm_mri: true})-[e]->() WHERE n.id STARTS WITH $id WITH type(e) AS kind, keys(e) AS keys "
    for statement in (nodes, edges):
        for row in writer.run(statement + "RETURN kind, collect(keys) AS sets", id=ID):
            always, sometimes = (set(part.split()) for part in schema.PROPERTIES[row["kind"]])
            sets = [set(keys) - {schema.MARK} for keys in row["sets"]]
            assert all(always <= keys <= always | sometimes for keys in sets), row["kind"]


def test_the_types_that_constraints_are_held_against_are_those_that_a_study_has(shared: Store, writer: Writer) -> None:
    shared.write(OURS)
    shared.add_measures(OURS.study, MEASURES)
    shared.add_interventions(OURS.study, TRIED)
    shared.annotate(OURS.study, SAID)
    kinds = {int: "INTEGER", float: "FLOAT", bool: "BOOLEAN", str: "STRING"}
    nodes = "MATCH (n {llm_mri: true}) WHERE n.id STARTS WITH $id RETURN properties(n) AS own"
    edges = "MATCH (n {llm_mri: true})-[e]->() WHERE n.id STARTS WITH $id RETURN properties(e) AS own"
    rows = [row["own"] for statement in (nodes, edges) for row in writer.run(statement, id=ID)]
    found = {(name, type(value)) for own in rows for name, value in own.items() if type(value) in kinds}
    assert {("controls", int), ("causal_q", float), ("delta", float), ("towards", str)} <= found
    told = [(name, kind) for name, kind in found if name != "weight" and not usable._has_type(name, kinds[kind])]
    assert told == []


LABELS_OF_SCHEMA_2 = ("Study", "Document", "Region", "Category", "Layer", "Measure")


def as_schema_2(writer: Writer) -> None:
    """Our study as the last version wrote it: no mark, and its constraints and indexes."""
    writer.run(
        "MATCH (s:Study {llm_mri: true, id: $id}) OPTIONAL MATCH (n {study: $id}) WITH s, collect(n) AS nodes "
        "SET s.schema_version = 2 FOREACH (n IN [s] + nodes | REMOVE n.llm_mri)",
        id=ID,
    )
    for row in writer.run("SHOW CONSTRAINTS"):
        if row["type"] == "UNIQUENESS":
            writer.run(f"DROP CONSTRAINT `{row['name']}`")
    for label in LABELS_OF_SCHEMA_2:
        writer.run(f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE")
        key = "name" if label == schema.STUDY else "study"
        writer.run(f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.{key})")


def test_a_study_of_schema_2_is_told_and_upgraded_whole(shared: Store, writer: Writer) -> None:
    shared.write(OURS)
    shared.add_measures(OURS.study, MEASURES)
    before = checksums.checksum(shared, OURS.study), shared.measures(OURS.study)
    as_schema_2(writer)
    writer.run("CREATE (:Document {id: 'theirs'}), (:Study {id: 'NCT2', name: 'asthma', schema_version: 2})")
    theirs = "MATCH (n) WHERE n.llm_mri IS NULL AND NOT n.id STARTS WITH 'asthma' RETURN labels(n), properties(n)"
    untouched = writer.run(theirs)

    assert shared.studies() == []
    assert ["mri store upgrade" in str(error) for error in shared.unreadable()] == [True]
    with pytest.raises(StoreError, match="mri store upgrade"):
        shared.study("asthma")
    # an upgrade that was killed half-way
    writer.run("MATCH (n:Document {study: $id}) WHERE n.ordinal < 7 SET n.llm_mri = true", id=ID)
    assert shared.upgrade() == ["asthma"]

    assert shared.study("asthma").schema_version == schema.SCHEMA_VERSION
    assert (checksums.checksum(shared, OURS.study), shared.measures(OURS.study)) == before
    assert writer.run(theirs) == untouched
    left = {row["labelsOrTypes"][0] for row in writer.run("SHOW CONSTRAINTS") if row["properties"] == ["id"]}
    assert left == {"Document", "Study"}  # of which others have nodes
    assert shared.write(OURS) == "unchanged"
    assert shared.upgrade() == []
