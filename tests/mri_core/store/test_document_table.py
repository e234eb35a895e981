"""Studies whose graph holds a sample of their documents: nodes of these, counts and a table of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mri_core.errors import StoreError
from mri_core.records.graph import StudyGraph
from mri_core.store import document_table
from mri_core.store.copying import copy
from mri_core.store.store import Store
from mri_core.studies.comparing import compare_categories
from mri_core.studies.overlap import repeated
from mri_core.studies.placements import Placements, read_placements
from tests.planted import planted_graph, with_evidence

pytestmark = pytest.mark.usefixtures("tidy")
COUNTS = """
MATCH (a:Region {study: $study})-[e:FLOWS_TO|ACTIVATED_BY]->(b)
RETURN substring(a.id, size($study)), substring(b.id, size($study)), e.category, e.weight, e.documents, e.share
"""
SIZES = "MATCH (r:Region {study: $study}) RETURN substring(r.id, size($study)), r.documents, r.entropy, r.exemplars"
WAYS = "MATCH (d:Document {study: $study})-[p:PASSES]->(r:Region) RETURN d.ordinal, p.layer, r.name"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's tables lie in the cache."""
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))


def sampled(graph: StudyGraph, every: int = 7) -> StudyGraph:
    """Every so many documents, and all exemplars."""
    stored = np.arange(graph.study.documents) % every == 0
    stored[[ordinal for region in graph.regions for ordinal in region.exemplars]] = True
    return replace(graph, stored=stored, study=replace(graph.study, documents_stored=int(stored.sum())))


def all_and_sampled(store: Store, **options: object) -> tuple[StudyGraph, StudyGraph]:
    """The same study twice, with all of its documents and with some."""
    whole, some = planted_graph("whole", **options), sampled(planted_graph("some", **options))
    for graph in (whole, some):
        assert store.write(graph) == "ready"
    return whole, some


def rows(store: Store, statement: str, graph: StudyGraph) -> list[tuple]:
    return sorted(store.read(statement, {"study": graph.study.id}, max_rows=10**6).rows, key=repr)


def test_counts_are_of_all_documents_and_nodes_are_the_stored_ones(store: Store) -> None:
    whole, some = all_and_sampled(store)
    assert rows(store, COUNTS, some) == rows(store, COUNTS, whole)
    assert rows(store, SIZES, some) == rows(store, SIZES, whole)
    stored = np.flatnonzero(some.stored).tolist()
    assert 0 < len(stored) < 60
    ways = rows(store, WAYS, some)
    assert {ordinal for ordinal, *_ in ways} == set(stored)
    assert ways == [row for row in rows(store, WAYS, whole) if row[0] in stored]
    asked = "MATCH (d:Document {study: $study})-[:IN_CATEGORY]->(:Category) RETURN d.ordinal"
    assert sorted(ordinal for (ordinal,) in rows(store, asked, some)) == stored
    assert store.study("some").documents_stored == len(stored)
    assert store.study("whole").documents_stored is None


def test_the_table_has_the_regions_of_every_document(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_table, "ROWS", 13)  # several row groups, the last one shorter
    whole, some = all_and_sampled(store)
    frame = pd.read_parquet(store.document_table(some.study.id))
    passed = {(row.ordinal, layer, getattr(row, f"L{layer}")) for row in frame.itertuples() for layer in range(4)}
    assert passed == set(rows(store, WAYS, whole))
    assert frame.ordinal.tolist() == list(range(60))
    assert frame.category.tolist() == [document.category for document in whole.documents]
    assert frame.id.tolist() == [f"id-{i}" for i in range(60)]
    assert frame.excerpt.tolist() == [document.text for document in whole.documents]
    assert np.array_equal(frame.stored, some.stored)


def test_a_study_whose_documents_are_all_nodes_has_no_table(store: Store) -> None:
    whole, some = all_and_sampled(store)
    assert store.document_table(some.study.id).exists()
    assert not store.document_table(whole.study.id).exists()


def test_the_table_of_an_embedded_store_lies_in_its_folder(store: Store, engine, tmp_path: Path) -> None:
    path = store.document_table("some-00000000")
    folder = Path(engine.location) / "documents" if engine.name == "embedded" else tmp_path / "cache" / "stores"
    assert path.is_relative_to(folder)


def test_the_table_goes_with_the_study_that_is_deleted_or_replaced(store: Store) -> None:
    first, second = sampled(planted_graph("going", seed=1)), sampled(planted_graph("going", seed=2))
    old, new = (store.document_table(graph.study.id) for graph in (first, second))
    store.write(first)
    store.write(second, replace=True)
    assert (old.exists(), new.exists()) == (False, True)
    store.delete(second.study)
    assert list(new.parent.glob("going*")) == []


@pytest.mark.parametrize("after", [0, 20])
def test_a_load_that_fails_leaves_no_table(store: Store, after: int) -> None:
    graph = sampled(planted_graph("failing"))

    def stream():
        yield from graph.documents[:after]
        raise ValueError("the corpus changed")

    with pytest.raises(ValueError, match="changed"):
        store.write(replace(graph, documents=stream()))
    path = store.document_table(graph.study.id)
    assert list(path.parent.glob("failing*")) == []
    assert store.write(graph) == "ready"
    assert path.exists()


