"""Every question is asked on the real engine, and answers what an independent computation says."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.records.interventions import OPERATIONS
from mri_core.records.table import Table
from mri_core.store.bolt.driver import Writer
from mri_core.store.matches import Match
from mri_core.store.store import Store
from queries.catalog import Catalog, load_catalog
from queries.runner import run
from tests.engines import Engine
from tests.planted import HOSTILE, planted_graph, random_codes
from tests.queries.answers import ANSWERS
from tests.queries.answers.routes import strongest_route_cost
from tests.queries.answers.truth import Truth, keep
from tests.questions import ABOUT_DOCUMENTS

WITHOUT_ROWS_OF_OUR_OWN = {"studies", "strongest-route", "related-studies"}  # they have tests of their own


def random_truth(seed: int, labels: list[str]) -> Truth:
    """Some documents, layers and regions; categories of different size that prefer different regions."""
    generator = np.random.default_rng(seed)
    documents, layers, regions = (int(n) for n in generator.integers([24, 2, 3], [60, 6, 13]))
    codes = random_codes(documents, layers, regions, seed)
    chosen = (codes[:, 0] + generator.integers(len(labels), size=documents) ** 2 // len(labels)) % len(labels)
    chosen[: len(labels)] = np.arange(len(labels))
    names = [labels[i] for i in chosen]
    texts = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(documents)]
    hashes = {"corpus_hash": f"{seed:064x}", "atlas_hash": f"{seed:064x}"}
    return Truth(f"answers-{seed}", codes, names, texts, seed, **hashes)


def read_again(truth: Truth, seed: int) -> Truth:
    """The same documents, read by another model: other layers, other regions."""
    documents, layers = len(truth.labels), len(truth.layers) + 1
    codes = random_codes(documents, layers, 4, seed)
    return Truth(f"answers-{seed}", codes, truth.labels, seed=seed, corpus_hash=truth.graph.study.corpus_hash)


def placed(truth: Truth, seed: int) -> Truth:
    """The same documents in the same atlas, by a model that puts some of them elsewhere."""
    study, generator = truth.graph.study, np.random.default_rng(seed)
    codes = np.array([[int(region.rpartition("/R")[2]) for region in way] for way in truth.ways])
    moved = np.where(generator.random(codes.shape) < 0.2, generator.permutation(codes), codes)
    hashes = {"corpus_hash": study.corpus_hash, "atlas_hash": study.atlas_hash}
    texts = [document.text for document in truth.documents]
    made = Truth(f"answers-{seed}", moved, truth.labels, texts, seed, **hashes)
    made.margins = generator.integers(0, 4, codes.shape) / 4
    made.graph = replace(made.graph, margins=made.margins)
    return made


def match(store: Store, truth: Truth, other: Truth, seed: int) -> None:
    """Matches some regions with others at random, layer by layer."""
    generator = np.random.default_rng(seed)
    own = truth.matches.setdefault(other.study, {})
    for region in truth.regions:
        partners = [r for r in other.regions if other.layer(r) == min(truth.layer(region), other.layers[-1])]
        if generator.random() < 0.8:
            own[region] = str(generator.choice(partners)), float(generator.integers(1, 8)) / 8
    rows = [Match(region, partner, 3, 0.5, over) for region, (partner, over) in own.items()]
    store.add_matches(truth.graph.study, other.graph.study, rows)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(environment={})


@pytest.fixture(scope="module")
def truths(store: Store) -> Iterator[list[Truth]]:
    """Two random studies, one of hostile labels, and two of the first one's documents, one of them in its atlas."""
    made = [random_truth(31, ["b", "a", "c"]), random_truth(32, ["x", "y"]), random_truth(33, HOSTILE)]
    made += [read_again(made[0], 36), placed(made[0], 37)]
    for truth in made:
        truth.beside.update({other.study: other for other in made})
        keep(store, truth)
    match(store, made[0], made[3], 38)
    match(store, made[4], made[0], 39)
    yield made
    for truth in made:
        store.delete(truth.graph.study)


@pytest.fixture(scope="module")
def by_hand(store: Store) -> Iterator[Truth]:
    """Seven documents whose ways one can follow with a pencil; `sky` three, `sea` four."""
    codes = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]])
    truth = Truth("by-hand", codes, ["sky"] * 3 + ["sea"] * 4)
    store.write(truth.graph)
    yield truth
    store.delete(truth.graph.study)


