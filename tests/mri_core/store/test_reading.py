"""Reading a store: plain values, limits, one-line errors, and no way to write."""

from __future__ import annotations

import json
import threading

import pytest

from mri_core.errors import MriError, QueryError, StoreError
from mri_core.store.bolt import driver
from mri_core.store.bolt.connection import Connection
from mri_core.store.bolt.driver import Reader
from mri_core.store.bolt.screen import check_plan
from mri_core.store.store import Store
from queries.runner import run
from queries.template import parse_template
from tests.planted import planted_graph

SLOW = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a + b = -1 RETURN count(*)"

WRITES = [
    "CREATE (:Study {id: 'x'})",
    "CREATE (:Brandnew {id: 'x'})",
    "INSERT (:Study {id: 'x'})",
    "MERGE (:Region {id: 'x'})",
    "MERGE (s:Study {id: 'x'}) ON CREATE SET s.name = 'x' ON MATCH SET s.name = 'y'",
    "MATCH (s:Study) SET s.status = 'loading'",
    "MATCH (s:Study) SET s += {status: 'loading'}",
    "MATCH (s:Study) SET s = {status: 'loading'}",
    "MATCH (s:Study) REMOVE s.status",
    "MATCH (s:Study) SET s:Another",
    "MATCH (s:Region) REMOVE s:Region",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) NODETACH DELETE n",
    "MATCH ()-[e:FLOWS_TO]->() DELETE e",
    "MATCH ()-[e:FLOWS_TO]->() SET e.weight = 0",
    "MATCH (a:Region), (b:Region) CREATE (a)-[:FLOWS_TO]->(b)",
    "MATCH (s:Study) FOREACH (i IN [1] | SET s.status = 'loading')",
    "MATCH (s:Study) CALL (s) { CREATE (:Region {id: 'x'}) } RETURN s",
    "MATCH (s:Study) CALL { WITH s SET s.status = 'loading' } RETURN s",
    "UNWIND [1] AS i CALL (i) { CREATE (:Region {id: 'x'}) } IN TRANSACTIONS RETURN i",
    "MATCH (s:Study) RETURN s.id AS id UNION MERGE (n:Region {id: 'x'}) RETURN n.id AS id",
    "CYPHER runtime=slotted CREATE (:Study {id: 'x'})",
    "/* MATCH */ CREATE (:Study {id: 'x'}) // RETURN 1",
    "MATCH (s:Study) RETURN s; CREATE (:Study {id: 'x'})",
    "\\u0043REATE (:Study {id: 'x'})",
]
SCHEMA = [
    "CREATE INDEX FOR (s:Study) ON (s.model)",
    "CREATE TEXT INDEX FOR (s:Study) ON (s.model)",
    "CREATE FULLTEXT INDEX words FOR (n:Document) ON EACH [n.title]",
    "CREATE CONSTRAINT FOR (s:Study) REQUIRE s.model IS UNIQUE",
    "DROP INDEX constraint_Study_id_unique",
    "DROP CONSTRAINT constraint_Study_id_unique",
    "CALL db.createLabel('Novel')",
    "CALL db.createProperty('novel')",
    "CALL db.createRelationshipType('NOVEL')",
    "DROP TYPE Study",
    "INSERT INTO Study SET id = 'x'",
    "ALTER PROPERTY Study.id MANDATORY true",
]
USERS = [
    "CREATE USER intruder SET PASSWORD 'intruder1'",
    "CREATE OR REPLACE USER intruder SET PASSWORD 'intruder1' CHANGE NOT REQUIRED",
    "ALTER USER reader SET PASSWORD 'intruder1'",
    "ALTER USER neo4j SET STATUS SUSPENDED",
    "ALTER CURRENT USER SET PASSWORD FROM 'mri-test' TO 'intruder1'",
    "RENAME USER neo4j TO intruder",
    "DROP USER root",
    "DROP USER neo4j",
    "CREATE ROLE intruders",
    "GRANT ROLE admin TO neo4j",
    "SHOW USERS",
]
FILES_AND_NETWORK = [
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV FROM 'file:/etc/passwd' AS line RETURN line",
    "LOAD CSV WITH HEADERS FROM 'http://127.0.0.1/' AS line RETURN line",
    "LOAD CSV FROM 'ftp://127.0.0.1/' AS line RETURN line",
    "MATCH (s:Study) CALL (s) { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line } RETURN line",
    "RETURN [x IN [1] | x] AS l UNION LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line AS l",
    "LOAD CSV FROM 'file:///etc/passwd' AS line CREATE (:Line {text: line})",
    "RETURN [x IN [1] | COLLECT { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line }] AS lines",
    "RETURN CASE WHEN rand() < 2 THEN COLLECT { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line } END AS lines",
    "RETURN reduce(n = 0, x IN [1] | n + COUNT { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line }) AS n",
    "RETURN [x IN [1] | EXISTS { LOAD CSV FROM 'http://127.0.0.1/' AS line RETURN line }] AS found",
    "CYPHER runtime=slotted RETURN [x IN [1] | COLLECT { LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l }] AS lines",
    "RETURN [x IN [1] | COLLECT { \\u004cOAD CSV FROM 'file:///etc/passwd' AS l RETURN l }] AS lines",
    "RETURN [x IN [1] | COLLECT { LOAD//a\rCSV FROM 'file:///etc/passwd' AS l RETURN l }] AS lines",
    "RETURN [x IN [1] | COLLECT { LOAD/* a */CSV FROM 'file:///etc/passwd' AS l RETURN l }] AS lines",
    "RETURN [x IN [1] | COLLECT { LOAD\u00a0CSV FROM 'file:///etc/passwd' AS l RETURN l }] AS lines",
    "CALL apoc.load.json('file:///etc/passwd')",
    "CALL apoc.export.csv.all('/tmp/all.csv', {})",
    "CALL apoc.cypher.doIt('CREATE (:X)', {})",
    "CALL apoc.cypher.runFile('/etc/passwd')",
    "IMPORT DATABASE file:///etc/passwd",
    "EXPORT DATABASE",
    "BACKUP DATABASE",
]
ADMINISTRATION = [
    "CREATE DATABASE another",
    "DROP DATABASE mri",
    "DROP DATABASE neo4j",
    "STOP DATABASE neo4j",
    "CREATE ALIAS another FOR DATABASE neo4j",
    "TERMINATE TRANSACTION 'neo4j-transaction-1'",
    "Terminate /* all */ Transactions 'neo4j-transaction-1'",
    "SHOW TRANSACTIONS YIELD transactionId AS id TERMINATE TRANSACTIONS id YIELD message RETURN message",
    "CALL dbms.killConnection('bolt-1')",
    "CALL dbms.killQuery('query-1')",
    "CALL dbms.setConfigValue('db.transaction.timeout', '1s')",
    "CALL db.clearQueryCaches()",
    "CALL db.stats.clear('QUERIES')",
    "CALL db.prepareForReplanning()",
    "CALL tx.setMetaData({user: 'intruder'})",
    "RETURN [x IN [1] | COLLECT { CALL db.stats.clear('QUERIES') YIELD section RETURN section }] AS cleared",
    "RETURN [x IN [1] | COLLECT { CALL `db` . stats/**/.clear ('QUERIES') YIELD section RETURN section }] AS cleared",
    "RETURN [x IN [1] | COLLECT { CALL db.ping() YIELD success RETURN success }] AS pinged",
    "TERMINATE//a\rTRANSACTIONS 'neo4j-transaction-1'",
    "ALTER DATABASE mri SET ACCESS READ ONLY",
]
PLANS = [
    "EXPLAIN CREATE (:Study {id: 'x'})",
    "/* a */ profile // b\n CREATE (:Study {id: 'x'})",
    "\\u0045XPLAIN MATCH (n) RETURN n",
    "CYPHER 5 runtime = slotted PROFILE MATCH (n) RETURN n",
]
FORBIDDEN = WRITES + SCHEMA + USERS + FILES_AND_NETWORK + ADMINISTRATION

