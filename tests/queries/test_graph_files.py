"""Answers as graphs are files for Gephi, Cytoscape and igraph: GraphML, GEXF and GML, with every node and edge."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pytest

from mri_core.store.store import Store
from queries.graphs import plain_graph
from queries.notebook import query
from queries.result import Result
from tests.engines import Engine
from tests.planted import HOSTILE, random_codes
from tests.queries.answers.truth import Truth
from tests.queries.test_answers import choices
from tests.questions import ABOUT_DOCUMENTS, CATALOG

GRAPHS = [template.name for template in ABOUT_DOCUMENTS if template.view in ("graph", "path")]
FORMS = {
    "graphml": (nx.write_graphml, nx.read_graphml, igraph.Graph.Read_GraphML),
    "gexf": (nx.write_gexf, nx.read_gexf, None),
    "gml": (nx.write_gml, nx.read_gml, igraph.Graph.Read_GML),
}


@pytest.fixture(scope="module")
def truth(embedded_store: Engine) -> Iterator[Truth]:
    made = [
        Truth(name, random_codes(48, 4, 3, seed), [HOSTILE[i % 3] for i in range(48)])
        for seed, name in enumerate(("files", "files-other"))
    ]
    made[0].beside[made[1].study] = made[1]
    with Store(embedded_store.connect) as store:
        for one in made:
            store.write(one.graph)
        yield made[0]
        for one in made:
            store.delete(one.graph.study)


def asked(store: Path, truth: Truth, name: str, **values: object) -> Result:
    return query(name, store=store, study=truth.study, **values)


def assert_files_hold(graph: nx.DiGraph, folder: Path) -> None:
    for form, (write, read, by_igraph) in FORMS.items():
        path = folder / f"graph.{form}"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            write(graph, path)
            back = read(path)
        assert (len(back), back.number_of_edges()) == (len(graph), graph.number_of_edges()), form
        assert set(back.nodes) == set(map(str, graph.nodes)), form
        if by_igraph:
            other = by_igraph(str(path))
            assert (other.vcount(), other.ecount()) == (len(graph), graph.number_of_edges()), form
    if graph.is_multigraph():
        keys = [key for *_, key in graph.edges(keys=True)]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", GRAPHS)
def test_every_question_that_is_a_graph_can_be_written_and_read_back(
    store_folder: Path, truth: Truth, name: str, tmp_path: Path
) -> None:
    required = {p.name for p in CATALOG.get(name).parameters if p.required and p.name != "study"}
    values = {key: value for key, value in choices(truth, seed=0).items() if key in required}
    assert_files_hold(asked(store_folder, truth, name, **values)._graph(), tmp_path)


def test_connections_carry_what_the_study_says_of_their_regions(store_folder: Path, truth: Truth) -> None:
    graph = asked(store_folder, truth, "connections").to_networkx()
    assert graph.graph["cut"] is False
    assert set(graph) == set(truth.regions)
    for region, told in truth.regions.items():
        node = graph.nodes[region]
        assert (node["layer"], node["documents"]) == (told.layer, told.documents)
        assert node["keywords"] == "; ".join(told.keywords)
        assert node["dominant_category"] == told.dominant_category


def test_a_graph_of_a_part_of_the_connections_says_so(store_folder: Path, truth: Truth) -> None:
    whole = asked(store_folder, truth, "connections")
    for limits in ({"limit": len(whole) - 1}, {"max_rows": 5}):
        result = asked(store_folder, truth, "connections", **limits)
        with pytest.warns(UserWarning, match=f"The graph is a part: .* {len(result)} rows; raise {next(iter(limits))}"):
            assert result.to_networkx().graph["cut"] is True
    exact = asked(store_folder, truth, "connections", limit=len(whole))
    assert not exact.limited


def test_values_of_every_kind_are_plain_and_of_one_type(tmp_path: Path) -> None:
    attributes = [
        {"id": 1, "n": 1, "mixed": "a", "list": ["x", None, 2], "object": {"k": [1]}, "none": None, "a b(*)": True},
        {"id": 2, "n": 0.5, "mixed": 2, "list": [], "bell": "a\x07", "none": None, "huge": 2**70, "nan": np.nan},
    ]
    graph = plain_graph([("é\x00", attributes[0])], [("é\x00", "b", attributes[1]), ("é\x00", "b", attributes[0])])
    first, second = (graph.edges["é\\x00", "b", key] for key in (0, 1))
    assert second == {"c_id": 1, "n": 1.0, "mixed": "a", "list": "x; 2", "object": '{"k": [1]}', "a_b___": True}
    assert first == {"c_id": 2, "n": 0.5, "mixed": "2", "list": "", "bell": "a\\x07", "huge": str(2**70)}
    assert [type(edge["n"]) for edge in (first, second)] == [float, float]
    assert_files_hold(graph, tmp_path)


def test_names_that_a_format_has_for_its_own_are_no_attributes_of_ours(tmp_path: Path) -> None:
    own = {"type": "FLOWS_TO", "start": "first", "end": 3, "weight": "heavy", "viz": "none", "spells": 1, "pid": "p"}
    graph = plain_graph([("a", own), ("b", {})], [("a", "b", own), ("a", "b", own)])
    told = {f"c_{name}": value for name, value in own.items()}
    assert graph.nodes["a"] == graph.edges["a", "b", 0] == told
    assert_files_hold(graph, tmp_path)
    back = nx.read_gexf(tmp_path / "graph.gexf")
    assert {name: value for name, value in back.edges["a", "b", 0].items() if name in told} == told