def choices(truth: Truth, seed: int) -> dict[str, Any]:
    """Some value for each parameter, at random."""
    generator = np.random.default_rng(seed)
    source, target = truth.pairs[generator.integers(len(truth.pairs))]
    category, versus = generator.permutation(truth.categories)[:2]
    layer = int(generator.choice(truth.layers))
    return {
        "region": target,
        "source": source,
        "target": target,
        "category": str(category),
        "versus": str(versus),
        "layer": layer,
        "first_layer": layer // 2,
        "last_layer": layer + 1 if layer + 1 in truth.layers else layer,
        "diagonal": bool(seed % 2),
        "limit": int(generator.integers(1, 9)),
        "other": str(generator.choice(sorted(truth.beside))),
        "least": int(generator.integers(1, 4)),
        "least_difference": 0.02 * (seed % 5),
        "least_part": 0.2 * (seed % 5),
        "most_part": 0.9 - 0.2 * (seed % 4),
        "least_documents": 2 * (seed % 5),
        "least_similarity": 0.15 * (seed % 6),
        "which": ("all", "stand", "fall")[seed % 3],
        "by": ("in", "out", "strength")[seed % 3],
        "document": f"{truth.study}/D{generator.integers(len(truth.labels))}",
        "without": next((c for c in truth.categories if c not in (category, versus)), None),
        "routes": 1 + seed % 4,
        "least_change": 0.04 * seed,
        "least_rho": 0.1 * seed,
        "measure": ("betweenness", "pagerank", "participation")[seed % 3],
        "kind": ("density", "degree_by_layer", "probe")[seed % 3],
        "community": seed % 4,
        "way": ("more", "less")[seed % 2],
        "operation": OPERATIONS[seed % 3],
        "order": ("stability", "interval")[seed % 2],
        "found": seed % 3 != 1,
        "least_stability": 0.3 * (seed % 3),
        "what": ("connections", "moves")[seed % 2],
        "often": 0.7 + 0.05 * seed,
        "seldom": 0.1 * seed,
        "most_q": 0.25 * (1 + seed % 4),
        "factor": ("topic", "register", "nothing")[seed % 3],
        "text": ("ID-1", "EMOJI", "<img", "7 * 7")[seed % 4],
        "skip": seed % 5,
        "word": truth.regions[target].keywords[0].upper(),
    }


def assert_same(table: Table, expected: list[tuple[Any, ...]]) -> None:
    assert len(table.rows) == len(expected)
    for row, wanted in zip(table.rows, expected, strict=True):
        for value, want in zip(row, wanted, strict=True):
            if isinstance(want, (float, Fraction)):
                assert isinstance(value, float)
                assert math.isclose(value, want, rel_tol=1e-9, abs_tol=1e-12), (row, wanted)
            else:
                assert value == want, (row, wanted)


def test_every_question_has_an_answer_to_be_compared_with() -> None:
    assert {template.name for template in ABOUT_DOCUMENTS} == ANSWERS.keys() | WITHOUT_ROWS_OF_OUR_OWN


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_with_what_it_requires_alone_a_question_answers_with_its_defaults(
    store: Store, catalog: Catalog, truths: list[Truth], name: str
) -> None:
    template = catalog.get(name)
    required = [p.name for p in template.parameters if p.required and p.name != "study"]
    for truth in truths:
        values = {key: value for key, value in choices(truth, seed=0).items() if key in required}
        table = run(store, template, {"study": truth.study, **values})
        assert table.columns == tuple(column.name for column in template.returns if column.unit != "token")
        assert_same(table, ANSWERS[name](truth, **values))


@pytest.mark.once
@pytest.mark.parametrize("seed", [0, *(pytest.param(further, marks=pytest.mark.slow) for further in (1, 2, 3))])
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_with_any_of_its_parameters_a_question_answers_what_they_ask(
    store: Store, catalog: Catalog, truths: list[Truth], name: str, seed: int
) -> None:
    template = catalog.get(name)
    generator = np.random.default_rng(seed)
    given = [p.name for p in template.parameters if p.name != "study" and (p.required or generator.random() < 0.6)]
    for truth in truths:
        values = {key: value for key, value in choices(truth, seed).items() if key in given}
        typed = {key: str(value).lower() if isinstance(value, bool) else value for key, value in values.items()}
        table = run(store, template, {"study": truth.graph.study.name, **typed})
        assert_same(table, ANSWERS[name](truth, **values))


