"""Through a py2neo graph every question has the same answer, and nothing but reading is done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import py2neo
import pytest

from mri_core.errors import QueryError, StoreError, UsageError
from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from queries.result import Result
from queries.runner import run
from queries.template import Parameter, Template
from queries.with_py2neo import answer, connect
from tests.engines import Engine, free_port
from tests.planted import HOSTILE, planted_graph, random_codes
from tests.questions import ABOUT_DOCUMENTS, CATALOG

CODES = random_codes(60, 4, 5, 35)
LABELS = [("plain", HOSTILE[0], HOSTILE[2])[i % 3] for i in range(60)]
# One question for each kind of value, parameter and column that py2neo brings back, and the longest statement; the
# rest, which go the same way, are slow.
TYPICAL = {
    "overview",
    "hubs",
    "compare-categories",
    "documents-of-region",
    "strongest-route",
    "studies",
    "related-studies",
}
OWN = """\
// title: Own
// group: study
// question: What does it do?
// returns: value string what came of it

"""


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[StudyGraph]:
    graph, other = (planted_graph(name, codes=CODES, categories=LABELS, seed=35) for name in ("py2neo", "second"))
    for planted in (graph, other):
        store.write(planted)
    yield graph
    for planted in (graph, other):
        store.delete(planted.study)


@pytest.fixture
def graph(engine: Engine, study: StudyGraph, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    return connect(engine.location)


def given(template: Template, study: StudyGraph) -> dict[str, object]:
    """A value for every parameter that a question requires."""
    ends = {"source": f"L0/R{CODES[0, 0]}", "target": f"L1/R{CODES[0, 1]}"}
    by_type = {"study": study.study.name, "category": HOSTILE[0], "document": "D0", "layer": 1, "int": 2, "float": 0.5}
    by_name = {"other": "second", "versus": "plain", **ends}

    def value(parameter: Parameter) -> object:
        usual = f"L1/R{CODES[0, 1]}" if parameter.type == "region" else by_type.get(parameter.type, "word")
        return by_name.get(parameter.name, usual)

    return {parameter.name: value(parameter) for parameter in template.parameters if parameter.required}


@pytest.mark.parametrize(
    "name", [pytest.param(t.name, marks=() if t.name in TYPICAL else pytest.mark.slow) for t in ABOUT_DOCUMENTS]
)
def test_every_question_has_the_same_answer(name: str, graph: Any, store: Store, study: StudyGraph) -> None:
    template = CATALOG.get(name)
    values = given(template, study)
    expected = Result.of(run(store, template, values), template).to_pandas()
    pd.testing.assert_frame_equal(answer(graph, name, **values), expected)


def test_names_are_resolved_as_everywhere(graph: Any, study: StudyGraph) -> None:
    frame = answer(graph, "documents_of_region", study=study.study.id, region=f"L2/R{CODES[7, 2]}", limit="3")
    assert f"{study.study.id}/D{[*CODES[:, 2]].index(CODES[7, 2])}" in [*frame["document"]]
    assert len(frame) == 3
    with pytest.raises(UsageError, match=r"No category is called 'plane'. Near names: plain"):
        answer(graph, "hubs", study="py2neo", category="plane")
    with pytest.raises(UsageError, match=r"No study is called 'py3neo'. Near names: py2neo"):
        answer(graph, "hubs", study="py3neo")
    with pytest.raises(UsageError, match=r"No question is called 'hub'. Near names: hubs"):
        answer(graph, "hub", study="py2neo")


def test_a_cut_is_a_warning_and_the_graph_goes_on(graph: Any) -> None:
    with pytest.warns(UserWarning, match="Cut: there are more than these 4 rows; raise max_rows to see them"):
        assert len(answer(graph, "regions", study="py2neo", max_rows=4)) == 4
    assert len(answer(graph, "layers", study="py2neo")) == 4


def test_an_answer_without_rows_has_typed_columns(graph: Any) -> None:
    frame = answer(graph, "drivers", study="py2neo", region=f"L0/R{CODES[0, 0]}")
    assert len(frame) == 0
    assert str(frame["weight"].dtype) == "Int64"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (n:Intruder) RETURN 'made' AS value",
        "MATCH (s:Study) DETACH DELETE s RETURN 'gone' AS value",
        "MATCH (s:Study) SET s.name = 'x' RETURN s.name AS value",
        "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row[0] AS value",
        "LOAD CSV FROM 'http://127.0.0.1:1/' AS row RETURN row[0] AS value",
    ],
)
def test_a_question_of_ones_own_that_does_more_than_read_is_refused(
    statement: str, graph: Any, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "own.cypher").write_text(OWN + statement)
    with pytest.raises(QueryError, match="Statements are read-only"):
        answer(graph, "own", queries=tmp_path)
    assert store.read("MATCH (n:Intruder) RETURN n").rows == ()
    assert {study.name for study in store.studies()} >= {"py2neo", "second"}


@pytest.mark.parametrize("statement", ["RETURN 1 / 0 AS value", "MATCH (n) RETURN nothing AS value"])
def test_a_statement_that_fails_is_one_line(statement: str, graph: Any, tmp_path: Path) -> None:
    (tmp_path / "own.cypher").write_text(OWN + statement)
    with pytest.raises(QueryError, match="The engine refuses the statement") as caught:
        answer(graph, "own", queries=tmp_path)
    assert "\n" not in str(caught.value)


def test_the_embedded_engine_is_not_read_with_an_account_that_may_write(embedded_store: Engine) -> None:
    connection = embedded_store.connect()
    graph = py2neo.Graph(connection.uri, auth=connection.writer, name=connection.database)
    with pytest.raises(StoreError, match=r"This graph uses 'root', who may write. Make the graph with `connect`"):
        answer(graph, "hubs", study="py2neo")


def test_a_store_that_cannot_be_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_PASSWORD", "x")
    with pytest.raises(StoreError, match="A py2neo graph must reach its store and be let in"):
        connect(f"bolt://127.0.0.1:{free_port()}")
    with pytest.raises(StoreError, match="There is none at"):
        connect(tmp_path / "none")


def test_a_wrong_password_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_USER", "somebody")
    monkeypatch.setenv("MRI_PASSWORD", "wrong")
    with pytest.raises(StoreError, match="wrong password"):
        connect(engine.connect().uri.replace("127.0.0.1", "localhost"))


def test_without_py2neo_the_remedy_is_told() -> None:
    told = (
        "import sys; sys.modules['py2neo'] = None\n"
        "from mri_core.errors import MriError\n"
        "from queries.with_py2neo import connect\n"
        "try: connect('anywhere')\n"
        "except MriError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "It is not installed. Run `pip install py2neo`" in done.stdout