def test_what_a_killed_load_left_goes_with_the_next_one_of_its_name(store: Store) -> None:
    graph = sampled(planted_graph("killed"))
    left = document_table.unfinished(store.document_table(graph.study.id))
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"PAR1")
    store.write(graph)
    assert not left.exists()
    assert len(pd.read_parquet(store.document_table(graph.study.id))) == 60


def same(one: Placements, other: Placements) -> bool:
    """Whether two studies place the same documents in the same regions."""
    names = [[region.partition("/")[2] for region in read.regions] for read in (one, other)]
    arrays = [(read.ordinals, read.placement, read.labels, read.groups, read.margins) for read in (one, other)]
    return names[0] == names[1] and all(a is b is None or np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def with_groups_and_margins(graph: StudyGraph) -> StudyGraph:
    margins = np.random.default_rng(0).random((60, 4)).round(4)
    documents = [replace(d, group=f"g{d.ordinal // 3}" if d.ordinal > 5 else None) for d in graph.documents]
    return replace(graph, margins=margins, documents=documents)


@pytest.mark.parametrize("change", [lambda graph: graph, with_groups_and_margins])
def test_what_is_computed_from_documents_takes_all_of_them(
    store: Store, change: Callable[[StudyGraph], StudyGraph]
) -> None:
    whole, some = change(planted_graph("whole")), change(sampled(planted_graph("some")))
    for graph in (whole, some):
        store.write(graph)
    for categories in (["animal", "mineral", "plant"], ["animal", "plant"]):
        read = [read_placements(store, store.study(graph.study.id), categories) for graph in (whole, some)]
        assert same(*read)
    compared = [compare_categories(store, store.study(name), ["animal", "plant"]) for name in ("whole", "some")]
    assert compared[0].measures == compared[1].measures
    assert compared[0].documents == compared[1].documents == (20, 20)


def test_near_duplicates_are_looked_for_among_all_documents(store: Store) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [" ".join(letters[(i * j) % 26] * 5 for j in range(1, 12)) + f" {i}" for i in range(60)]
    all_and_sampled(store, texts=texts)
    again = planted_graph("again", texts=texts[:30] + [f"other {i} words {i * i}" for i in range(30)])
    store.write(again)
    found = [repeated(store, store.study(name), store.study("again")).tolist() for name in ("whole", "some")]
    assert found[0] == found[1]
    assert set(range(30)) <= set(found[0])


def test_a_table_that_is_gone_or_of_another_study_is_named_with_the_remedy(store: Store) -> None:
    some = sampled(planted_graph("some"))
    other = sampled(planted_graph("other", codes=np.zeros((60, 4), dtype=int)))
    for graph in (some, other):
        store.write(graph)
    study, path = store.study("some"), store.document_table(some.study.id)
    own = path.read_bytes()
    path.unlink()
    with pytest.raises(StoreError, match=r"some stores \d+ of its 60 documents, and .*parquet is not there. Copy it"):
        read_placements(store, study, ["animal"])
    path.write_bytes(own[:100])
    with pytest.raises(StoreError, match="cannot be read"):
        read_placements(store, study, ["animal"])
    path.write_bytes(store.document_table(other.study.id).read_bytes())
    with pytest.raises(StoreError, match="is that of another study"):
        read_placements(store, study, ["animal"])
    with document_table.DocumentTable(path, replace(other, study=some.study)) as table:
        for document in other.documents:
            table.add(document)
    with pytest.raises(StoreError, match="has other documents in its regions than some"):
        read_placements(store, study, ["animal"])


def test_components_have_a_table_without_regions(store: Store) -> None:
    from tests.planted import planted_components

    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graph = sampled(planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1))
    store.write(graph)
    frame = pd.read_parquet(store.document_table(graph.study.id))
    assert list(frame.columns) == ["ordinal", "category", "title", "id", "group", "excerpt", "stored"]
    assert frame.category.tolist() == ["a", "b"] * 20


@pytest.mark.slow  # it starts an engine; a bundle goes there and back with it
@pytest.mark.once
def test_a_copy_has_the_table_too(store: Store, tmp_path: Path) -> None:
    from tests.engines import embedded_engine

    graph = sampled(with_evidence(planted_graph("copied")))
    store.write(graph)
    own = store.document_table(graph.study.id)
    with embedded_engine(tmp_path / "other") as other_engine, Store(other_engine.connect) as other:
        assert copy(store, other, graph.study).status == "ready"
        there = other.document_table(graph.study.id)
        assert there != own
        assert there.read_bytes() == own.read_bytes()
        there.unlink()
        assert copy(store, other, graph.study).status == "unchanged"
        assert there.read_bytes() == own.read_bytes()
        other.delete(graph.study)
        assert (own.exists(), there.exists()) == (True, False)
        own.unlink()
        told: list[str] = []
        assert copy(store, other, graph.study, notify=told.append).status == "ready"
        assert not there.exists()
        assert any("the file of all documents" in line for line in told)