@pytest.mark.once
def test_the_strongest_route_is_as_probable_as_the_best_that_dijkstra_finds(
    store: Store, catalog: Catalog, truths: list[Truth]
) -> None:
    for truth in truths:
        for category in truth.categories:
            rows = run(store, catalog.get("strongest-route"), {"study": truth.study, "category": category}).records()
            assert [row["layer"] for row in rows] == list(truth.layers)
            cost = -sum(math.log(row["chance"]) for row in rows)
            assert math.isclose(cost, strongest_route_cost(truth, category), abs_tol=1e-9)


@pytest.mark.once
def test_each_step_of_the_strongest_route_tells_the_documents_that_take_it(
    store: Store, catalog: Catalog, truths: list[Truth]
) -> None:
    for truth in truths:
        category = truth.categories[0]
        rows = run(store, catalog.get("strongest-route"), {"study": truth.study, "category": category}).records()
        route = [row["region"] for row in rows]
        weights = [truth.inside[route[0], category], *(truth.weight(s, t, category) for s, t in pairwise(route))]
        before = [truth.sizes[category], *(truth.inside[r, category] for r in route[:-1])]
        assert [row["weight"] for row in rows] == weights
        assert [row["chance"] for row in rows] == pytest.approx([w / n for w, n in zip(weights, before, strict=True)])
        assert [row["share"] for row in rows] == pytest.approx([w / truth.sizes[category] for w in weights])
        assert [row["keywords"] for row in rows] == list(truth.words(*route))


