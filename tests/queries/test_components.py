"""A study of components: what moves together is told with its sign, and no question counts documents where none are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from mri_core.records.graph import StudyGraph
from mri_core.store.checksums import checksum
from mri_core.store.store import Store
from queries.runner import run
from tests.planted import planted_components
from tests.queries.answers.truth import Truth
from tests.queries.test_answers import choices, random_truth
from tests.questions import ABOUT_DOCUMENTS, CATALOG

pytestmark = pytest.mark.engine

LABELS = [("sky", "sea", "land")[i % 3] for i in range(60)] + ["few"] * 3
OF_ANY_STUDY = {
    "categories",
    "documents",
    "findings-by-layer",
    "layer-measures",
    "layers",
    "measures",
    "overview",
    "provenance",
    "regions",
    "regions-by-keyword",
    "related-studies",
}
OWN = OF_ANY_STUDY | {"studies", "components"}


def scores() -> np.ndarray:
    """Four layers of three components that move together by category, some against one another."""
    generator = np.random.default_rng(7)
    shared = generator.normal(size=(63, 1, 3))
    made = np.round(shared + 0.8 * generator.normal(size=(63, 4, 3)), 1)  # with ties
    made[::3, 2] *= -1
    return made


@pytest.fixture(scope="module")
def graph(store: Store) -> Iterator[StudyGraph]:
    made = planted_components(scores=scores(), categories=LABELS, threshold=0.2)
    store.write(made)
    yield made
    store.delete(made.study)


@pytest.fixture(scope="module")
def beside(store: Store, graph: StudyGraph) -> Iterator[Truth]:
    """A study of clusters of the same documents."""
    made = Truth("beside-moving", np.zeros((63, 4), dtype=int), LABELS, corpus_hash=graph.study.corpus_hash)
    store.write(made.graph)
    yield made
    store.delete(made.graph.study)


def expected(study: str, least: float = 0.2) -> list[tuple[Any, ...]]:
    """By SciPy, category by category."""
    rows, labels, made = [], np.array(LABELS), scores()
    for category in ("land", "sea", "sky"):
        inside = made[labels == category]
        for layer, a, b in np.ndindex(3, 3, 3):
            rho = float(spearmanr(inside[:, layer, a], inside[:, layer + 1, b]).statistic)
            if abs(rho) > least:
                ends = (f"{study}/L{layer}/R{a}", f"{study}/L{layer + 1}/R{b}")
                words = ([f"word{a}", f"layer{layer}"], [f"word{b}", f"layer{layer + 1}"])
                rows.append((*ends, layer, category, rho, 20, *words))
    return sorted(rows, key=lambda row: (-round(abs(row[4]) * 1e9), row[2], *row[:2], row[3]))


def ask(store: Store, template: str, **values: object) -> list[tuple[Any, ...]]:
    return list(run(store, CATALOG.get(template), values).rows)


def same(rows: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]]) -> None:
    assert [(*row[:4], *row[5:]) for row in rows] == [(*row[:4], *row[5:]) for row in wanted]
    assert [row[4] for row in rows] == pytest.approx([row[4] for row in wanted])


def test_components_are_told_with_the_sign_of_what_moves_together(store: Store, graph: StudyGraph) -> None:
    wanted = expected(graph.study.id)
    same(ask(store, "components", study="moving"), wanted)
    assert min(row[4] for row in wanted) < -0.3 < 0.3 < max(row[4] for row in wanted)


def test_components_are_asked_for_by_category_layer_component_and_size_of_rho(store: Store, graph: StudyGraph) -> None:
    wanted, region = expected(graph.study.id), f"{graph.study.id}/L2/R1"
    same(ask(store, "components", study="moving", category="sea"), [row for row in wanted if row[3] == "sea"])
    same(ask(store, "components", study="moving", layer=1), [row for row in wanted if row[2] == 1])
    same(ask(store, "components", study="moving", region="L2/R1"), [row for row in wanted if region in row[:2]])
    same(ask(store, "components", study="moving", least_rho=0.5), [row for row in wanted if abs(row[4]) >= 0.5])
    same(ask(store, "components", study="moving", limit=4), wanted[:4])
    assert ask(store, "components", study="moving", category="few") == []


def test_layers_and_regions_tell_what_components_have_and_nothing_of_documents(store: Store, graph: StudyGraph) -> None:
    layers = run(store, CATALOG.get("layers"), {"study": "moving"}).records()
    assert [(row["layer"], row["regions"], row["explained_variance"]) for row in layers] == [
        (i, 3, 0.9) for i in range(4)
    ]
    assert {row[key] for row in layers for key in ("documents", "effective_regions", "entropy")} == {None}
    regions = run(store, CATALOG.get("regions"), {"study": "moving"}).records()
    assert [(row["layer"], row["name"], row["x"]) for row in regions] == [
        (i // 3, str(i % 3), i % 3) for i in range(12)
    ]
    absent = ("documents", "dominant_category", "entropy", "share", "lift")
    assert {row[key] for row in regions for key in absent} == {None}
    assert ask(store, "regions", study="moving", category="sky") == []
    assert len(ask(store, "regions-by-keyword", study="moving", word="WORD2")) == 4


def test_an_overview_has_no_most_telling_layer(store: Store, graph: StudyGraph) -> None:
    facts = dict(ask(store, "overview", study="moving"))
    assert facts["atlas"] == "components"
    assert facts["documents of a category"] == "3 to 20"
    assert facts["connections, once for each category"] == str(len(expected(graph.study.id)))
    assert "most telling layer" not in facts


@pytest.mark.parametrize("name", sorted({template.name for template in ABOUT_DOCUMENTS} - OWN))
@pytest.mark.parametrize("seed", range(2))
def test_a_question_about_documents_in_regions_has_no_rows(
    store: Store, graph: StudyGraph, beside: Truth, name: str, seed: int
) -> None:
    study, template = graph.study.id, CATALOG.get(name)
    picked = choices(random_truth(31, ["a", "b"]), seed)
    own = {
        "region": f"{study}/L2/R1",
        "source": f"{study}/L1/R0",
        "target": f"{study}/L2/R1",
        "category": "sky",
        "versus": "sea",
        "without": "land",
        "document": f"{study}/D4",
        "layer": 1,
        "first_layer": 0,
        "last_layer": 3,
        "other": beside.study,
        **dict.fromkeys(("least", "least_documents"), 1),
        **dict.fromkeys(("least_part", "least_difference", "least_similarity", "least_change"), 0.0),
    }
    given = [p.name for p in template.parameters if p.name != "study" and (p.required or seed)]
    assert ask(store, name, study=study, **{key: {**picked, **own}[key] for key in given}) == []


@pytest.mark.parametrize("name", ["agreement", "matched-regions", "compare-layers", "category-across"])
def test_components_beside_clusters_have_nothing_to_compare(
    store: Store, graph: StudyGraph, beside: Truth, name: str
) -> None:
    more = {"category": "sky"} if name == "category-across" else {}
    for study, other in ((graph.study.id, beside.study), (beside.study, graph.study.id)):
        assert ask(store, name, study=study, other=other, **more) == []
    assert ask(store, name, study=beside.study, other=beside.study, **more) != []


def test_what_a_component_has_not_is_absent_in_the_graph(store: Store, graph: StudyGraph) -> None:
    def keys(statement: str) -> set[str]:
        return {key for (row,) in store.read(statement, {"study": graph.study.id}).rows for key in row}

    region = keys("MATCH (r:Region {study: $study}) RETURN [k IN keys(r) WHERE r[k] IS NOT NULL]")
    assert region == {"id", "llm_mri", "study", "layer", "name", "x", "y", "keywords", "exemplars"}
    flow = keys("MATCH (:Region {study: $study})-[e:FLOWS_TO]->() RETURN [k IN keys(e) WHERE e[k] IS NOT NULL]")
    assert flow == {"study", "category", "weight"}
    statement = "MATCH (:Region {study: $study})-[e]-() RETURN DISTINCT [type(e)]"
    assert keys(statement) == {"IN_LAYER", "FLOWS_TO"}


def test_a_study_of_components_has_a_checksum_and_is_deleted_whole(store: Store) -> None:
    made = planted_components("doomed", scores=scores(), categories=LABELS, seed=3)
    store.write(made)
    assert len(checksum(store, store.study("doomed"))) == 64
    store.delete(made.study)
    for label in ("Region", "Document", "Layer", "Category"):
        assert store.read(f"MATCH (n:{label} {{study: $study}}) RETURN n", {"study": made.study.id}).rows == ()
