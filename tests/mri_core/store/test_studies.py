"""Studies in a store: written, read back, replaced, deleted."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from mri_core.errors import StoreError, UsageError
from mri_core.records.corpus import excerpt
from mri_core.records.graph import SCHEMA_VERSION, StudyGraph
from mri_core.records.ids import category_id, document_id, layer_id, region_id
from mri_core.records.measures import Measure
from mri_core.store import loading, rows
from mri_core.store.bolt.driver import Writer
from mri_core.store.store import Store
from mri_core.texts.readable import decoded
from tests.planted import HOSTILE, planted_graph, random_codes, with_evidence

OWNED = "MATCH (n {study: $study}) RETURN labels(n)[0] AS label, count(*) AS n"


def nodes(store: Store, study: str) -> Counter[str]:
    return Counter(dict(store.read(OWNED, {"study": study}).rows))


def table(store: Store, statement: str, study: str) -> list[tuple]:
    return sorted(store.read(statement, {"study": study}, max_rows=10**6).rows)


@pytest.fixture
def writer(store: Store, engine) -> Writer:
    store.studies()
    writer = Writer(engine.connect())
    yield writer
    writer.close()


def written(store: Store, graph: StudyGraph, **options) -> StudyGraph:
    assert store.write(graph, **options) == "ready"
    return graph


def test_a_study_comes_back_as_it_was_written(store):
    graph = written(store, planted_graph("round-trip"))
    kept = store.study("round-trip")
    assert replace(kept, owner="", updated_at="", status="loading") == replace(graph.study, owner="", updated_at="")
    assert kept.status == "ready"
    assert store.study(graph.study.id) == kept
    assert kept in store.studies()
    assert store.is_ready(graph.study.id)


def test_the_nodes_hold_what_the_records_hold(store):
    graph = written(store, planted_graph("records"))
    study = graph.study.id
    assert nodes(store, study) == {
        "Layer": len(graph.layers),
        "Category": len(graph.categories),
        "Region": len(graph.regions),
        "Document": graph.study.documents,
    }
    found = store.read("MATCH (r:Region {study: $s}) RETURN properties(r) AS r", {"s": study}).rows
    expected = {
        region_id(study, r.layer, r.name): {
            "llm_mri": True,
            "id": region_id(study, r.layer, r.name),
            "study": study,
            "layer": r.layer,
            "name": r.name,
            "x": r.x,
            "y": r.y,
            "documents": r.documents,
            "entropy": pytest.approx(r.entropy),
            "dominant_category": r.dominant_category,
            "keywords": list(r.keywords),
            "exemplars": list(r.exemplars),
        }
        for r in graph.regions
    }
    assert {row[0]["id"]: row[0] for row in found} == expected
    found = store.read("MATCH (l:Layer {study: $s})-[:PART_OF]->(s:Study {id: $s}) RETURN l.id, l.index", {"s": study})
    assert sorted(found.rows) == [(layer_id(study, layer.index), layer.index) for layer in graph.layers]
    found = store.read(
        "MATCH (c:Category {study: $s})-[:PART_OF]->(:Study) RETURN c.id, c.name, c.documents", {"s": study}
    )
    assert sorted(found.rows) == sorted((category_id(study, c.name), c.name, c.documents) for c in graph.categories)


def test_the_relationships_hold_what_the_arrays_hold(store):
    graph = written(store, planted_graph("arrays", codes=random_codes(200, 5, 7, seed=3), seed=3))
    study, connectome = graph.study.id, graph.connectome
    regions = [region_id(study, region.layer, region.name) for region in graph.regions]
    names = [category.name for category in graph.categories]
    flows, activity = connectome.flows, connectome.activity
    assert table(
        store,
        "MATCH (a:Region)-[e:FLOWS_TO {study: $study}]->(b) RETURN a.id, b.id, e.category, e.weight, e.share, e.lift",
        study,
    ) == sorted(
        (regions[s], regions[t], names[c], int(w), float(share), float(lift))
        for s, t, c, w, share, lift in zip(
            flows.source, flows.target, flows.category, flows.weight, flows.share, flows.lift, strict=True
        )
    )
    assert table(
        store,
        "MATCH (a:Region)-[e:ACTIVATED_BY {study: $study}]->(c) RETURN a.id, c.name, e.documents, e.share, e.lift",
        study,
    ) == sorted(
        (regions[r], names[c], int(n), float(share), float(lift))
        for r, c, n, share, lift in zip(
            activity.region, activity.category, activity.documents, activity.share, activity.lift, strict=True
        )
    )
    assert table(
        store, "MATCH (d:Document {study: $study})-[e:PASSES]->(r) RETURN d.ordinal, e.layer, r.id", study
    ) == sorted(
        (ordinal, layer, regions[region])
        for ordinal, row in enumerate(connectome.placement)
        for layer, region in enumerate(row)
    )
    assert table(store, "MATCH (r:Region {study: $study})-[:IN_LAYER]->(l) RETURN r.id, l.index", study) == sorted(
        (region, node.layer) for region, node in zip(regions, graph.regions, strict=True)
    )


def test_evidence_stands_on_what_was_counted_and_on_what_is_avoided(store: Store) -> None:
    graph = written(store, with_evidence(planted_graph("weighed", codes=random_codes(90, 4, 6, seed=4), seed=4)))
    study, connectome = graph.study.id, graph.connectome
    regions = [region_id(study, region.layer, region.name) for region in graph.regions]
    names = [category.name for category in graph.categories]
    told = "e.effect, e.ci_low, e.ci_high, e.p, e.q, e.finding"
    ways = {1: "more", -1: "less", 0: None}
    for kind, flows in (("FLOWS_TO", connectome.flows), ("AVOIDS", connectome.avoided)):
        more = "e.routing, e.routing_q, e.stability, e.keywords"
        match = f"MATCH (a:Region)-[e:{kind} {{study: $s}}]->(b)"
        found = store.read(f"{match} RETURN a.id, b.id, e.category, e.weight, {told}, {more}", {"s": study})
        expected = {}
        for i in range(len(flows.source)):
            evidence = [getattr(flows.evidence, name)[i] for name in ("effect", "ci_low", "ci_high", "p", "q")]
            stability = None if np.isnan(flows.stability[i]) else flows.stability[i]
            expected[regions[flows.source[i]], regions[flows.target[i]], names[flows.category[i]]] = (
                *(int(flows.weight[i]), *evidence, ways[int(flows.evidence.finding[i])]),
                *(flows.routing[i], flows.routing_q[i], stability, list(flows.keywords[i]) or None),
            )
        assert {row[:3]: row[3:] for row in found.rows} == expected
    activity = connectome.activity
    found = store.read(
        f"MATCH (r:Region)-[e:ACTIVATED_BY {{study: $s}}]->(c) RETURN r.id, c.name, {told}", {"s": study}
    )
    assert {row[:2]: (row[2], row[7]) for row in found.rows} == {
        (regions[r], names[c]): (effect, ways[int(way)])
        for r, c, effect, way in zip(
            *(activity.region, activity.category, activity.evidence.effect, activity.evidence.finding), strict=True
        )
    }
    found = store.read("MATCH (r:Region {study: $s}) RETURN r.id, r.parting_q", {"s": study})
    assert dict(found.rows) == {regions[i]: region.parting_q for i, region in enumerate(graph.regions)}


def test_measures_that_are_known_at_once_are_there_when_the_study_is(store: Store) -> None:
    known = (Measure("divergence", 0.25, 1, p=0.5), Measure("global", 3.0, p=0.01, details={"m": 10}))
    graph = written(store, replace(planted_graph("known"), measures=known))
    assert store.measures(graph.study) == list(known)


def test_counts_are_integers_and_measures_floats(store):
    graph = written(store, planted_graph("types"))
    (row,) = store.read(
        "MATCH (r:Region)-[e:FLOWS_TO {study: $s}]->() RETURN e.weight, e.share, r.documents, r.layer, r.x LIMIT 1",
        {"s": graph.study.id},
    ).rows
    assert [type(value) for value in row] == [int, float, int, int, float]


def test_hostile_strings_come_back_equal_and_do_nothing(store):
    labels = [HOSTILE[i % len(HOSTILE)] for i in range(64)]
    graph = planted_graph("hostile", codes=random_codes(64, 3, 4, 1), categories=labels, texts=HOSTILE * 8, seed=1)
    documents = list(graph.documents)
    bystander = written(store, planted_graph("bystander"))
    before = nodes(store, bystander.study.id)
    written(store, replace(graph, documents=documents))
    found = store.read(
        "MATCH (d:Document {study: $s})-[:IN_CATEGORY]->(c) RETURN d.id, d.title, d.excerpt, d.category, c.name",
        {"s": graph.study.id},
    ).rows
    assert sorted(found) == sorted(
        (document_id(graph.study.id, d.ordinal), decoded(d.title), excerpt(d.text), d.category, d.category)
        for d in documents
    )
    assert {
        name for (name,) in store.read("MATCH (c:Category {study: $s}) RETURN c.name", {"s": graph.study.id}).rows
    } == {*HOSTILE}
    assert nodes(store, bystander.study.id) == before


def test_documents_keep_the_users_ids_where_there_are_any(store):
    graph = planted_graph("ids")
    documents = [replace(d, source_id="mine" if d.ordinal == 0 else None) for d in graph.documents]
    written(store, replace(graph, documents=iter(documents)))
    found = store.read(
        "MATCH (d:Document {study: $s}) RETURN d.ordinal, d.source_id, keys(d)", {"s": graph.study.id}
    ).rows
    assert {row[0]: row[1] for row in found if row[1] is not None} == {0: "mine"}
    assert all(("source_id" in keys) == (ordinal == 0) for ordinal, _, keys in found)


def test_many_batches_load_the_same_as_one(store, monkeypatch):
    graph = planted_graph("batches", codes=random_codes(120, 4, 6, 2), seed=2)
    monkeypatch.setattr(rows, "BATCH", 17)
    told: list[tuple[int, int]] = []
    written(store, graph, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == rows.total(graph)
    weights = store.read("MATCH ()-[e:FLOWS_TO {study: $s}]->() RETURN sum(e.weight)", {"s": graph.study.id}).rows
    assert weights == ((120 * 3,),)
    assert nodes(store, graph.study.id)["Document"] == 120


def test_the_same_study_again_is_unchanged(store):
    graph = written(store, planted_graph("again"))
    before = store.study("again")
    assert store.write(planted_graph("again")) == "unchanged"
    assert store.study("again") == before
    assert nodes(store, graph.study.id)["Document"] == graph.study.documents


def test_a_taken_name_is_refused_and_the_difference_told(store):
    first = written(store, planted_graph("taken", parameters=json.dumps({"clusters": 6})))
    other = planted_graph("taken", seed=9, model="other-model", parameters=json.dumps({"clusters": 8}))
    with pytest.raises(StoreError, match=r"model \(was planted-model, now other-model\).*--replace") as caught:
        store.write(other)
    assert "clusters (was 6, now 8)" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="one study"):
        store.check_name("taken", other.study.id)
    store.check_name("taken", first.study.id)
    store.check_name("taken", other.study.id, replace=True)
    store.check_name("free", other.study.id)
    assert not nodes(store, other.study.id)


def test_a_replaced_study_gives_way_at_once_and_leaves_nothing(store):
    old, new = planted_graph("swap"), planted_graph("swap", seed=7)
    written(store, old)
    ids = {old.study.id, new.study.id}
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            found = store.read("MATCH (s:Study {name: 'swap', status: 'ready'}) RETURN s.id ORDER BY s.id")
            seen.add(tuple(row[0] for row in found.rows))

    watcher = threading.Thread(target=watch)
    watcher.start()
    written(store, new, replace=True)
    done.set()
    watcher.join()
    assert seen <= {(name,) for name in ids}
    assert store.study("swap").id == new.study.id
    assert not nodes(store, old.study.id)
    assert not store.read("MATCH (s:Study {id: $id}) RETURN s", {"id": old.study.id}).rows


def test_delete_removes_exactly_the_study(store):
    doomed, spared = planted_graph("doomed"), planted_graph("spared", seed=5)
    written(store, doomed)
    written(store, spared)
    count = "MATCH (n {study: $s}) OPTIONAL MATCH (n)-[e]-() RETURN count(DISTINCT n), count(e)"
    before = store.read(count, {"s": spared.study.id}).rows
    everything = store.read("MATCH (n) RETURN count(*)").rows[0][0]
    removed = store.delete(store.study("doomed"))
    assert removed == 1 + len(doomed.layers) + len(doomed.categories) + len(doomed.regions) + doomed.study.documents
    assert store.read("MATCH (n) RETURN count(*)").rows[0][0] == everything - removed
    assert store.read(count, {"s": spared.study.id}).rows == before
    with pytest.raises(UsageError, match="doomed"):
        store.study("doomed")
    assert store.delete(doomed.study) == 0


def test_an_unknown_study_tells_near_names(store):
    written(store, planted_graph("papers"))
    with pytest.raises(UsageError, match="papers"):
        store.study("paprs")


def test_a_load_that_fails_leaves_nothing(store):
    graph = planted_graph("broken")

    def documents():
        yield from list(graph.documents)[:10]
        raise ValueError("the corpus is gone")

    with pytest.raises(ValueError, match="the corpus is gone"):
        store.write(replace(graph, documents=documents()))
    assert not nodes(store, graph.study.id)
    assert not store.read("MATCH (s:Study {id: $id}) RETURN s", {"id": graph.study.id}).rows
    written(store, graph)


def test_a_study_that_loads_is_not_seen(store):
    graph = planted_graph("unseen")
    seen = []

    def documents():
        seen.append([study.name for study in store.studies()])
        seen.append(store.is_ready(graph.study.id))
        yield from graph.documents

    written(store, replace(graph, documents=documents()))
    assert "unseen" not in seen[0]
    assert seen[1] is False


def leave(writer, name, number, status="loading", owner=None):
    """What a process left of a load, dead unless another owner is named."""
    writer.run(
        "CREATE (:Study {llm_mri: true, id: $id, name: $name, status: $status, owner: $owner, updated_at: $at})"
        " CREATE (:Document {llm_mri: true, id: $id + '/D0', study: $id})",
        id=f"{name}-{number:08}",
        name=name,
        status=status,
        owner=owner or f"{loading.Owner.of_this_process().host}:999999999:1:dead",
        at=loading._now(),
    )


def test_what_a_load_left_that_died_is_named_and_swept_away(store, writer):
    leave(writer, "swept", 1)
    leave(writer, "swept", 2, "deleting")
    leave(writer, "held", 1, owner=str(loading.Owner.of_this_process()))
    assert {"swept", "held"} <= set(store.unfinished())
    assert (store.sweep("swept"), store.sweep("held")) == (4, 0)
    assert "swept" not in store.unfinished()
    assert not nodes(store, "swept-00000001")
    assert nodes(store, "held-00000001")
    writer.run("MATCH (n) WHERE n.id STARTS WITH 'held-' DETACH DELETE n")


def test_what_a_dead_process_left_of_the_name_is_cleared(store, writer):
    left = planted_graph("leftover", seed=1)
    leave(writer, "leftover", 1)
    leave(writer, "leftover", 2, "deleting")
    written(store, replace(left, study=replace(left.study, id="leftover-00000003")))
    found = store.read("MATCH (s:Study {name: 'leftover'}) RETURN s.id").rows
    assert found == (("leftover-00000003",),)
    assert not nodes(store, "leftover-00000001")
    assert not nodes(store, "leftover-00000002")


def test_a_load_whose_process_is_gone_is_taken_over_at_once(store, writer):
    graph = planted_graph("abandoned")
    writer.run(
        "CREATE (:Study {llm_mri: true, id: $id, name: 'abandoned', status: 'loading', owner: $owner, updated_at: $at})"
        " CREATE (:Document {llm_mri: true, id: $id + '/D0', study: $id, title: 'half'})",
        id=graph.study.id,
        owner=f"{loading.Owner.of_this_process().host}:999999999:1:dead",
        at=loading._now(),
    )
    told = []
    written(store, graph, notify=told.append)
    assert told == []
    assert nodes(store, graph.study.id)["Document"] == graph.study.documents
    assert not store.read("MATCH (d:Document {title: 'half'}) RETURN d").rows


@pytest.mark.once  # it waits
def test_a_load_of_another_host_is_taken_over_after_a_silence(store, writer, monkeypatch):
    graph = planted_graph("elsewhere")
    monkeypatch.setattr("mri_core.store.owner.SILENCE", 2.0)
    writer.run(
        "CREATE (:Study {llm_mri: true, id: $id, name: 'elsewhere', status: 'loading', "
        "owner: 'far:1:1:x', updated_at: $at})",
        id=graph.study.id,
        at=loading._now(),
    )
    told = []
    written(store, graph, notify=told.append)
    assert len(told) == 1
    assert graph.study.id in told[0]


def test_a_loader_that_lost_its_study_writes_no_more(store, writer):
    graph = planted_graph("stolen")

    def documents():
        writer.run("MATCH (s:Study {id: $id}) SET s.owner = 'far:1:1:x'", id=graph.study.id)
        yield from graph.documents

    with pytest.raises(StoreError, match="took stolen-00000000 over"):
        store.write(replace(graph, documents=documents()))
    assert nodes(store, graph.study.id)["Document"] == 0
    writer.run("MATCH (s:Study {id: $id}) SET s.owner = ''", id=graph.study.id)
    written(store, graph)


def test_a_name_that_another_study_took_meanwhile_is_refused_at_the_end(store):
    slow, quick = planted_graph("race"), planted_graph("race", seed=4)

    def documents():
        written(store, quick)
        yield from slow.documents

    with pytest.raises(StoreError, match="became the study race-00000004 meanwhile"):
        store.write(replace(slow, documents=documents()))
    assert store.study("race").id == quick.study.id
    assert not nodes(store, slow.study.id)


@pytest.mark.once
@pytest.mark.parametrize("attempt", [0, *(pytest.param(further, marks=pytest.mark.slow) for further in (1, 2))])
def test_of_two_studies_that_end_at_once_one_gets_the_name(store, engine, attempt):
    graphs = [planted_graph(f"tie-{attempt}", seed=seed) for seed in (1, 2)]
    together = threading.Barrier(2)
    results: list[object] = []

    def load(graph: StudyGraph) -> None:
        def documents():
            yield from graph.documents
            together.wait(20)

        with Store(engine.connect) as own:
            try:
                results.append(own.write(replace(graph, documents=documents())))
            except StoreError as error:
                results.append(type(error))

    threads = [threading.Thread(target=load, args=(graph,)) for graph in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == sorted(["ready", str(StoreError)])
    assert len(store.read("MATCH (s:Study {name: $name}) RETURN s.id", {"name": f"tie-{attempt}"}).rows) == 1


def test_two_loaders_of_one_study_end_with_one_study(store, engine):
    graph = planted_graph("both")
    entered = threading.Event()
    results: list[str] = []
    told: list[str] = []

    def documents():
        entered.set()
        yield from graph.documents
        while not told:
            threading.Event().wait(0.05)

    def second() -> None:
        entered.wait()
        with Store(engine.connect) as own:
            results.append(own.write(planted_graph("both"), notify=told.append))

    thread = threading.Thread(target=second)
    thread.start()
    results.append(store.write(replace(graph, documents=documents())))
    thread.join()
    assert sorted(results) == ["ready", "unchanged"]
    assert len(told) == 1
    assert nodes(store, graph.study.id)["Document"] == graph.study.documents


@pytest.mark.once
@pytest.mark.parametrize(("version", "remedy"), [(SCHEMA_VERSION + 1, "--upgrade"), (SCHEMA_VERSION - 1, "--replace")])
def test_a_study_of_another_schema_is_told_with_what_to_do_and_does_not_hide_the_others(store, writer, version, remedy):
    graph, fine = written(store, planted_graph("other-schema")), written(store, planted_graph("this-schema"))
    writer.run("MATCH (s:Study {id: $id}) SET s.schema_version = $version", id=graph.study.id, version=version)
    assert fine.study.id in {study.id for study in store.studies()}
    assert graph.study.id not in {study.id for study in store.studies()}
    with pytest.raises(StoreError, match=f"with schema {version}.*{remedy}") as caught:
        store.study("other-schema")
    assert [str(error) for error in store.unreadable()] == [str(caught.value)]
    with pytest.raises(StoreError, match="A name belongs to one study"):
        store.write(planted_graph("other-schema", seed=7))
    again = written(store, planted_graph("other-schema", seed=7), replace=True)
    assert store.study("other-schema").id == again.study.id
    assert store.unreadable() == []
    writer.run("MATCH (s:Study {id: $id}) SET s.schema_version = $version", id=again.study.id, version=version)
    assert store.delete(store.study("other-schema", of_any_schema=True)) > 60
    assert store.unreadable() == []
    store.delete(fine.study)


def test_text_that_cannot_be_stored_is_refused_in_one_line(store):
    graph = planted_graph("surrogate")
    documents = [replace(document, title="\ud800") for document in graph.documents]
    with pytest.raises(StoreError, match="refuses"):
        store.write(replace(graph, documents=documents))
    assert not nodes(store, graph.study.id)


def test_numpy_numbers_are_stored_as_numbers(store):
    graph = planted_graph("numpy")
    regions = tuple(replace(r, x=np.float32(r.x), documents=np.int64(r.documents)) for r in graph.regions)
    written(store, replace(graph, regions=regions))
    found = store.read("MATCH (r:Region {study: $s}) RETURN sum(r.documents), min(r.x)", {"s": graph.study.id}).rows
    assert found[0][0] == graph.study.documents * graph.study.layers


@pytest.mark.once
def test_a_name_goes_before_an_id_and_may_not_be_one(store):
    first = written(store, planted_graph("first"))
    named = planted_graph(first.study.id, seed=3)
    with pytest.raises(StoreError, match="not another study's id"):
        store.write(named)
    assert store.study(first.study.id).name == "first"
    store.delete(first.study)
    written(store, named)
    written(store, first)
    assert store.study(first.study.id).seed == 3
    for graph in (named, first):
        store.delete(graph.study)


@pytest.mark.parametrize("limits", [{"max_rows": 0}, {"max_rows": -1}, {"timeout": 0}, {"timeout": float("nan")}])
def test_limits_that_allow_nothing_are_refused(store, limits):
    with pytest.raises(UsageError, match=r"keeps one row|some seconds"):
        store.read("RETURN 1 AS one", **limits)
