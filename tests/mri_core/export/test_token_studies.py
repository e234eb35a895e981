"""A scan of tokens goes out in every format and comes back as a bundle, with nothing lost and no private text."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
import pytest

from mri_core.errors import StoreError
from mri_core.export.bundle import import_bundle
from mri_core.export.formats import FORMS, export
from mri_core.export.shared import Shared
from mri_core.records.graph import Study
from mri_core.store import contents
from mri_core.store.bolt.driver import Writer
from mri_core.store.checksums import sums
from mri_core.store.contents import StoredContents
from mri_core.store.copying import copy
from mri_core.store.store import Store
from tests.engines import Engine
from tests.mri_core.export.hostile import stored_edges, stored_nodes
from tests.mri_core.export.test_bundle import changed, held, replaced
from tests.mri_core.export.test_script import statements
from tests.planted import planted_tokens

pytestmark = [pytest.mark.engine, pytest.mark.once]
COUNTED = {"IN_CATEGORY", "PASSES", "ACTIVATED_BY"}  # relationships that say how many tokens


@pytest.fixture(scope="module", params=["tags", pytest.param("texts", marks=pytest.mark.slow)])
def tokens(request: pytest.FixtureRequest, store: Store) -> Iterator[Study]:
    graph = planted_tokens("token-export", tagged=request.param == "tags", seed=3)
    store.write(graph)
    yield store.study("token-export")
    store.delete(graph.study)


@pytest.fixture(scope="module")
def exported(store: Store, tokens: Study, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("tokens")

    def of(form: str) -> Path:
        if not (folder / form).exists():
            export(Shared(StoredContents(store, tokens)), form, folder / form)
        return folder / form

    return of


@pytest.fixture(scope="module")
def counts(store: Store, tokens: Study) -> list[tuple[Any, ...]]:
    """The numbers of tokens, and of texts where both are there, of nodes and relationships."""
    nodes = [(key, node.get("tokens"), node.get("documents")) for key, node in stored_nodes(store, tokens.id).items()]
    edges = [
        (source, target, known.get("category"), known.get("tokens"), known.get("documents"))
        for source, target, kind, known in stored_edges(store, tokens.id)
        if kind in {*COUNTED, "FLOWS_TO", "AVOIDS"}
    ]
    return sorted([*nodes, *edges], key=str)


def told(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    kinds = {*COUNTED, "FLOWS_TO", "AVOIDS"}
    own = [(node["id"], node.get("tokens"), node.get("documents")) for node in nodes]
    joining = [
        (edge["source"], edge["target"], edge.get("category"), edge.get("tokens"), edge.get("documents"))
        for edge in edges
        if edge["edge_type"] in kinds
    ]
    return sorted([*own, *joining], key=str)


def test_a_bundle_goes_into_the_other_engine_and_back(
    store: Store, tokens: Study, other: Store, exported: Callable[[str], Path], tmp_path: Path
) -> None:
    original = sums(StoredContents(store, tokens))
    imported, copied = import_bundle(exported("bundle"), other)
    assert (imported.tokens, copied) == (tokens.tokens, ("ready", original.content))
    there = other.study("token-export")
    assert (there.tokens, there.documents, there.unit) == (tokens.tokens, tokens.documents, "token")
    assert sums(StoredContents(other, there)) == original
    export(Shared(StoredContents(other, there)), "bundle", tmp_path / "again.mri")
    assert (tmp_path / "again.mri").read_bytes() == exported("bundle").read_bytes()


def test_a_copy_in_small_parts_is_the_same(
    store: Store, tokens: Study, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = sums(StoredContents(store, tokens))
    monkeypatch.setattr(contents, "DOCUMENTS", 30)  # relationships, of which a text has many
    assert len(list(StoredContents(store, tokens).edges("Document"))) > 3
    assert copy(store, other, tokens) == ("ready", original.content)
    assert sums(StoredContents(other, other.study("token-export"))) == original


def test_json_and_parquet_have_every_property(
    store: Store, tokens: Study, exported: Callable[[str], Path], counts: list[tuple[Any, ...]]
) -> None:
    whole = json.loads(exported("json").read_text("utf-8"))
    assert told(whole["nodes"], whole["edges"]) == counts
    regions = {node["id"]: node for node in whole["nodes"] if node["node_type"] == "Region"}
    for key, node in stored_nodes(store, tokens.id).items():
        if "contexts" in node:
            assert regions[key]["contexts"] == node["contexts"] != []
    tables = [pq.read_table(exported("parquet") / f"{name}.parquet").to_pylist() for name in ("nodes", "relationships")]
    assert told(*tables) == counts
    within = {name for edge in whole["edges"] for name in edge if name.startswith("within")}
    assert within == {"within", "within_q"}


@pytest.mark.parametrize(("form", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_graph_programs_read_how_many_tokens(
    exported: Callable[[str], Path], counts: list[tuple[Any, ...]], form: str, read: Callable[[Path], nx.Graph]
) -> None:
    graph = read(exported(form))
    nodes = [{"id": key, **known} for key, known in graph.nodes(data=True)]
    edges = [{"source": s, "target": t, **known} for s, t, known in graph.edges(data=True)]
    assert told(nodes, edges) == counts


@pytest.mark.slow  # statement by statement, on a server
def test_a_script_makes_the_same_study(
    store: Store, tokens: Study, engine: Engine, neo4j_server: Engine, exported: Callable[[str], Path]
) -> None:
    if engine.name == "neo4j":
        pytest.skip("the study is in the server already")
    original = sums(StoredContents(store, tokens))
    with Store(neo4j_server.connect) as server:
        writer = Writer(neo4j_server.connect())
        for statement in statements(exported("cypher").read_text("utf-8")):
            writer.run(statement)
        writer.close()
        made = server.study("token-export")
        assert sums(StoredContents(server, made)) == original
        server.delete(made)


def test_without_texts_no_window_of_them_is_given_away(store: Store, tokens: Study, tmp_path: Path) -> None:
    for form in FORMS:
        export(Shared(StoredContents(store, tokens)), form, tmp_path / f"whole-{form}")
        export(Shared(StoredContents(store, tokens), excerpts=False), form, tmp_path / f"private-{form}")
        assert "«" in held(tmp_path / f"whole-{form}").replace("\\u00ab", "«"), form
        assert "«" not in held(tmp_path / f"private-{form}").replace("\\u00ab", "«"), form


@pytest.mark.parametrize(
    ("member", "before", "after", "what"),
    [
        ("relationships/Document.jsonl", '"tokens": 1', '"tokens": "1"', "one of IN_CATEGORY has '1' tokens"),
        ("relationships/Document.jsonl", '"tokens": 1', '"tokens": -1', "one of IN_CATEGORY has -1 tokens"),
        ("relationships/Document.jsonl", '{"tokens": 1}', "{}", "one of IN_CATEGORY has no tokens"),
        ("nodes/Category.jsonl", '"tokens"', '"token"', "one of Category has no tokens"),
        ("nodes/Region.jsonl", '"contexts": [', '"contexts": [7, ', "the contexts of a region are no texts"),
    ],
)
def test_a_bundle_with_wrong_counts_is_refused(
    other: Store, exported: Callable[[str], Path], tmp_path: Path, member: str, before: str, after: str, what: str
) -> None:
    made = changed(exported("bundle"), tmp_path / "wrong.mri", replaced(member, before, after))
    with pytest.raises(StoreError, match=what):
        import_bundle(made, other)


def test_a_document_of_a_scan_of_documents_still_needs_its_category(
    other: Store, exported: Callable[[str], Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(exported("bundle")) as archive:
        study = json.loads(archive.read("manifest.json"))["study"]
    lost = replaced("manifest.json", f'"tokens": {study["tokens"]}', '"seed2": 1')
    made = changed(exported("bundle"), tmp_path / "lost.mri", lost)
    untagged = '"category"' in zipfile.ZipFile(made).read("nodes/Document.jsonl").decode()
    with pytest.raises(StoreError, match="another checksum|has no category" if untagged else "has no category"):
        import_bundle(made, other)