HARMLESS = [
    "MATCH (n) RETURN count(*)",
    "CALL db.labels() YIELD label RETURN label",
    "SHOW INDEXES",
    "RETURN 'load the file, call it CREATE (n)' AS text",
    "MATCH (s:Study) WHERE EXISTS { CALL (s) { RETURN 1 AS one } RETURN one } RETURN s.id",
    "CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey",
    "MATCH (s:Study) CALL (s) { MATCH (l:Layer {study: s.id}) RETURN count(l) AS n } RETURN s.id, n",
]


def fingerprint(store: Store) -> tuple[object, ...]:
    """What writing would change: nodes, relationships, their properties, indexes, constraints."""
    statements = [
        "MATCH (n) RETURN labels(n) AS l, properties(n) AS p",
        "MATCH (a)-[e]->(b) RETURN a.id, type(e), b.id, properties(e)",
        "SHOW INDEXES YIELD labelsOrTypes, properties",
        "SHOW CONSTRAINTS YIELD labelsOrTypes, properties",
    ]
    return tuple(sorted(map(repr, store.read(statement, max_rows=10**6).rows)) for statement in statements)


@pytest.fixture(scope="module")
def graph(store):
    graph = planted_graph("reading")
    assert store.write(graph) == "ready"
    yield graph
    store.delete(graph.study)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_reader_can_do_nothing_but_read(store, graph, statement):
    before = fingerprint(store)
    with pytest.raises(QueryError) as caught:
        store.read(statement)
    assert "\n" not in str(caught.value)
    assert fingerprint(store) == before


