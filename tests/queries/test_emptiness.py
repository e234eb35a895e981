"""Why an answer has no rows; and whether the rows of a statement may be of several studies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.store.schema import MARK
from mri_core.store.store import Store
from queries import runner
from queries.emptiness import other_studies, why_empty, why_empty_cypher
from queries.graph import EXAMPLES, NODES, RELATIONSHIPS
from tests.planted import planted_components, planted_graph, planted_intervention, with_evidence
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

ENGINES = ["embedded"]
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "graph.md"
# A labelled node found by its properties, to the end of its line; one that a relationship leads to is known already.
LOOKED_UP = re.compile(r"(?<![-`])\((\w*):(?:[A-Z]\w+|\{\w+(?:\[.*?\])?\}) \{[^\n]*")


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    scores = np.random.default_rng(3).normal(size=(12, 3, 2))
    graphs = (
        planted_graph("counted"),
        with_evidence(planted_graph("tried", seed=2)),
        planted_components("moving", scores=scores, categories=["a", "b", "c"] * 4, seed=1),
    )
    for graph in graphs:
        store.write(graph)
    store.add_interventions(graphs[1].study, [planted_intervention("L1/R0")])
    yield
    for graph in graphs:
        store.delete(graph.study)


@pytest.mark.parametrize(
    ("question", "values", "told"),
    [
        ("probes", {}, "it was not probed yet: mri probe counted"),
        ("measures", {"kind": "probe"}, "it was not probed yet: mri probe counted"),
        ("measures", {"kind": "prob"}, "no measures of the kind 'prob'; the kinds there are: none"),
        ("controls", {}, "nothing was tested in it"),
        ("factors", {}, "its labels are not crossed"),
        ("findings", {}, "nothing was tested in it"),
        ("agreed-findings", {"category": "plant", "versus": "animal"}, "it was not fitted again yet"),
        ("components", {}, "counted has an atlas of clusters, and the question needs one of components"),
        ("interventions", {}, "nothing was tried in it yet: mri intervene counted --findings 5"),
        ("causal-connections", {}, "nothing was tried in it yet: mri intervene counted --findings 5"),
        ("causes-of-region", {"region": "L1/R0"}, "nothing was tried in it yet: mri intervene counted --findings 5"),
        ("uncaused-findings", {}, "nothing was tested in it"),
        (
            "causal-connections",
            {"study": "tried"},
            "was swapped in it yet: mri intervene tried --findings 5 --swap largest",
        ),
        ("causes-of-region", {"study": "tried", "region": "L1/R0"}, "that was tried in tried changes it beyond its"),
        (
            "uncaused-findings",
            {"study": "tried"},
            "no connection was tried in it yet: mri intervene tried --findings 5",
        ),
        ("interventions", {"study": "tried", "operation": "add"}, "These may leave out too much: operation (add)"),
        ("hubs", {"study": "moving"}, "moving has components, which hold no documents"),
        ("connections", {"limit": 0}, "These may leave out too much: limit (0)"),
    ],
)
def test_an_empty_answer_has_its_reason(store: Store, question: str, values: dict[str, object], told: str) -> None:
    template, given = CATALOG.get(question), {"study": "counted", **values}
    assert not runner.run(store, template, given).rows
    assert told in why_empty(store, template, given)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("MATCH (r:Regoin) RETURN r.id AS id", "No label is called 'Regoin'. Near names: Region"),
        ("MATCH (a)-[f:FLOWS]->(b) RETURN a.id AS id", "No relationship type is called 'FLOWS'. Near names: FLOWS_TO"),
        ("MATCH (a)-[:PASSES|PASS]->(b {nam: 1}) RETURN a.id AS id", "called 'PASS'"),
        ("MATCH (:Region {nam: '1'}) RETURN 1 AS one", "No property is called 'nam'. Near names: name"),
        ("MATCH (:Study {name: 'countd'}) RETURN 1 AS one", "No study is called 'countd'. Near names: counted"),
        ("MATCH (d:Document {group: 'none'}) RETURN d.id AS id", ""),
        ("MATCH (r:Region {name: 'none'}) RETURN [x IN [1] WHERE x > 0 | x] AS y, {k: 1} AS map", ""),
    ],
)
def test_what_a_statement_misnames_is_told(store: Store, statement: str, told: str) -> None:
    assert why_empty_cypher(store, statement).startswith("No rows.")
    assert told in why_empty_cypher(store, statement)
    assert told or why_empty_cypher(store, statement) == "No rows."


def test_other_studies_are_told_where_their_nodes_may_be_in_the_rows(store: Store) -> None:
    studies = store.studies()
    of = store.study("counted")
    for statement, others in {
        "MATCH (r:Region) RETURN r.id AS id": 2,
        "MATCH (r:Region {study: $study}) RETURN r.id AS id": 0,
        "MATCH (:Study {name: 'moving'})<-[:PART_OF]-(l) RETURN l.id AS id": 0,
        "UNWIND [1, 2] AS n RETURN n": 0,
    }.items():
        assert other_studies(statement, of, studies) == others
    assert other_studies("MATCH (n) RETURN n.id AS id", of, [of]) == 0


def test_the_study_is_given_to_a_statement_that_asks_for_it(store: Store) -> None:
    of = store.study("counted")
    (row,) = runner.cypher(store, "RETURN $study AS study", study=of).rows
    assert row == (of.id,)
    assert runner.cypher(store, "RETURN 1 AS one", study=of).rows == ((1,),)
    with pytest.raises(UsageError, match="None is named"):
        runner.cypher(store, "RETURN $study AS study")
    for statement in EXAMPLES.values():
        assert why_empty_cypher(store, statement) == "No rows."
        runner.cypher(store, statement, study=of)


def test_every_property_of_a_written_study_is_in_the_schema(store: Store) -> None:
    nodes = "MATCH (n {llm_mri: true}) UNWIND keys(n) AS key RETURN DISTINCT labels(n)[0] AS name, key"
    edges = "MATCH (n {llm_mri: true})-[e]->() UNWIND keys(e) AS key RETURN DISTINCT type(e) AS name, key"
    known = {**NODES, **{name: found.properties for name, found in RELATIONSHIPS.items()}}
    written = {*runner.cypher(store, nodes).rows, *runner.cypher(store, edges).rows}
    assert {name for name, _ in written} >= {"Study", "Region", "Document", "FLOWS_TO"}
    assert [(name, key) for name, key in written if key not in (MARK, *known[name])] == []
    assert "group" in NODES["Document"]


def test_every_statement_looks_nodes_up_by_our_mark() -> None:
    root = REFERENCE.parents[2]
    packages = ("queries", "mri_core", "ingest", "ui")
    files = [file for package in packages for kind in ("cypher", "py") for file in (root / package).rglob(f"*.{kind}")]
    bare = [
        f"{file.name}: {found[0]}"
        for file in files
        for found in LOOKED_UP.finditer(file.read_text("utf-8"))
        if MARK not in found[0]
    ]
    assert len(files) > 100
    assert bare == []
    assert LOOKED_UP.search("MATCH (:Study {id: $study, status: 'ready'})<-[:PART_OF]-(m) RETURN m")


def test_the_schema_is_the_references() -> None:
    of_the_graph, _, _ = REFERENCE.read_text("utf-8").partition("\n## The file of all documents")
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", of_the_graph, re.MULTILINE)
    told = {name: set(re.findall(r"\w+", re.sub(r"\([^)`]*\)", "", rest))) for name, rest in rows}
    assert set(told) == {*NODES, *RELATIONSHIPS}
    for name, properties in {**NODES, **{key: found.properties for key, found in RELATIONSHIPS.items()}}.items():
        if name != "AVOIDS":  # told as FLOWS_TO
            assert set(properties) <= told[name]
