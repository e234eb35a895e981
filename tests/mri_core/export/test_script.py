"""A Cypher script makes the study on a Neo4j server that does not have it, statement by statement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mri_core.export.formats import export
from mri_core.export.script import literal
from mri_core.export.shared import Shared
from mri_core.records.graph import Study
from mri_core.store.bolt.driver import Writer
from mri_core.store.checksums import sums
from mri_core.store.contents import StoredContents
from mri_core.store.store import Store
from tests.engines import Engine
from tests.mri_core.export.hostile import TEXTS, add_all, hostile_graph, stored_edges, stored_nodes

pytestmark = pytest.mark.engine
END = re.compile(r";\n")


def statements(script: str) -> list[str]:
    """As a person would split it: a semicolon at the end of a line ends a statement."""
    assert script.endswith(";\n")
    return [part for part in END.split(script) if part]


@pytest.mark.slow
def test_a_fresh_neo4j_has_the_same_study_after_its_script(
    store: Store, study: Study, engine: Engine, neo4j_server: Engine, tmp_path: Path
) -> None:
    original = sums(StoredContents(store, study))
    nodes, edges = stored_nodes(store, study.id), stored_edges(store, study.id)
    export(Shared(StoredContents(store, study)), "cypher", tmp_path / "study.cypher")
    if engine.name == "neo4j":
        store.delete(study)
    script = (tmp_path / "study.cypher").read_text("utf-8")
    with Store(neo4j_server.connect) as server:
        writer = Writer(neo4j_server.connect())
        for statement in statements(script):
            assert not server.is_ready(study.id)
            writer.run(statement)
        writer.close()
        made = server.study("hostile")
        assert made.id == study.id
        assert sums(StoredContents(server, made)) == original
        assert len(stored_nodes(server, study.id)) == len(nodes)
        assert len(stored_edges(server, study.id)) == len(edges)
        assert server.atlas(made) == hostile_graph("hostile").atlas
        server.delete(made)
    if engine.name == "neo4j":
        add_all(store, engine, hostile_graph("hostile"))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_one_line_and_comes_back_as_it_was(store: Store, text: str) -> None:
    written = literal({"text": text, "texts": [text, text], "a `name`": 1})
    assert len(written.splitlines()) == 1
    assert store.read(f"RETURN {written} AS value").rows == (({"text": text, "texts": [text, text], "a `name`": 1},),)


@pytest.mark.parametrize(
    "number", [0, -1, 2**63 - 1, -(2**63) + 1, 0.1, -1e-17, 1e300, 1e16, 5e-324, 1.0, 1e22, True, None, []]
)
def test_a_number_comes_back_as_it_was(store: Store, number: object) -> None:
    ((found,),) = store.read(f"RETURN {literal(number)} AS value").rows
    assert found == number
    assert type(found) is type(number)
