"""What the docs give for Neo4j Browser: saved questions that answer right, and a style that fits the graph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from queries.runner import run
from tests.engines import Engine
from tests.planted import planted_graph, random_codes
from tests.questions import CATALOG

FOLDER = Path(__file__).parents[2] / "docs" / "neo4j-browser"
PAGE = Path(__file__).parents[2] / "docs" / "neo4j.md"
QUESTIONS = sorted(path.name for path in FOLDER.glob("*.cypher") if path.name != "colour-layers.cypher")
NAMES = ("animal", "mineral", "plant")
CODES = random_codes(60, 4, 5, 37)
STYLE = (FOLDER / "study.grass").read_text(encoding="utf-8")
RULES = {
    selector: dict(pair.split(": ", 1) for pair in body.split("; ") if pair)
    for selector, body in re.findall(r"^(\S+) \{ (.*; )\}$", STYLE, flags=re.MULTILINE)
}


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[StudyGraph]:
    graph = planted_graph("browser", codes=CODES, seed=37)
    store.write(graph)
    yield graph
    store.delete(graph.study)


def answer(store: Store, name: str, **values: object) -> list[dict[str, Any]]:
    statement = (FOLDER / name).read_text(encoding="utf-8")
    return store.read(statement, {"study": "browser", **values}).records()


def place(node: dict[str, Any]) -> tuple[int, int]:
    """Layer and code of a region."""
    assert "Region" in node["labels"]
    return node["properties"]["layer"], int(node["properties"]["name"])


def flows(documents: range) -> Counter[tuple[tuple[int, int], tuple[int, int]]]:
    """How many of these documents go from place to place."""
    steps = [(d, layer) for d in documents for layer in range(3)]
    return Counter(((layer, CODES[d, layer]), (layer + 1, CODES[d, layer + 1])) for d, layer in steps)


def of(category: str) -> range:
    return range(NAMES.index(category), 60, 3)


def test_there_are_five_questions_and_each_is_named_in_its_first_line_and_in_the_docs() -> None:
    assert len(QUESTIONS) == 5
    for name in QUESTIONS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert re.match(r"// LLM-MRI: [a-z].+\n// First, .*:param study => 'demo'", text)
        assert set(re.findall(r"\$(\w+)", text)) == set(re.findall(r":param (\w+) =>", text))
        assert name in PAGE.read_text(encoding="utf-8")


def test_strongest_connections(store: Store, study: StudyGraph) -> None:
    rows = answer(store, "strongest-connections.cypher")
    assert {(place(row["s"]), place(row["t"])): row["documents"] for row in rows} == flows(range(60))
    assert [row["documents"] for row in rows] == sorted((row["documents"] for row in rows), reverse=True)
    assert all(sum(e["properties"]["weight"] for e in row["flows"]) == row["documents"] for row in rows)


def test_connections_of_a_category(store: Store, study: StudyGraph) -> None:
    rows = answer(store, "connections-of-a-category.cypher", category="plant")
    found = {(place(row["s"]), place(row["t"])): row["e"]["properties"]["weight"] for row in rows}
    assert found == flows(of("plant"))


def test_two_categories(store: Store, study: StudyGraph) -> None:
    rows = answer(store, "two-categories.cypher", category="plant", versus="animal")
    plant, animal = flows(of("plant")), flows(of("animal"))
    expected = {pair: (plant[pair] - animal[pair]) / 20 for pair in plant | animal}
    found = {(place(row["s"]), place(row["t"])): row["difference"] for row in rows}
    largest = sorted(map(abs, expected.values()), reverse=True)[:60]
    assert sorted(map(abs, found.values()), reverse=True) == pytest.approx(largest)
    assert all(found[pair] == pytest.approx(expected[pair]) for pair in found)


def test_around_a_region(store: Store, study: StudyGraph) -> None:
    middle = (1, int(CODES[0, 1]))
    (row,) = answer(store, "around-a-region.cypher", region=f"L1/R{middle[1]}")
    assert place(row["r"]) == middle
    touching = [pair for pair in flows(range(60)) if middle in pair]
    assert {place(node) for node in row["neighbours"]} == {end for pair in touching for end in pair} - {middle}
    by_category = sum(1 for name in NAMES for pair in flows(of(name)) if middle in pair)
    assert len(row["flows"]) == by_category
    there = {NAMES[d % 3] for d in range(60) if CODES[d, 1] == middle[1]}
    assert {node["properties"]["name"] for node in row["categories"]} == there
    assert len(row["uses"]) == len(there)


def test_route_of_a_document(store: Store, study: StudyGraph) -> None:
    rows = answer(store, "route-of-a-document.cypher", document=7)
    assert [place(row["r"]) for row in rows] == [(layer, CODES[7, layer]) for layer in range(4)]
    assert {row["d"]["properties"]["ordinal"] for row in rows} == {7}
    assert {row["c"]["properties"]["name"] for row in rows} == {"animal" if 7 % 3 == 0 else NAMES[7 % 3]}


def test_the_style_is_written_as_the_browser_reads_it() -> None:
    assert len(RULES) == len(STYLE.splitlines())
    for selector, properties in RULES.items():
        assert re.fullmatch(r"(node|relationship)(\.\w+)?", selector)
        assert all(re.fullmatch(r"'[^':;]*'|#[0-9A-F]{6}|\d+px", value) for value in properties.values())


def test_every_kind_of_node_and_relationship_has_its_style(store: Store, study: StudyGraph) -> None:
    node = "MATCH (n {study: $study}) RETURN labels(n)[0] AS kind, keys(n) AS keys"
    link = "MATCH ({study: $study})-[e]->() RETURN type(e) AS kind, keys(e) AS keys"
    kinds = {("node", "Study"): set(vars_of(study))}
    for tag, statement in (("node", node), ("relationship", link)):
        for row in store.read(statement, {"study": study.study.id}).records():
            kinds.setdefault((tag, row["kind"]), set()).update(row["keys"])
    styled = {tuple(selector.split(".")) for selector in RULES if "." in selector}
    layers = {(tag, kind) for tag, kind in styled if re.fullmatch(r"Layer\d+", kind)}
    assert styled - layers == kinds.keys()
    for (tag, kind), keys in kinds.items():
        rule = RULES[f"{tag}.{kind}"]
        assert {"color", "caption", "diameter" if tag == "node" else "shaft-width"} <= rule.keys()
        assert set(re.findall(r"\{(\w+)\}", rule["caption"])) <= keys


def vars_of(graph: StudyGraph) -> list[str]:
    return list(graph.study.__dataclass_fields__)


def test_neighbouring_layers_have_different_colours() -> None:
    colours = [RULES[f"node.Layer{i}"]["color"] for i in range(48)]
    assert all(len(set(colours[i : i + 6])) == 6 for i in range(43))


def test_colouring_the_layers_changes_no_answer(neo4j_server: Engine) -> None:
    graph = planted_graph("coloured", codes=CODES, seed=38)
    connection = neo4j_server.connect()
    with (
        Store(lambda: connection) as store,
        neo4j.GraphDatabase.driver(connection.uri, auth=connection.writer) as driver,
    ):
        store.write(graph)
        hubs = CATALOG.get("hubs")
        before = run(store, hubs, {"study": "coloured"})
        statement = (FOLDER / "colour-layers.cypher").read_text(encoding="utf-8")
        coloured = "MATCH (r:Region {study: $study}) WHERE 'Layer' + r.layer IN labels(r) RETURN count(*) AS n"
        for written, number in ((statement, len(graph.regions)), (statement.replace("\nSET", "\nREMOVE"), 0)):
            driver.execute_query(written, study="coloured", database_=connection.database)
            assert store.read(coloured, {"study": graph.study.id}).rows == ((number,),)
            assert run(store, hubs, {"study": "coloured"}) == before
        store.delete(graph.study)
