"""Questions about documents: examples that one can follow with a pencil, and where the definitions have edges."""

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

WAYS = [[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]]
CROWD = np.stack([np.arange(2002) % 2, np.zeros(2002, dtype=int)], axis=1)
CROWD[6, 1] = 1  # one of the 1001 that begin in region 0 leaves the others


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    made = [
        Truth("ways", np.array(WAYS), ["sky"] * 3 + ["sea"] * 4),
        Truth("crowd", CROWD, ["sea"] * 2002),
    ]
    for truth in made:
        store.write(truth.graph)
    yield
    for truth in made:
        store.delete(truth.graph.study)


def ask(store: Store, name: str, study: str = "ways", **values: object) -> list[tuple[Any, ...]]:
    """The rows, with ids told without their study and without titles and excerpts."""
    table = run(store, load_catalog(environment={}).get(name), {"study": study, **values})
    kept = [i for i, column in enumerate(table.columns) if column not in ("title", "excerpt")]
    return [
        tuple(v.split("/", 1)[-1] if isinstance(v, str) else v for v in (row[i] for i in kept)) for row in table.rows
    ]


def test_outliers_are_told_by_the_chances_of_their_steps(store: Store) -> None:
    halves, quarters = pytest.approx(-1 / 3), pytest.approx(-2 / 3)  # bits a step, of ways with a chance of 1/2, 1/4
    assert ask(store, "outliers", category="sea") == [
        ("D5", quarters, 2, "L1/R1", "L2/R0", pytest.approx(1 / 3)),
        ("D6", quarters, 0, None, "L0/R0", 0.25),
        ("D3", halves, 2, "L1/R1", "L2/R1", pytest.approx(2 / 3)),
        ("D4", halves, 2, "L1/R1", "L2/R1", pytest.approx(2 / 3)),
    ]


def test_equally_probable_ways_come_in_the_order_of_the_corpus(store: Store) -> None:
    rows = ask(store, "outliers", category="sky")
    assert [(row[0], row[2]) for row in rows] == [("D0", 2), ("D1", 2), ("D2", 1)]
    assert [row[1] for row in rows] == pytest.approx([np.log2(1 / 3) / 3] * 3)


def test_a_very_rare_step_is_the_rarest(store: Store) -> None:
    first, second = ask(store, "outliers", "crowd", category="sea", limit=2)
    assert first == ("D6", pytest.approx(np.log2(1 / 2002) / 2), 1, "L0/R0", "L1/R1", pytest.approx(1 / 1001))
    assert second[:4] == ("D0", pytest.approx(np.log2(1000 / 2002) / 2), 0, None)


def test_the_nearest_documents_pass_the_same_regions_in_most_layers(store: Store) -> None:
    assert ask(store, "nearest-documents", document="D0") == [
        ("D6", "sea", 3, 1.0),
        ("D1", "sky", 2, pytest.approx(2 / 3)),
        ("D2", "sky", 1, pytest.approx(1 / 3)),
        ("D5", "sea", 1, pytest.approx(1 / 3)),
    ]
    assert [row[0] for row in ask(store, "nearest-documents", document="D0", category="sky")] == ["D1", "D2"]


def test_documents_without_a_region_in_common_are_left_out(store: Store) -> None:
    assert [row[0] for row in ask(store, "nearest-documents", document="D3", category="sky")] == ["D2", "D1"]
    assert [row[0] for row in ask(store, "nearest-documents", document="D3", category="sky", limit=1)] == ["D2"]