def ask(store: Store, catalog: Catalog, name: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows, with regions told without their study and without the columns of keywords."""
    table = run(store, catalog.get(name), {"study": "by-hand", **values})
    kept = [i for i, column in enumerate(table.columns) if "keywords" not in column]
    prefix = "by-hand-00000000/"
    return [
        tuple(row[i].removeprefix(prefix) if isinstance(row[i], str) else row[i] for i in kept) for row in table.rows
    ]


def test_hand_worked_drivers(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    assert ask(store, catalog, "drivers", region="L1/R1") == [
        ("L0/R1", "L1/R1", 3, 0.75),
        ("L0/R0", "L1/R1", 1, 0.25),
    ]
    assert ask(store, catalog, "drivers", region="L0/R0") == []


def test_hand_worked_exclusive_connections(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    assert ask(store, catalog, "exclusive-connections", category="sea") == [
        ("L0/R1", "L1/R1", 0, 3, 0.75),
        ("L1/R1", "L2/R0", 1, 1, 0.25),
    ]


def test_hand_worked_comparison(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    rows = ask(store, catalog, "compare-categories", category="sky", versus="sea", layer=0)
    assert [row[:3] for row in rows] == [("L0/R1", "L1/R1", 0), ("L0/R0", "L1/R0", 0), ("L0/R0", "L1/R1", 0)]
    assert [row[3] for row in rows] == pytest.approx([-3 / 4, 2 / 3 - 1 / 4, 1 / 3])


def test_hand_worked_telling_connections(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    first, second, *_ = ask(store, catalog, "telling-connections")
    assert first[:10] == ("L0/R1", "L1/R1", 0, 3, 0.75, "sea", 0.75, "sky", 0.0, None)
    assert second[:4] == ("L0/R0", "L1/R0", 0, 3)
    assert second[4] == pytest.approx(2 / 3 - 1 / 4)


def test_hand_worked_strongest_route(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    assert ask(store, catalog, "strongest-route", category="sea") == [
        (0, "L0/R1", 3, 0.75, 0.75),
        (1, "L1/R1", 3, 0.75, 1.0),
        (2, "L2/R1", 2, 0.5, pytest.approx(2 / 3)),
    ]


def test_hand_worked_hubs_have_nothing_in_at_the_first_layer(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    assert ask(store, catalog, "hubs")[0] == ("L1/R1", 1, 8, 4, 4, 2, 2)
    assert ask(store, catalog, "hubs", layer=0) == [("L0/R0", 0, 4, 0, 4, 0, 2), ("L0/R1", 0, 3, 0, 3, 0, 1)]


def test_hand_worked_divergence_is_the_entropy_that_knowing_the_category_takes_away(
    store: Store, catalog: Catalog, by_hand: Truth
) -> None:
    def bits(p: float) -> float:
        return -p * math.log2(p) - (1 - p) * math.log2(1 - p)

    first = ask(store, catalog, "divergence")[0]  # sky all in region 0, sea 1/4 there
    assert first[:2] == (0, "embedding")
    assert first[2:] == pytest.approx((bits((1 + 1 / 4) / 2) - bits(1 / 4) / 2, 1.0))


def test_hand_worked_documents(store: Store, catalog: Catalog, by_hand: Truth) -> None:
    rows = ask(store, catalog, "documents-of-connection", source="L0/R1", target="L1/R1")
    assert [(row[0], row[4]) for row in rows] == [("D3", 2), ("D4", 2), ("D5", 1)]
    rows = ask(store, catalog, "documents-of-region", region="L2/R1")
    assert [(row[0], row[4]) for row in rows] == [("D3", 1), ("D2", 2), ("D1", 3), ("D4", None)]


def test_documents_that_hold_a_connection_s_words_come_first(store: Store, catalog: Catalog) -> None:
    texts = ["a day", "a Birthday", "happy birthday", "a year", "no", "one"]
    graph = planted_graph("words", codes=np.zeros((6, 2), dtype=int), categories=["a", "b"] * 3, texts=texts, seed=5)
    told = replace(graph.connectome.flows, keywords=(("happy", "birthday"),) * 2)
    store.write(replace(graph, connectome=replace(graph.connectome, flows=told)))
    ends = {"study": graph.study.id, "source": "L0/R0", "target": "L1/R0"}
    rows = run(store, catalog.get("documents-of-connection"), ends).records()
    store.delete(graph.study)
    assert [row["words"] for row in rows] == [2, 1, 0, 0, 0, 0]
    assert [row["excerpt"] for row in rows] == [texts[i] for i in (2, 1, 0, 3, 4, 5)]


@pytest.mark.once
def test_studies_tells_the_ready_ones_by_name(store: Store, catalog: Catalog, truths: list[Truth]) -> None:
    rows = run(store, catalog.get("studies"), {}).records()
    told = {row["study"]: row for row in rows}
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    for truth in truths:
        row = told[truth.study]
        assert (row["documents"], row["categories"]) == (len(truth.labels), len(truth.categories))
        assert (row["layers"], row["regions"]) == (len(truth.layers), len(truth.regions))
        assert row["connections"] == len(truth.taken)


@pytest.mark.once
def test_the_same_question_twice_gives_the_same_rows(store: Store, catalog: Catalog, truths: list[Truth]) -> None:
    template, values = catalog.get("telling-connections"), {"study": truths[2].study, "category": HOSTILE[2]}
    assert run(store, template, values) == run(store, template, values)


def is_json(value: object) -> bool:
    """Whether it is a text of a list or an object."""
    try:
        return isinstance(value, str) and isinstance(json.loads(value), list | dict)
    except ValueError:
        return False


@pytest.mark.once
def test_no_answer_holds_json_in_a_text(store: Store, truths: list[Truth]) -> None:
    assert is_json('{"tests": 90}')
    for template in ABOUT_DOCUMENTS:
        known = {**choices(truths[0], 0), "study": truths[0].study}
        values = {p.name: known[p.name] for p in template.parameters if p.required}
        rows = run(store, template, values).rows
        assert not [value for row in rows for value in row if is_json(value)], template.name


@pytest.mark.once  # every statement again, by the same condition
def test_no_question_sees_a_study_that_is_loading(store: Store, engine: Engine, catalog: Catalog) -> None:
    truth = random_truth(34, ["a", "b"])
    keep(store, truth)
    writer = Writer(engine.connect())
    try:
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'loading'", id=truth.study)
        for template in catalog:
            choice = {**choices(truth, 0), "study": truth.study}
            values = {p.name: choice[p.name] for p in template.parameters}
            rows = store.read(template.statement, values).rows
            if not values:
                assert truth.study not in str(rows)
            else:
                assert rows == (), template.name
                with pytest.raises(UsageError, match="No study is called"):
                    run(store, template, values)
    finally:
        writer.close()
        store.delete(truth.graph.study)
