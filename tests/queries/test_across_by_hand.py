"""Two studies side by side: examples that one can follow with a pencil, and where the definitions have edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mri_core.store.store import Store
from queries.catalog import load_catalog
from queries.runner import run
from tests.queries.answers.truth import Truth

pytestmark = pytest.mark.engine

CORPUS, ELSEWHERE = "a" * 64, "b" * 64
SEVEN = ["sky"] * 3 + ["sea"] * 4


def ask(store: Store, name: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows, with regions told without their study and without the columns of keywords."""
    table = run(store, load_catalog(environment={}).get(name), {"study": "deep", "other": "shallow", **values})
    kept = [i for i, column in enumerate(table.columns) if "keywords" not in column]
    return [
        tuple(v.split("/", 1)[-1] if isinstance(v, str) else v for v in (row[i] for i in kept)) for row in table.rows
    ]


@pytest.fixture(scope="module", autouse=True)
def _two_models(store: Store) -> Iterator[None]:
    """Seven documents read by a model of three layers and by one of two, and eight others read by a third."""
    deep = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]])
    shallow = np.array([[0, 0], [0, 0], [0, 0], [0, 1], [1, 1], [1, 1], [1, 2]])
    constant = np.zeros((7, 2), dtype=int)
    made = [
        Truth("deep", deep, SEVEN, corpus_hash=CORPUS),
        Truth("shallow", shallow, SEVEN, corpus_hash=CORPUS),
        Truth("constant", constant, SEVEN, corpus_hash=CORPUS),
        Truth("singles", np.arange(7)[:, None].repeat(2, axis=1), SEVEN, corpus_hash=CORPUS),
        Truth("elsewhere", shallow, ["sea"] * 3 + ["air"] * 4, corpus_hash=ELSEWHERE),
    ]
    for truth in made:
        store.write(truth.graph)
    yield
    for truth in made:
        store.delete(truth.graph.study)


def bits(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_layers_of_unequal_depth_are_aligned_first_with_first_and_last_with_last(store: Store) -> None:
    assert [row[:4] for row in ask(store, "compare-layers")] == [(0, 0, 2, 2), (1, 1, 2, 3), (2, 1, 2, 3)]
    swapped = ask(store, "compare-layers", study="shallow", other="deep")
    assert [row[:4] for row in swapped] == [(0, 0, 2, 2), (1, 2, 3, 2)]


def test_hand_worked_layers_of_two_studies(store: Store) -> None:
    first, second, _ = ask(store, "compare-layers")
    spread, divergence = 2 ** bits(4 / 7), bits((1 + 1 / 4) / 2) - bits(1 / 4) / 2
    assert first[4:7] == pytest.approx((spread, spread, divergence))
    assert second[7] == pytest.approx(1.0)  # sky all in region 0, sea in regions 1 and 2


def test_hand_worked_category_in_two_studies(store: Store) -> None:
    first, second, third = ask(store, "category-across", category="sky")
    assert first == (0, pytest.approx(1.0), "L0/R0", 1.0, 0, pytest.approx(1.0), "L0/R0", 1.0)
    spread = pytest.approx(2 ** bits(1 / 3))
    assert second == (1, spread, "L1/R0", pytest.approx(2 / 3), 1, pytest.approx(1.0), "L1/R0", 1.0)
    assert third[2:4] == ("L2/R1", pytest.approx(2 / 3))


def test_a_category_is_found_under_its_other_name_and_not_where_it_is_missing(store: Store) -> None:
    assert ask(store, "category-across", other="elsewhere", category="sky") == []
    rows = ask(store, "category-across", other="elsewhere", category="sky", versus="air")
    assert [row[6] for row in rows] == ["L0/R1", "L1/R1", "L1/R1"]


def test_hand_worked_matches_of_regions(store: Store) -> None:
    assert ask(store, "matched-regions", layer=0) == [
        ("L0/R0", 0, 4, "L0/R0", 0, 4, 3, pytest.approx(3 / 5)),
        ("L0/R1", 0, 3, "L0/R1", 0, 3, 2, pytest.approx(2 / 4)),
    ]
    assert [row[:1] + row[6:] for row in ask(store, "matched-regions", layer=1)] == [
        ("L1/R1", 3, pytest.approx(3 / 4)),
        ("L1/R0", 2, pytest.approx(2 / 4)),
    ]


def test_of_regions_that_share_equally_many_documents_the_smaller_is_matched(store: Store) -> None:
    rows = ask(store, "matched-regions", layer=2)
    assert [(row[0], row[3], row[6]) for row in rows] == [("L2/R1", "L1/R0", 2), ("L2/R0", "L1/R2", 1)]


def test_hand_worked_agreement(store: Store) -> None:
    first, *_ = ask(store, "agreement")
    together, chance = 3 + 1, 9 * 9 / 21  # pairs of documents: 3 in both first regions, 1 in both second ones
    assert first == (0, 0, 2, 2, pytest.approx((together - chance) / (9 - chance)))
    assert first[4] == pytest.approx(1 / 36)


@pytest.mark.parametrize("study", ["deep", "constant", "singles"])
def test_a_study_agrees_with_itself_wholly(store: Store, study: str) -> None:
    assert {row[4] for row in ask(store, "agreement", study=study, other=study)} == {1.0}
    assert {row[7] for row in ask(store, "matched-regions", study=study, other=study)} == {1.0}


def test_one_region_for_all_agrees_with_nothing(store: Store) -> None:
    assert [row[4] for row in ask(store, "agreement", other="constant")] == [0.0, 0.0, 0.0]
    assert [row[4] for row in ask(store, "agreement", study="singles", other="constant")] == [0.0, 0.0]


@pytest.mark.parametrize("name", ["matched-regions", "agreement"])
def test_documents_of_different_corpora_are_not_matched(store: Store, name: str) -> None:
    assert ask(store, name, other="elsewhere") == []
