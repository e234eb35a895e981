"""GraphML, GEXF and JSON hold every node and relationship of a study, as networkx, igraph and others read them."""

from __future__ import annotations

import json
import math
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import igraph
import networkx as nx
import pytest

from mri_core.export.formats import export, part_of
from mri_core.export.network import as_networkx
from mri_core.export.shared import Shared
from mri_core.records.graph import Study
from mri_core.store.contents import StoredContents
from mri_core.store.store import Store
from tests.mri_core.export.hostile import OF_ONE_STORE, TEXTS, stored_edges, stored_nodes
from tests.node import read_by_node

pytestmark = [pytest.mark.engine, pytest.mark.once]
FORMS = ["graphml", "gexf", "json"]
Attributes = dict[str, Any]
Graph = tuple[dict[str, Attributes], list[tuple[str, str, Attributes]]]


@pytest.fixture(scope="module")
def written(store: Store, study: Study, exports: Path) -> Callable[[str], Path]:
    """The file of a format."""

    def of(form: str) -> Path:
        path = exports / f"study.{form}"
        if not path.exists():
            export(Shared(StoredContents(store, study)), form, path)
        return path

    return of


@pytest.fixture(scope="module")
def truth(store: Store, study: Study) -> Graph:
    """What the store has, by statements of the tests' own, without what is of one store alone."""
    nodes = {
        key: _renamed({name: value for name, value in node.items() if not (key == study.id and name in OF_ONE_STORE)})
        for key, node in stored_nodes(store, study.id).items()
    }
    edges = stored_edges(store, study.id)
    return nodes, [(source, target, _renamed({"edge_type": kind, **known})) for source, target, kind, known in edges]


def _renamed(properties: Attributes) -> Attributes:
    """Without what is the same in all or an id; a person's property with a name of the file's own has a prefix."""
    given = {name: value for name, value in properties.items() if name not in ("llm_mri", "id")}
    return {"c_label" if name == "label" else name: value for name, value in given.items()}


def as_text(value: Any) -> Any:
    """A list as a text of its items, and what XML cannot hold as an escape."""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return value.replace("\x07", "\\x07").replace("\ufffe", "\\ufffe") if isinstance(value, str) else value


def in_xml(graph: Graph) -> Graph:
    nodes, edges = graph
    return (
        {key: {name: as_text(value) for name, value in node.items()} for key, node in nodes.items()},
        [(source, target, {name: as_text(v) for name, v in edge.items()}) for source, target, edge in edges],
    )


def assert_same(found: Graph, wanted: Graph) -> None:
    """Compares nodes by id, and relationships whatever their order: parallel ones, too."""
    assert set(found[0]) == set(wanted[0])
    for key, node in wanted[0].items():
        assert found[0][key] == node, key
    edges, others = (Counter(json.dumps(edge, sort_keys=True) for edge in graph[1]) for graph in (found, wanted))
    assert edges == others


def with_float_weights(graph: Graph) -> Graph:
    """As GEXF's own attribute of an edge: a float."""
    nodes, edges = graph
    return nodes, [
        (source, target, {**edge, "weight": float(edge["weight"])} if "weight" in edge else edge)
        for source, target, edge in edges
    ]


def of_networkx(graph: nx.MultiDiGraph) -> Graph:
    assert graph.is_directed()
    assert graph.is_multigraph()
    own = {"label", "id"}
    return (
        {key: {name: v for name, v in node.items() if name not in own} for key, node in graph.nodes(data=True)},
        [(s, t, {name: v for name, v in edge.items() if name not in own}) for s, t, edge in graph.edges(data=True)],
    )


def read_by_networkx(path: Path) -> nx.MultiDiGraph:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if path.suffix == ".graphml":
            return nx.read_graphml(path)
        if path.suffix == ".gexf":
            return nx.read_gexf(path)
        return nx.node_link_graph(json.loads(path.read_text("utf-8")), edges="edges")


@pytest.mark.parametrize("form", FORMS)
def test_networkx_reads_every_node_and_relationship_with_its_properties(
    written: Callable[[str], Path], truth: Graph, form: str
) -> None:
    wanted = {"json": truth, "graphml": in_xml(truth), "gexf": with_float_weights(in_xml(truth))}[form]
    assert_same(of_networkx(read_by_networkx(written(form))), wanted)


def test_whole_numbers_truths_and_small_numbers_are_what_they_were(written: Callable[[str], Path]) -> None:
    for form in FORMS:
        graph = read_by_networkx(written(form))
        node = graph.nodes["hostile-00000000/L0/R0"]
        assert (node["checked"], node["huge"], node["tiny"], node["vast"]) == (True, 9007199254740993, 1e-17, 1e300)
        assert type(node["checked"]) is bool
        assert type(node["huge"]) is int
        checked = [edge["checked"] for *_, edge in graph.edges(data=True) if "checked" in edge]
        assert set(checked) == {True, False}
        assert "entropy" not in node, form


