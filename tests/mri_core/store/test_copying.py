"""Copies between stores, either way, and the checksum that compares them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mri_core.errors import StoreError
from mri_core.store import contents, copying
from mri_core.store.checksums import checksum
from mri_core.store.copying import copy
from mri_core.store.store import Store
from tests.engines import Engine, writing
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes

# There and back, both engines give and take, whichever comes first.
pytestmark = [pytest.mark.usefixtures("tidy"), pytest.mark.once]

CHANGES = [
    "MATCH (s:Study {id: $id}) SET s.model = 'another'",
    "MATCH (n:Layer {study: $id, index: 1}) SET n.explained_variance = 0.900001",
    "MATCH (n:Document {id: $id + '/D7'}) SET n.title = n.title + ' '",
    "MATCH (n:Region {study: $id}) WITH n ORDER BY n.id LIMIT 1 SET n.keywords = ['word']",
    "MATCH (n:Region {study: $id}) WITH n ORDER BY n.id LIMIT 1 SET n.novel = 1",
    "MATCH (:Region {study: $id})-[e:FLOWS_TO]->() WITH e ORDER BY e.weight DESC LIMIT 1 SET e.weight = e.weight + 1",
    "MATCH (:Region {study: $id})-[e:FLOWS_TO]->() WITH e ORDER BY e.weight DESC LIMIT 1 DELETE e",
    "MATCH (a:Region {id: $id + '/L0/R1'}), (b:Region {id: $id + '/L1/R1'}) CREATE (a)-[:FLOWS_TO {study: $id}]->(b)",
]


def hostile_graph(name: str, **properties: object):
    labels = [HOSTILE[i % len(HOSTILE)] for i in range(40)]
    texts = [f"{text} {i}" for i, text in enumerate(labels)]
    return planted_graph(name, codes=random_codes(40, 3, 5, 0), categories=labels, texts=texts, **properties)


def test_a_copy_on_the_other_engine_is_the_same_and_so_is_its_copy_back(store: Store, other: Store) -> None:
    graph = hostile_graph("there-and-back", report='{"cut": 3}')
    store.write(graph)
    first = checksum(store, graph.study)
    told: list[tuple[int, int]] = []
    assert copy(store, other, graph.study, progress=lambda done, total: told.append((done, total))) == ("ready", first)
    assert told[-1][0] == told[-1][1]
    assert other.study(graph.study.id).created_at == graph.study.created_at
    assert copy(store, other, graph.study).status == "unchanged"
    store.delete(graph.study)
    assert copy(other, store, other.study("there-and-back")) == ("ready", first)


@pytest.mark.slow  # there and back once more
def test_the_checksum_does_not_depend_on_the_engine_nor_on_who_loaded(store: Store, other: Store) -> None:
    graph = planted_graph("same")
    for place in (store, other):
        place.write(graph)
    assert checksum(store, graph.study) == checksum(other, graph.study)


@pytest.mark.slow  # there and back once more
def test_components_which_lack_what_regions_have_are_copied_as_they_are(store: Store, other: Store) -> None:
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graph = planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    bare = tuple(replace(region, y=None) for region in graph.regions)  # as of UMAP, which explains no variance
    layers = tuple(replace(layer, explained_variance=None) for layer in graph.layers)
    store.write(replace(graph, regions=bare, layers=layers))
    first = checksum(store, graph.study)
    assert copy(store, other, graph.study) == ("ready", first)
    store.delete(graph.study)
    assert copy(other, store, other.study("moving")) == ("ready", first)
    other.delete(graph.study)
    other.write(replace(graph, regions=bare, layers=layers))
    assert checksum(other, graph.study) == first


@pytest.mark.slow  # there and back once more
def test_labels_that_a_person_added_are_neither_copied_nor_counted(store: Store, other: Store, engine: Engine) -> None:
    graph = planted_graph("coloured")
    store.write(graph)
    before = checksum(store, graph.study)
    with writing(engine) as writer:
        writer.run("MATCH (r:Region {study: $id, layer: 1}) SET r:Layer1", id=graph.study.id)
    assert checksum(store, graph.study) == before
    assert copy(store, other, graph.study) == ("ready", before)
    assert other.read("MATCH (n:Layer1) RETURN count(n)").rows == ((0,),)


@pytest.mark.parametrize("change", CHANGES)
def test_the_checksum_tells_any_change(store: Store, engine: Engine, change: str) -> None:
    graph = planted_graph("changed")
    store.write(graph)
    before = checksum(store, graph.study)
    with writing(engine) as writer:
        writer.run(change, id=graph.study.id)
    assert checksum(store, graph.study) != before


@pytest.mark.slow  # there and back once more
def test_a_copy_of_many_documents_comes_in_parts(store: Store, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "DOCUMENTS", 7)
    monkeypatch.setattr(copying, "BATCH", 11)
    graph = planted_graph("parts", codes=np.array([[i % 3, i % 2] for i in range(30)]))
    store.write(graph)
    assert copy(store, other, graph.study).status == "ready"
    monkeypatch.undo()
    assert checksum(store, graph.study) == checksum(other, graph.study)


def test_a_study_that_somebody_changed_in_one_store_is_told_and_kept(
    store: Store, other: Store, engine: Engine
) -> None:
    graph = planted_graph("differs")
    for place in (store, other):
        place.write(graph)
    with writing(engine) as writer:
        writer.run("MATCH (n:Document {id: $id}) SET n.title = 'another'", id=f"{graph.study.id}/D0")
    with pytest.raises(StoreError, match=r"differs-00000000 is there already, with another checksum"):
        copy(store, other, graph.study)
    assert other.is_ready(graph.study.id)


def test_the_same_study_scanned_on_both_sides_counts_as_the_same(store: Store, other: Store) -> None:
    store.write(planted_graph("apart"))
    other.write(planted_graph("apart", created_at="2031-01-01T00:00:00+00:00", software="a later one"))
    assert copy(store, other, store.study("apart")).status == "unchanged"


def test_a_copy_that_arrives_damaged_never_becomes_ready_and_replaces_nothing(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = planted_graph("damaged", seed=1), planted_graph("damaged", seed=2)
    other.write(old)
    store.write(new)
    batches = copying._batches

    def leaking(*place):
        whole = list(batches(*place))
        return iter(whole[:-1])

    monkeypatch.setattr(copying, "_batches", leaking)
    with pytest.raises(StoreError, match="has another checksum, and is removed"):
        copy(store, other, new.study, replace=True)
    assert [study.id for study in other.studies() if study.name == "damaged"] == [old.study.id]
    assert other.read("MATCH (n {study: $id}) RETURN count(n)", {"id": new.study.id}).rows == ((0,),)


def test_what_is_not_of_the_schema_is_neither_copied_nor_run(store: Store, other: Store, engine: Engine) -> None:
    graph = planted_graph("sly")
    store.write(graph)
    sly = "X]->(b) CREATE (:Owned) CREATE (a)-[e:X"
    with writing(engine) as writer:
        writer.run(
            f"MATCH (a:Region {{id: $id + '/L0/R1'}}) MATCH (b:Region {{id: $id + '/L1/R1'}}) "
            f"CREATE (a)-[:`{sly}`]->(b) CREATE (a)-[:`SEE ALSO`]->(b) CREATE (a)-[:NOTED]->(:Note {{text: 'mine'}})",
            id=graph.study.id,
        )
    assert copy(store, other, graph.study).status == "ready"
    assert other.read("MATCH (n) WHERE n:Owned OR n:Note RETURN count(n)").rows == ((0,),)
    with writing(engine) as writer:
        writer.run("MATCH (n:Note) DETACH DELETE n")


def test_of_the_same_choices_another_versions_results_are_said_to_be_in_the_way(store: Store) -> None:
    held = planted_graph("results")
    store.write(held)
    same = {"name": "results", "parameters": held.study.parameters}
    with pytest.raises(StoreError, match=r"the same choices gave other results in another version.*--replace"):
        store.check_name("results", "results-ffffffff", properties=same)
    store.delete(held.study)


def test_a_name_that_another_study_has_is_taken_only_when_told(store: Store, other: Store) -> None:
    old, new = planted_graph("taken", seed=1), planted_graph("taken", seed=2)
    other.write(old)
    store.write(new)
    with pytest.raises(StoreError, match=r"A name belongs to one study.* Replace that study with --replace, or scan"):
        copy(store, other, new.study)
    assert copy(store, other, new.study, replace=True).status == "ready"
    assert [study.id for study in other.studies() if study.name == "taken"] == [new.study.id]
