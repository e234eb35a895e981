"""Patterns of a few regions: examples that one can follow with a pencil, and where the definitions have edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mri_core.store.store import Store
from queries.catalog import load_catalog
from queries.runner import run
from tests.queries.answers.truth import Truth

pytestmark = pytest.mark.engine

TRIANGLES = [[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]]
CHAINS = [[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 2], [2, 2, 2, 1]]
EXCHANGE = [[0, 0], [0, 0], [1, 1], [1, 1], [0, 1], [0, 1], [1, 0], [1, 1]]


def ask(store: Store, name: str, study: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows, with regions told without their study and without the columns of keywords."""
    table = run(store, load_catalog(environment={}).get(name), {"study": study, **values})
    kept = [i for i, column in enumerate(table.columns) if "keywords" not in column]
    return [
        tuple(v.split("/", 1)[-1] if isinstance(v, str) else v for v in (row[i] for i in kept)) for row in table.rows
    ]


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    made = [
        Truth("turns", np.array(TRIANGLES), ["sky"] * 3 + ["sea"] * 4),
        Truth("runs", np.array(CHAINS), ["sea", "sea", "sky", "sea", "sea"]),
        Truth("exchange", np.array(EXCHANGE), ["sky"] * 4 + ["sea"] * 4),
    ]
    for truth in made:
        store.write(truth.graph)
    yield
    for truth in made:
        store.delete(truth.graph.study)


def test_hand_worked_triangles(store: Store) -> None:
    rows = ask(store, "triangles", "turns")
    assert [row[:6] for row in rows] == [
        ("L0/R0", "L1/R0", "L2/R0", 0, 2, 2),
        ("L0/R1", "L1/R1", "L2/R1", 0, 2, 2),
    ]
    expected = [3 * 2 / 3, 3 * 3 / 4]
    assert [row[6:] for row in rows] == [pytest.approx((e, 2 - e, 2 / e)) for e in expected]


def test_documents_that_go_from_the_first_to_the_last_by_another_region_are_counted_across(store: Store) -> None:
    rows = ask(store, "triangles", "turns", least=1)
    told = {row[:3]: row[4:6] for row in rows}
    assert told["L0/R0", "L1/R0", "L2/R1"] == (1, 2)
    assert told["L0/R0", "L1/R1", "L2/R1"] == (1, 2)
    assert [row[7] for row in rows] == pytest.approx([1 / 4, 1 / 4, 0, 0, -1 / 4])


def test_a_triangle_of_a_category_counts_its_documents_alone(store: Store) -> None:
    (row,) = ask(store, "triangles", "turns", category="sea")
    assert row[:6] == ("L0/R1", "L1/R1", "L2/R1", 0, 2, 2)
    assert row[6] == pytest.approx(3 * 2 / 3)


def test_a_triangle_needs_two_more_layers(store: Store) -> None:
    assert ask(store, "triangles", "turns", layer=1, least=1) == []
    assert ask(store, "triangles", "exchange", least=1) == []


def test_hand_worked_chains_are_told_step_by_step_the_longest_first(store: Store) -> None:
    assert ask(store, "chains", "runs") == [
        ("L0/R2", 3, 1, 0, "L0/R2", "L1/R2"),
        ("L0/R2", 3, 1, 1, "L1/R2", "L2/R2"),
        ("L0/R2", 3, 1, 2, "L2/R2", "L3/R1"),
        ("L0/R0", 2, 2, 0, "L0/R0", "L1/R0"),
        ("L0/R0", 2, 2, 1, "L1/R0", "L2/R0"),
        ("L0/R1", 2, 2, 0, "L0/R1", "L1/R1"),
        ("L0/R1", 2, 2, 1, "L1/R1", "L2/R1"),
    ]


def test_the_limit_counts_chains_and_leaves_none_half_told(store: Store) -> None:
    assert [row[0] for row in ask(store, "chains", "runs", limit=2)] == ["L0/R2"] * 3 + ["L0/R0"] * 2


def test_a_chain_of_a_category_looks_at_its_documents_alone(store: Store) -> None:
    rows = ask(store, "chains", "runs", category="sky", least=3)
    assert [row[3:] for row in rows] == [(0, "L0/R1", "L1/R1"), (1, "L1/R1", "L2/R1"), (2, "L2/R1", "L3/R0")]
    assert ask(store, "chains", "runs", least=4) == []


def test_hand_worked_reciprocal_specialisation(store: Store) -> None:
    ends = (0, "L0/R0", "L0/R1", "L1/R0", "L1/R1")
    differences = (1 / 2, 1 / 2 - 1 / 4, -1 / 2, -1 / 4)
    rows = ask(store, "reciprocal-specialisation", "exchange", category="sky", versus="sea")
    assert rows == [(*ends, 1 / 4, *differences)]


def test_the_other_category_sees_the_same_exchange_the_other_way_round(store: Store) -> None:
    rows = ask(store, "reciprocal-specialisation", "exchange", category="sea", versus="sky")
    assert rows == [(0, "L0/R0", "L0/R1", "L1/R1", "L1/R0", 1 / 4, 1 / 2, 1 / 4, -1 / 2, -1 / 4)]


@pytest.mark.parametrize(("least", "rows"), [(0.0, 1), (0.25, 1), (0.26, 0)])
def test_every_difference_of_an_exchange_is_at_least_the_least(store: Store, least: float, rows: int) -> None:
    values = {"category": "sky", "versus": "sea", "least_difference": least}
    assert len(ask(store, "reciprocal-specialisation", "exchange", **values)) == rows