def test_igraph_reads_graphml(written: Callable[[str], Path], truth: Graph) -> None:
    graph = igraph.Graph.Read_GraphML(str(written("graphml")))
    nodes, edges = in_xml(truth)
    assert graph.is_directed()
    ids = [key.replace("&#38;", "&") for key in graph.vs["id"]]  # findings/igraph-ampersand-in-ids.sh
    assert set(ids) == set(nodes)
    for vertex, key in zip(graph.vs, ids, strict=True):
        known = nodes[key]
        for name, value in vertex.attributes().items():
            if name in known:
                assert value == _double(known[name]), (key, name)
            elif name not in ("id", "label"):  # igraph has a value for every attribute of every node
                assert value in ("", False) or math.isnan(value), (vertex["id"], name)
    ends = Counter((ids[e.source], ids[e.target], e["edge_type"], e["category"]) for e in graph.es)
    assert ends == Counter((s, t, edge["edge_type"], edge.get("category", "")) for s, t, edge in edges)


@pytest.mark.parametrize("form", FORMS)
def test_the_readers_of_gephi_and_cytoscape_have_the_same(
    written: Callable[[str], Path], truth: Graph, form: str
) -> None:
    read = read_by_node(written(form))
    assert read["directed"]
    nodes = {key: {n: v for n, v in node.items() if n not in ("label", "id")} for key, node in read["nodes"].items()}
    own = {"id", "kind", "key", "source", "target"}
    edges = [(s, t, {n: v for n, v in edge.items() if n not in own}) for _, s, t, edge in read["edges"]]
    assert len({key for key, *_ in read["edges"]}) == len(edges)
    wanted = truth if form == "json" else in_xml(truth)
    assert_same(with_doubles((nodes, edges)), with_doubles(wanted))


def with_doubles(graph: Graph) -> Graph:
    """Numbers as JavaScript and igraph have them, of one kind."""
    nodes, edges = graph
    return (
        {key: {name: _double(value) for name, value in node.items()} for key, node in nodes.items()},
        [(s, t, {name: _double(value) for name, value in edge.items()}) for s, t, edge in edges],
    )


def _double(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_parallel_connections_of_categories_are_kinds_of_their_own_in_gexf(
    written: Callable[[str], Path], truth: Graph
) -> None:
    kinds = Counter((s, t, edge["kind"]) for _, s, t, edge in read_by_node(written("gexf"))["edges"])
    assert max(kinds.values()) == 1
    pairs = Counter((s, t) for s, t, edge in truth[1] if edge["edge_type"] == "FLOWS_TO")
    assert max(pairs.values()) == 3
    assert len(kinds) == len(truth[1])


def test_the_graph_of_a_notebook_is_that_of_the_file_and_can_be_written(
    store: Store, study: Study, written: Callable[[str], Path], tmp_path: Path
) -> None:
    shared = Shared(StoredContents(store, study))
    graph = as_networkx(part_of(shared, regions_only=False), tmp_path)
    of_file = read_by_networkx(written("graphml"))
    assert set(graph.edges(keys=True)) == set(of_file.edges(keys=True))
    assert graph.nodes[study.id]["model"] == "planted-model"
    nodes, edges = of_networkx(of_file)
    renamed = {"my note": "my_note", "type": "c_type"}
    assert_same(
        of_networkx(graph),
        (
            {key: {renamed.get(n, n): v for n, v in node.items()} for key, node in nodes.items()},
            [(s, t, {renamed.get(n, n): v for n, v in edge.items()}) for s, t, edge in edges],
        ),
    )
    for write, read in ((nx.write_graphml, nx.read_graphml), (nx.write_gexf, nx.read_gexf), (nx.write_gml, None)):
        write(graph, tmp_path / "again")
        if read is not None:
            assert read(tmp_path / "again").number_of_edges() == graph.number_of_edges()
    assert list(tmp_path.iterdir()) == [tmp_path / "again"]


@pytest.mark.parametrize("form", FORMS)
def test_regions_alone_come_with_their_connections(store: Store, study: Study, form: str, tmp_path: Path) -> None:
    counts = export(Shared(StoredContents(store, study)), form, tmp_path / f"r.{form}", regions_only=True)
    graph = read_by_networkx(tmp_path / f"r.{form}")
    assert counts == (len(graph), graph.number_of_edges())
    assert {node["node_type"] for _, node in graph.nodes(data=True)} == {"Region"}
    assert {edge["edge_type"] for *_, edge in graph.edges(data=True)} == {"FLOWS_TO", "AVOIDS"}
    assert len(graph) == study.regions


def test_texts_of_markup_and_script_stay_texts(written: Callable[[str], Path]) -> None:
    for form in ("graphml", "gexf"):
        assert "<script" not in written(form).read_text("utf-8")
        graph = read_by_networkx(written(form))
        titles = {node["title"] for _, node in graph.nodes(data=True) if "title" in node}
        assert as_text(TEXTS[1][:40]) in {title[:40] for title in titles}
