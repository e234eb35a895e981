"""A scan of tokens in a store: what is counted of tokens and of texts, told apart, and told of texts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

from mri_core.records.graph import StudyGraph
from mri_core.records.ids import region_id
from mri_core.store import rows
from mri_core.store.checksums import checksum
from mri_core.store.schema import PROPERTIES
from mri_core.store.store import Store
from tests.planted import LENGTHS, planted_graph, planted_tokens


@pytest.fixture(scope="module", params=["labels of texts", "tags of tokens"])
def graph(request: pytest.FixtureRequest, store: Store) -> Iterator[StudyGraph]:
    made = planted_tokens("planted-tokens", tagged=request.param == "tags of tokens", seed=5)
    told: list[tuple[int, int]] = []
    assert store.write(made, progress=lambda done, total: told.append((done, total))) == "ready"
    assert told[-1][0] == told[-1][1] == rows.total(made)
    yield made
    store.delete(made.study)
    assert store.read("MATCH (n {llm_mri: true}) WHERE n.study = $id RETURN count(n)", {"id": made.study.id}).rows == (
        (0,),
    )


def labels(graph: StudyGraph) -> list[str]:
    """The category of each token."""
    names = [category.name for category in graph.categories]
    if graph.labels is not None:
        return [names[label] for label in graph.labels]
    return [list(graph.documents)[text].category for text in graph.texts]


def ways(graph: StudyGraph) -> list[list[str]]:
    """The regions of each token."""
    ids = [region_id(graph.study.id, region.layer, region.name) for region in graph.regions]
    return [[ids[region] for region in way] for way in graph.connectome.placement.tolist()]


def read(store: Store, graph: StudyGraph, statement: str) -> list[tuple]:
    return sorted(store.read(statement, {"study": graph.study.id}, max_rows=10**6).rows)


def test_a_study_says_how_many_tokens_of_how_many_texts_it_has(store: Store, graph: StudyGraph) -> None:
    study = store.study("planted-tokens")
    assert (study.unit, study.tokens, study.documents) == ("token", sum(LENGTHS), len(LENGTHS))
    layers = read(store, graph, "MATCH (l:Layer {study: $study}) RETURN l.index, l.tokens, l.documents")
    assert layers == [(i, sum(LENGTHS), len(LENGTHS) - LENGTHS.count(0)) for i in range(3)]


def test_every_text_is_a_node_also_one_without_tokens(store: Store, graph: StudyGraph) -> None:
    found = read(store, graph, "MATCH (d:Document {study: $study}) RETURN d.ordinal, d.category, d.source_id")
    assert found == [(d.ordinal, d.category or None, d.source_id) for d in graph.documents]


def test_a_category_has_the_tokens_of_its_texts(store: Store, graph: StudyGraph) -> None:
    held = Counter(zip(labels(graph), graph.texts.tolist(), strict=True))
    statement = "MATCH (d:Document {study: $study})-[i:IN_CATEGORY]->(c:Category) RETURN c.name, d.ordinal, i.tokens"
    assert read(store, graph, statement) == sorted((name, text, n) for (name, text), n in held.items())
    told = read(store, graph, "MATCH (c:Category {study: $study}) RETURN c.name, c.tokens, c.documents")
    texts = Counter(name for name, _ in held)
    assert told == sorted((name, n, texts[name]) for name, n in Counter(labels(graph)).items())


def test_a_text_has_one_relationship_to_a_region_that_counts_its_tokens_there(store: Store, graph: StudyGraph) -> None:
    held = Counter(
        (region, text) for way, text in zip(ways(graph), graph.texts.tolist(), strict=True) for region in way
    )
    statement = "MATCH (d:Document {study: $study})-[p:PASSES]->(r:Region) RETURN r.id, d.ordinal, p.tokens"
    assert read(store, graph, statement) == sorted((region, text, n) for (region, text), n in held.items())
    wrong = "MATCH (:Document {study: $study})-[p:PASSES]->(r:Region) WHERE p.layer <> r.layer RETURN r.id"
    assert read(store, graph, wrong) == []


def test_the_tokens_of_a_category_between_two_layers_add_up_to_its_tokens(store: Store, graph: StudyGraph) -> None:
    statement = (
        "MATCH (s:Region {study: $study})-[e:FLOWS_TO]->() "
        "WITH s.layer AS layer, e.category AS name, sum(e.weight) AS n RETURN name, layer, n"
    )
    own = Counter(labels(graph))
    assert read(store, graph, statement) == sorted((name, layer, n) for name, n in own.items() for layer in (0, 1))


def test_a_connection_counts_tokens_and_the_texts_that_they_are_of(store: Store, graph: StudyGraph) -> None:
    tokens: Counter[tuple[str, str, str]] = Counter()
    texts: dict[tuple[str, str, str], set[int]] = {}
    for way, label, text in zip(ways(graph), labels(graph), graph.texts.tolist(), strict=True):
        for source, target in pairwise(way):
            tokens[source, target, label] += 1
            texts.setdefault((source, target, label), set()).add(text)
    statement = (
        "MATCH (s:Region {study: $study})-[e:FLOWS_TO]->(t) "
        "RETURN s.id, t.id, e.category, e.weight, e.documents, e.share"
    )
    own = Counter(labels(graph))
    expected = sorted((*end, n, len(texts[end]), pytest.approx(n / own[end[2]])) for end, n in tokens.items())
    assert read(store, graph, statement) == expected
    avoided = read(store, graph, "MATCH (:Region {study: $study})-[e:AVOIDS]->() RETURN DISTINCT e.weight, e.documents")
    assert avoided == [(0, 0)]


def test_a_region_counts_tokens_and_the_texts_that_they_are_of(store: Store, graph: StudyGraph) -> None:
    placed: dict[tuple[str, str], list[int]] = {}
    whole: dict[str, list[int]] = {}
    for way, label, text in zip(ways(graph), labels(graph), graph.texts.tolist(), strict=True):
        for region in way:
            placed.setdefault((region, label), []).append(text)
            whole.setdefault(region, []).append(text)
    statement = "MATCH (r:Region {study: $study})-[a:ACTIVATED_BY]->(c) RETURN r.id, c.name, a.tokens, a.documents"
    assert read(store, graph, statement) == sorted((*end, len(t), len(set(t))) for end, t in placed.items())
    told = read(store, graph, "MATCH (r:Region {study: $study}) RETURN r.id, r.tokens, r.documents")
    assert told == sorted((region, len(t), len(set(t))) for region, t in whole.items())


def test_an_exemplar_is_told_with_the_text_around_it(store: Store, graph: StudyGraph) -> None:
    found = read(store, graph, "MATCH (r:Region {study: $study}) RETURN r.id, r.exemplars, r.contexts")
    assert [(list(e), list(c)) for _, e, c in found] == [
        (list(region.exemplars), list(region.contexts))
        for region in sorted(graph.regions, key=lambda r: (r.layer, r.name))
    ]


def test_what_holds_within_types_is_on_connections_and_regions(store: Store, graph: StudyGraph) -> None:
    for counted, match in (
        (graph.connectome.flows, "MATCH (:Region {study: $study})-[e:FLOWS_TO]->()"),
        (graph.connectome.activity, "MATCH (:Region {study: $study})-[e:ACTIVATED_BY]->()"),
    ):
        tested = ~np.isnan(counted.within)
        found = read(store, graph, f"{match} WHERE e.within_q IS NOT NULL RETURN e.within, e.within_q")
        expected = sorted(zip(counted.within[tested].tolist(), counted.within_q[tested].tolist(), strict=True))
        assert found == expected
        assert tested.any()
        assert not tested.all()


def test_batches_of_few_relationships_make_the_same_study(
    store: Store, graph: StudyGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = checksum(store, graph.study)
    monkeypatch.setattr(rows, "BATCH", 11)
    made = list(rows.batches(graph))
    assert max(batch.size for batch in made) <= 40  # tokens of the longest text, which goes alone
    assert sum(batch.size for batch in made) == rows.total(graph)
    store.delete(graph.study)
    assert store.write(graph) == "ready"
    assert checksum(store, graph.study) == original


def test_tokens_in_any_order_make_the_same_study(graph: StudyGraph) -> None:
    order = np.random.default_rng(1).permutation(len(graph.texts))
    mixed = replace(
        graph,
        texts=graph.texts[order],
        labels=None if graph.labels is None else graph.labels[order],
        connectome=replace(graph.connectome, placement=graph.connectome.placement[order]),
    )
    made, again = (
        [(batch.statement, batch.rows) for batch in rows.batches(each) if "PASSES" in batch.statement]
        for each in (graph, mixed)
    )
    assert made == again


def test_a_study_of_documents_is_stored_as_it_always_was(store: Store) -> None:
    plain = planted_graph("plain-documents")
    assert not any("tokens" in batch.statement or "within" in batch.statement for batch in rows.batches(plain))
    store.write(plain)
    named = "MATCH (n {llm_mri: true, study: $study}) UNWIND keys(n) AS name RETURN DISTINCT name"
    joined = "MATCH ({llm_mri: true, study: $study})-[e]->() UNWIND keys(e) AS name RETURN DISTINCT name"
    names = {name for statement in (named, joined) for (name,) in read(store, plain, statement)}
    assert not names & {"tokens", "contexts", "within", "within_q"}
    assert store.study("plain-documents").unit == "document"
    store.delete(plain.study)


def test_the_schema_names_every_property_that_a_study_of_tokens_has(store: Store, graph: StudyGraph) -> None:
    for label in ("Study", "Layer", "Category", "Region", "Document"):
        key = "id" if label == "Study" else "study"
        statement = f"MATCH (n:{label} {{{key}: $study}}) UNWIND keys(n) AS name RETURN DISTINCT name"
        named = {name for (name,) in read(store, graph, statement)} - {"llm_mri"}
        assert named <= set(" ".join(PROPERTIES[label]).split())
    for kind in ("FLOWS_TO", "AVOIDS", "ACTIVATED_BY", "IN_CATEGORY", "PASSES"):
        statement = f"MATCH ({{study: $study}})-[e:{kind}]->() UNWIND keys(e) AS name RETURN DISTINCT name"
        assert {name for (name,) in read(store, graph, statement)} <= set(" ".join(PROPERTIES[kind]).split())


def test_a_study_is_read_with_all_that_was_written(store: Store, graph: StudyGraph) -> None:
    found = store.study("planted-tokens")
    loading = {"status", "owner", "updated_at", "revision"}
    for field in fields(found):
        if field.name not in loading:
            assert getattr(found, field.name) == getattr(graph.study, field.name)