@pytest.mark.parametrize("statement", PLANS)
def test_a_statement_that_asks_for_its_plan_is_told_so(store, graph, statement):
    before = fingerprint(store)
    with pytest.raises(QueryError, match="gives its plan"):
        store.read(statement)
    assert fingerprint(store) == before


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_only_reads_is_let_through(store, graph, statement):
    store.read(statement)


def test_the_page_and_the_questions_read_by_the_same_road(store, graph, tmp_path):
    template = tmp_path / "sly.cypher"
    template.write_text(
        "// title: Sly\n// group: study\n// question: Sly?\n// param: study study a study\n"
        "// returns: id string an id\n\n"
        "MATCH (s:Study {id: $study}) SET s.name = 'sly' RETURN s.id AS id\n"
    )
    before = fingerprint(store)
    with pytest.raises(QueryError, match="read-only"):
        run(store, parse_template(template), {"study": graph.study.id})
    assert fingerprint(store) == before


def test_a_server_whose_clients_could_write_looks_at_a_statement_once(store, graph, engine):
    if engine.name == "embedded":
        pytest.skip("the embedded engine's reader can do nothing but read")
    reader = Reader(engine.connect())
    looked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "check_plan", lambda *told: (looked.append("once"), check_plan(*told)))
        for value in (1, 2, "three"):
            reader.read("RETURN $value AS value", {"value": value}, 10, 10)
    assert looked == ["once"]
    reader.close()


def test_a_write_is_told_from_other_errors(store, graph):
    with pytest.raises(QueryError, match="read-only"):
        store.read("MATCH (s:Study) SET s.status = 'loading'")


def test_a_syntax_error_is_one_line_with_the_place(store):
    with pytest.raises(QueryError, match=r"Cypher.*line 2") as caught:
        store.read("MATCH (n)\nRETRN n")
    assert "\n" not in str(caught.value)


def test_the_place_of_an_error_is_that_in_ones_own_statement(store, engine):
    place = {"neo4j": "(line 1, column 9)", "embedded": "line 1:8"}[engine.name]
    with pytest.raises(QueryError) as caught:
        store.read("MATCH n RETURN n")
    assert place in str(caught.value)
    assert "EXPLAIN" not in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("RETURN $absent", "absent"),
        ("RETURN 1 / 0", "zero"),
        ("RETURN unheard(1)", "unheard"),
        ("RETURN 1 + {a: 1}", "numeric|Type mismatch"),
        ("CALL un.heard.of()", "un.heard.of"),
        ("MATCH (n) RETURN m", "m"),
        ("  ", "empty"),
        ("// nothing", "refuses|Cypher"),
        ("RETURN 'open", "Cypher"),
    ],
)
def test_what_the_engine_refuses_is_one_line(store, statement, message):
    with pytest.raises(QueryError, match=message) as caught:
        store.read(statement)
    assert "\n" not in str(caught.value)
    assert "neo4j" not in str(caught.value).lower()


@pytest.mark.parametrize("value", [object(), 2**70, "\ud800", {1: 2}])
def test_a_parameter_that_cannot_be_sent_is_refused(store, value):
    with pytest.raises(QueryError):
        store.read("RETURN $value", {"value": value})


def test_a_statement_that_takes_too_long_is_stopped_in_the_engine(store, engine):
    store.read("RETURN 1")
    with pytest.raises(QueryError, match=r"may take 1 seconds.*--timeout"):
        store.read(SLOW, timeout=1)
    assert store.read("RETURN 1").rows == ((1,),)
    if engine.name == "embedded":
        assert not engine.connect().administration.running()
    else:
        running = "SHOW TRANSACTIONS YIELD currentQuery AS text WHERE text CONTAINS $text RETURN text"
        assert store.read(running, {"text": SLOW[:30]}).rows == ()


