"""Connections and routes: examples that one can follow with a pencil, and where the definitions have edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mri_core.store.store import Store
from queries.runner import run
from tests.queries.answers.truth import Truth
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

SKY = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 0, 1]]
SEA = [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 1, 0, 1]]
SUN = [[1, 0, 0, 0], [1, 1, 0, 1]]
APART = [[0, 0], [0, 1], [1, 2], [2, 2]]
OVERFLOWING = 1030  # layers of two regions, all joined with all: 2^1030 routes are more than a float can count
PARAMETERS: dict[str, dict[str, Any]] = {
    "shared-connections": {},
    "missing-connections": {"category": "sky"},
    "convergent": {},
    "divergent": {},
    "routes-of-both": {"category": "sky", "versus": "sea", "least": 1},
}


def ask(store: Store, name: str, study: str = "roads", **values: object) -> list[tuple[Any, ...]]:
    """The rows, with regions told without their study and without the columns of keywords."""
    table = run(store, CATALOG.get(name), {"study": study, **values})
    kept = [i for i, column in enumerate(table.columns) if "keywords" not in column]
    return [
        tuple(v.split("/", 1)[-1] if isinstance(v, str) else v for v in (row[i] for i in kept)) for row in table.rows
    ]


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    made = [
        Truth("roads", np.array(SKY + SEA + SUN), ["sky"] * 4 + ["sea"] * 4 + ["sun"] * 2),
        Truth("apart", np.array(APART), ["sky", "sky", "sea", "sea"]),
        Truth("alone", np.array(SKY), ["sky"] * 4),
        Truth("flat", np.array([[0], [1], [1]]), ["sky", "sky", "sea"]),
    ]
    for truth in made:
        store.write(truth.graph)
    yield
    for truth in made:
        store.delete(truth.graph.study)


def test_hand_worked_shared_connections(store: Store) -> None:
    mean = pytest.approx(5 / 12)
    assert ask(store, "shared-connections") == [
        ("L0/R1", "L1/R1", 0, 0.25, "sky", mean, 4),
        ("L1/R0", "L2/R0", 1, 0.25, "sea", mean, 4),
        ("L1/R1", "L2/R0", 1, 0.25, "sea", mean, 4),
        ("L2/R0", "L3/R0", 2, 0.25, "sea", mean, 4),
        ("L2/R0", "L3/R1", 2, 0.25, "sea", mean, 4),
    ]


def test_hand_worked_missing_connections(store: Store) -> None:
    assert ask(store, "missing-connections", category="sun") == [
        ("L0/R0", "L1/R0", 0, 0.5, 1.0, 2, 4),
        ("L2/R1", "L3/R1", 2, 0.25, 0.5, 1, 2),
        ("L0/R0", "L1/R1", 0, 0.125, 0.25, 1, 1),
        ("L1/R0", "L2/R1", 1, 0.125, 0.25, 1, 1),
        ("L1/R1", "L2/R1", 1, 0.125, 0.25, 1, 1),
    ]
    assert ask(store, "missing-connections", category="sun", versus="sky") == [
        ("L0/R0", "L1/R0", 0, 0.5, 1.0, 1, 2),
        ("L0/R0", "L1/R1", 0, 0.25, 0.5, 1, 1),
    ]


def test_hand_worked_convergent_and_divergent_regions(store: Store) -> None:
    assert ask(store, "convergent", category="sky", limit=3) == [
        ("L2/R0", 2, pytest.approx(2), 2, 4),
        ("L1/R1", 1, pytest.approx(2), 2, 2),
        ("L1/R0", 1, pytest.approx(1), 1, 2),
    ]
    assert ask(store, "divergent", category="sky", limit=3) == [
        ("L2/R0", 2, pytest.approx(2), 2, 4),
        ("L0/R0", 0, pytest.approx(3 / 2 ** (2 / 3)), 2, 3),
        ("L1/R0", 1, pytest.approx(1), 1, 2),
    ]
    assert ask(store, "convergent", layer=0) == ask(store, "divergent", layer=3) == []


def test_hand_worked_bottlenecks(store: Store) -> None:
    """Of the six routes of `sky` two begin 0-0, two 0-1, two 1-1; all pass the one region in layer 2, half end in 0."""
    assert ask(store, "bottlenecks", category="sky") == [
        ("L2/R0", 2, 1.0, 1.0, 4, 0),
        ("L0/R0", 0, pytest.approx(4 / 6), 0.75, 3, 1),
        ("L1/R1", 1, pytest.approx(4 / 6), 0.5, 2, 1),
        ("L3/R0", 3, pytest.approx(3 / 6), 0.5, 2, 1),
        ("L3/R1", 3, pytest.approx(3 / 6), 0.5, 2, 1),
        ("L1/R0", 1, pytest.approx(2 / 6), 0.5, 2, 1),
        ("L0/R1", 0, pytest.approx(2 / 6), 0.25, 1, 1),
    ]


@pytest.mark.slow  # a graph of many layers
@pytest.mark.once
def test_bottlenecks_are_told_where_there_are_more_routes_than_a_float_can_count(store: Store) -> None:
    ends = np.indices((2, 2)).reshape(2, -1).T
    truth = Truth("many", np.tile(ends, OVERFLOWING // 2), ["sky"] * 4)
    store.write(truth.graph)
    rows = ask(store, "bottlenecks", "many", category="sky", limit=5000)
    store.delete(truth.graph.study)
    assert len(rows) == 2 * OVERFLOWING
    assert [row[2:] for row in rows] == [(pytest.approx(0.5), 0.5, 2, 1)] * len(rows)


def test_hand_worked_route_of_a_document(store: Store) -> None:
    assert ask(store, "route-of-document", document="D2") == [
        (0, "L0/R0", 3, 0.75, 0.75),
        (1, "L1/R1", 1, 0.25, pytest.approx(1 / 3)),
        (2, "L2/R0", 2, 0.5, 1.0),
        (3, "L3/R1", 2, 0.5, 0.5),
    ]


def test_hand_worked_routes_of_both(store: Store) -> None:
    assert ask(store, "routes-of-both", category="sky", versus="sea") == [
        ("L0/R0", "L1/R0", 0, 3, 0.5, 0.5, 2, 2),
        ("L0/R1", "L1/R1", 0, 3, 0.25, 0.5, 1, 2),
        ("L1/R0", "L2/R0", 1, 3, 0.5, 0.25, 2, 1),
        ("L1/R1", "L2/R0", 1, 3, 0.5, 0.25, 2, 1),
        ("L2/R0", "L3/R0", 2, 3, 0.5, 0.25, 2, 1),
        ("L2/R0", "L3/R1", 2, 3, 0.5, 0.25, 2, 1),
    ]
    assert ask(store, "routes-of-both", category="sky", versus="sea", without="sun") == []
    assert ask(store, "routes-of-both", category="sky", versus="sea", without="sun", least=1) == [
        ("L0/R0", "L1/R0", 0, 1, 0.5, 0.5, 2, 2),
    ]


def test_hand_worked_partings(store: Store) -> None:
    assert ask(store, "partings", category="sky", versus="sea") == [
        (0, "embedding", 0.75, None, "", "L0/R0", "L0/R0", "L0/R1"),
        (1, "block 1", 1.0, 0.25, "meet", "L1/R0", None, None),
        (2, "block 2", 0.5, -0.5, "part", "L2/R0", "L2/R0", "L2/R1"),
        (3, "block 3", 0.75, 0.25, "meet", "L3/R1", "L3/R0", "L3/R1"),
    ]
    rows = ask(store, "partings", category="sky", versus="sea", least_change=0.3)
    assert [row[4] for row in rows] == ["", "", "part", ""]


def test_categories_that_share_no_region_have_no_overlap(store: Store) -> None:
    assert ask(store, "partings", "apart", category="sky", versus="sea", least_change=0) == [
        (0, "embedding", 0.0, None, "", None, "L0/R0", "L0/R1"),
        (1, "block 1", 0.0, 0.0, "", None, "L1/R0", "L1/R2"),
    ]
    assert ask(store, "routes-of-both", "apart", category="sky", versus="sea", least=1) == []
    assert ask(store, "shared-connections", "apart") == []


def test_hand_worked_routes_through_a_region(store: Store) -> None:
    rows = ask(store, "routes-through-region", region="L3/R0", category="sky", routes=1)
    assert rows == [
        (1, 0, "L0/R0", 3, 0.75, 0.75, pytest.approx(1 / 4)),
        (1, 1, "L1/R0", 2, 0.5, pytest.approx(2 / 3), pytest.approx(1 / 4)),
        (1, 2, "L2/R0", 2, 0.5, 1.0, pytest.approx(1 / 4)),
        (1, 3, "L3/R0", 2, 0.5, 0.5, pytest.approx(1 / 4)),
    ]


@pytest.mark.parametrize(
    ("region", "routes", "expected"),
    [
        ("L1/R1", 3, ["0100", "1100", "0101"]),  # four of equal probability
        ("L0/R1", 9, ["1100", "1101"]),
        ("L3/R0", 9, ["0000", "0100", "1100"]),
        ("L3/R0", 0, []),
        ("L2/R1", 3, []),  # which no document of `sky` passes
    ],
)
def test_the_ids_of_regions_choose_among_equal_routes(
    store: Store, region: str, routes: int, expected: list[str]
) -> None:
    rows = ask(store, "routes-through-region", region=region, category="sky", routes=routes)
    told = {number: "".join(row[2][-1] for row in rows if row[0] == number) for number, *_ in rows}
    assert told == dict(enumerate(expected, 1))


def test_the_strongest_route_of_all_is_the_strongest_through_each_of_its_regions(store: Store) -> None:
    best = [row[1] for row in ask(store, "strongest-route", category="sky")]
    for region in best:
        rows = ask(store, "routes-through-region", region=region, category="sky", routes=1)
        assert [row[2] for row in rows] == best


def test_one_category_shares_all_it_has_and_misses_nothing(store: Store) -> None:
    assert [row[:5] for row in ask(store, "shared-connections", "alone", layer=0)] == [
        ("L0/R0", "L1/R0", 0, 0.5, "sky"),
        ("L0/R0", "L1/R1", 0, 0.25, "sky"),
        ("L0/R1", "L1/R1", 0, 0.25, "sky"),
    ]
    assert ask(store, "missing-connections", "alone", category="sky") == []


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_one_layer_has_no_connections(store: Store, name: str) -> None:
    assert ask(store, name, "flat", **PARAMETERS[name]) == []


def test_in_one_layer_a_route_is_a_region(store: Store) -> None:
    assert ask(store, "route-of-document", "flat", document="D1") == [(0, "L0/R1", 1, 0.5, 0.5)]
    assert ask(store, "routes-through-region", "flat", category="sky", region="L0/R1") == [
        (1, 0, "L0/R1", 1, 0.5, 0.5, pytest.approx(0.5)),
    ]
    assert ask(store, "bottlenecks", "flat", category="sea") == [("L0/R1", 0, 1.0, 1.0, 1, 0)]
    assert len(ask(store, "partings", "flat", category="sky", versus="sea")) == 1
