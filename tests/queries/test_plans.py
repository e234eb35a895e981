"""Neo4j answers no question by reading all nodes, nor all of a label where an index serves; its plans say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from mri_core.store.schema import OWNED
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import planted_graph, random_codes
from tests.queries.answers.truth import Truth
from tests.queries.test_answers import choices, random_truth
from tests.questions import CATALOG

pytestmark = [pytest.mark.engine, pytest.mark.slow]  # every question again, on a server

OF_ALL_STUDIES = {"studies", "related-studies"}  # what they ask for is every ready study
SCANS = ("AllNodesScan", "ByLabelScan", "IndexScan")
HIDDEN = "{ MATCH "  # a subquery within an expression: the plan tells its text, and not how it would run


@pytest.fixture(scope="module")
def truth(neo4j_server: Engine) -> Iterator[Truth]:
    """A study beside a larger one, in a server that knows how large they are: its planner scans what is small."""
    made = random_truth(41, ["a", "b", "c"])
    larger = planted_graph("larger", codes=random_codes(3000, 6, 20, 0))
    connection = neo4j_server.connect()
    with (
        Store(neo4j_server.connect) as store,
        neo4j.GraphDatabase.driver(connection.uri, auth=connection.writer) as own,
    ):
        for graph in (made.graph, larger):
            store.write(graph)
        for statement in ("CALL db.resampleOutdatedIndexes()", "CALL db.clearQueryCaches()"):
            own.execute_query(statement)
        yield made
        for graph in (made.graph, larger):
            store.delete(graph.study)


@pytest.fixture(scope="module")
def session(neo4j_server: Engine) -> Iterator[neo4j.Session]:
    connection = neo4j_server.connect()
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=connection.reader) as driver,
        driver.session(database=connection.database, default_access_mode=neo4j.READ_ACCESS) as opened,
    ):
        yield opened


def scans(session: neo4j.Session, statement: str, values: dict[str, Any]) -> list[str]:
    """The parts of a statement's plan that begin at all nodes, or at all of a label: `NodeByLabelScan r:Region`.

    So may those that stand in an expression, which nobody can tell.
    """
    plan = session.run(f"EXPLAIN {statement}", values).consume().plan
    assert plan is not None
    return [found for found in _operators(plan) if any(scan in found for scan in (*SCANS, HIDDEN))]


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield f"{plan['operatorType'].split('@')[0]} {plan['args'].get('Details', '')}".strip()
    for child in plan.get("children", ()):
        yield from _operators(child)


@pytest.mark.parametrize("name", sorted(template.name for template in CATALOG))
def test_a_question_begins_at_what_an_index_finds(session: neo4j.Session, truth: Truth, name: str) -> None:
    template = CATALOG.get(name)
    chosen = {**choices(truth, 0), "study": truth.study}
    found = scans(session, template.statement, {p.name: chosen.get(p.name, p.default) for p in template.parameters})
    if name in OF_ALL_STUDIES:
        found = [scan for scan in found if not scan.endswith(":Study")]
    assert found == []


@pytest.mark.parametrize("label", OWNED)
def test_a_scan_would_be_seen(session: neo4j.Session, truth: Truth, label: str) -> None:
    assert scans(session, f"MATCH (n:{label} {{llm_mri: true, study: $study}}) RETURN n", {"study": truth.study}) == []
    assert scans(session, f"MATCH (n:{label} {{name: 'x'}}) RETURN n", {}) == [f"NodeByLabelScan n:{label}"]
    assert scans(session, "MATCH (n {name: 'x'}) RETURN n", {}) == ["AllNodesScan n"]


@pytest.mark.parametrize(
    "expression",
    [
        "[x IN [1] | COUNT { MATCH (n:Region {name: 'x'}) }]",
        "[x IN [1] | [(n:Region)-->(m) WHERE n.name = 'x' | m.id]]",
        "CASE WHEN rand() < 2 THEN EXISTS { (n:Region {name: 'x'}) } END",
        "reduce(all = 0, x IN [1] | all + size(COLLECT { MATCH (n:Region {name: 'x'}) RETURN n.id }))",
    ],
)
def test_a_scan_in_an_expression_would_be_seen(session: neo4j.Session, truth: Truth, expression: str) -> None:
    assert len(scans(session, f"RETURN {expression} AS found", {})) == 1