@pytest.mark.slow  # the engine computes for seconds
def test_another_statement_with_more_time_goes_on(store):
    quick = "UNWIND range(1, 3000) AS a UNWIND range(1, 1000) AS b WITH a, b WHERE a + b = -1 RETURN count(*)"
    results = []
    thread = threading.Thread(target=lambda: results.append(store.read(quick, timeout=60).rows))
    thread.start()
    with pytest.raises(QueryError):
        store.read(SLOW, timeout=0.5)
    thread.join()
    assert results == [((0,),)]


def test_rows_beyond_the_limit_are_cut_and_told(store):
    statement = "UNWIND range(1, 2500) AS i RETURN i, i * 2 AS twice"
    table = store.read(statement, max_rows=10)
    assert (table.columns, table.rows[-1], len(table.rows), table.cut) == (("i", "twice"), (10, 20), 10, True)
    assert store.read(statement, max_rows=2500).cut is False
    assert len(store.read(statement, max_rows=5000).rows) == 2500


def test_rows_beyond_the_limit_are_not_made_for_nobody(store, engine, monkeypatch):
    reader = Reader(engine.connect())
    stopped = []
    monkeypatch.setattr(type(reader._administration), "terminate", lambda *told: stopped.append(told))
    endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN a, b"
    assert reader.read(endless, {}, 30, 5).rows[-1] == (1, 5)
    assert reader.read("RETURN 1 AS x", {}, 30, 5).rows == ((1,),)
    reader.close()
    assert stopped == []


def test_a_statement_may_find_nothing(store):
    table = store.read("MATCH (n:Nowhere) RETURN n.a AS a, n.b AS b")
    assert (table.rows, table.cut, table.records()) == ((), False, [])


def test_values_become_what_json_knows(store, graph):
    table = store.read(
        "MATCH p = (:Region {study: $s})-[e:FLOWS_TO]->(:Region) WITH p, e LIMIT 1 "
        "RETURN p, e, nodes(p)[0] AS n, date('2026-02-03') AS d, datetime('2026-02-03T04:05:06Z') AS t, "
        "duration('P1DT2H') AS u, [1, {a: [2.5, null]}] AS l, true AS b, 0.0 / 0.0 AS nan, point({x: 1, y: 2}) AS xy",
        {"s": graph.study.id},
    )
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert row["n"]["labels"] == ["Region"]
    assert row["n"]["properties"]["study"] == graph.study.id
    assert row["e"]["type"] == "FLOWS_TO"
    assert set(row["e"]["properties"]) == {"study", "category", "weight", "share", "lift"}
    assert row["p"]["nodes"][0] == row["n"]
    assert row["p"]["relationships"] == [row["e"]]
    assert (row["d"], row["u"], row["l"]) == ("2026-02-03", "P1DT2H", [1, {"a": [2.5, None]}])
    assert row["t"].startswith("2026-02-03T04:05:06")
    assert row["nan"] is None
    assert row["xy"] == [1.0, 2.0]


def test_a_store_that_is_gone_is_one_line():
    gone = Connection("bolt://127.0.0.1:9", ("root", "s3cret-w"), ("reader", "s3cret-r"))
    with pytest.raises(StoreError, match="does not answer") as caught:
        Store(lambda: gone).read("RETURN 1")
    assert "\n" not in str(caught.value)
    assert "s3cret" not in repr(gone)


def test_a_wrong_password_is_one_line(store, engine):
    right = engine.connect()
    wrong = Connection(right.uri, ("root", "not-this-one"), ("reader", "not-this-one"))
    for use in (lambda s: s.read("RETURN 1"), lambda s: s.delete(planted_graph("nobody").study)):
        with pytest.raises(StoreError, match="account") as caught, Store(lambda: wrong) as locked:
            use(locked)
        assert "not-this-one" not in str(caught.value)


def test_every_driver_error_becomes_one_of_ours():
    from neo4j import exceptions

    from mri_core.store.bolt.failures import ours

    kinds = [
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, exceptions.Neo4jError | exceptions.DriverError)
    ]
    assert len(kinds) > 20
    for kind in kinds:
        error = kind("a message\nof two lines")
        error._neo4j_code, error._message = "Neo.ClientError.Some.Thing", "a message\nof two lines"
        with pytest.raises(MriError) as caught, ours(QueryError, "The engine refuses the statement"):
            raise error
        assert "\n" not in str(caught.value)
