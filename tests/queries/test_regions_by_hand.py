"""Questions about regions: examples that one can follow with a pencil, and where the definitions have edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.store.store import Store
from queries.catalog import load_catalog
from queries.runner import run
from tests.queries.answers.truth import Truth

pytestmark = pytest.mark.engine

HAND = [[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]]
EVEN = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0], [0, 1], [1, 0], [1, 1], [2, 2], [2, 2]]
WORDS = {"0": ("Öl", 'a "quoted" \\ word'), "1": ("sea", "ÖLTANK"), "2": ()}


def ask(store: Store, name: str, study: str = "hand", **values: object) -> list[tuple[Any, ...]]:
    """The rows, with regions told without their study and without the columns of keywords."""
    table = run(store, load_catalog(environment={}).get(name), {"study": study, **values})
    kept = [i for i, column in enumerate(table.columns) if "keywords" not in column]
    return [
        tuple(v.split("/", 1)[-1] if isinstance(v, str) else v for v in (row[i] for i in kept)) for row in table.rows
    ]


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    even = Truth("even", np.array(EVEN), ["sky"] * 4 + ["sea"] * 5 + ["sky"]).graph
    worded = replace(even, regions=tuple(replace(region, keywords=WORDS[region.name]) for region in even.regions))
    alone = Truth("alone", np.array([[0, 0], [0, 1]]), ["sky", "sky"]).graph
    graphs = [Truth("hand", np.array(HAND), ["sky"] * 3 + ["sea"] * 4).graph, worded, alone]
    for graph in graphs:
        store.write(graph)
    yield
    for graph in graphs:
        store.delete(graph.study)


def test_the_regions_of_one_category_come_by_its_part_of_them(store: Store) -> None:
    rows = ask(store, "specialised-regions", least_documents=1)
    assert [row[:3] for row in rows[:2]] == [("L0/R1", 0, "sea"), ("L0/R0", 0, "sky")]
    assert [row[3] for row in rows] == pytest.approx([1, 4 / 5, 8 / 11, 9 / 13, 3 / 5, 4 / 7])
    assert rows[1][4:] == (1.0, 3, 4)  # all three of sky, beside one of sea


def test_small_regions_are_left_out_unless_asked_for(store: Store) -> None:
    assert ask(store, "specialised-regions") == []
    assert ask(store, "unowned-regions") == []
    assert [row[6] for row in ask(store, "specialised-regions", least_documents=4)] == [4, 4, 4]


def test_a_part_that_is_just_as_large_as_asked_for_is_told(store: Store) -> None:
    rows = ask(store, "specialised-regions", category="sky", layer=0, least_part=0.8, least_documents=1)
    assert [row[0] for row in rows] == ["L0/R0"]


def test_regions_that_no_category_owns_come_by_their_entropy(store: Store) -> None:
    rows = ask(store, "unowned-regions", least_documents=1)
    assert [row[0] for row in rows] == ["L2/R1", "L1/R1", "L2/R0", "L1/R0"]
    assert [row[3] for row in rows] == ["sky", "sea", "sea", "sky"]
    assert ask(store, "unowned-regions", least_documents=1, most_part=0.57) == []


def test_of_categories_with_equal_parts_the_first_by_name_is_told(store: Store) -> None:
    rows = ask(store, "unowned-regions", "even", layer=0, least_documents=1, most_part=0.5)
    assert [row[3:6] for row in rows] == [("sea", 0.5, 2)] * 3


def test_a_category_that_is_alone_owns_every_region(store: Store) -> None:
    rows = ask(store, "specialised-regions", "alone", least_documents=1)
    assert [(row[0], row[3]) for row in rows] == [("L0/R0", 1.0), ("L1/R0", 1.0), ("L1/R1", 1.0)]
    assert ask(store, "unowned-regions", "alone", least_documents=1, most_part=0.9) == []
    assert [row[-1] for row in ask(store, "entropies", "alone")] == [0.0, 0.0]


def test_an_entropy_counts_a_region_by_its_documents(store: Store) -> None:
    first = ask(store, "entropies")[0]  # region 0 has 4 documents and 0 bits, region 1 has 3 and 1/7
    assert first == (0, "embedding", 2, *(pytest.approx(bits) for bits in (3 / 49, 0, 1 / 14, 1 / 7, 1)))
    assert ask(store, "entropies", category="sky")[0] == (0, "embedding", 1, 0.0, 0.0, 0.0, 0.0, 1.0)


def test_a_region_is_found_by_a_part_of_a_word(store: Store) -> None:
    assert [row[:4] for row in ask(store, "regions-by-keyword", word="1")] == [
        ("L1/R1", 1, 1, 4),
        ("L2/R1", 2, 1, 4),
        ("L0/R1", 0, 1, 3),
        ("L1/R0", 1, 2, 3),
    ]
    assert ask(store, "regions-by-keyword", word="nowhere") == []


def test_capitals_and_quotes_of_a_word_do_no_harm(store: Store) -> None:
    found = ask(store, "regions-by-keyword", "even", word="öL", layer=0)
    assert [(row[0], row[2]) for row in found] == [("L0/R0", 1), ("L0/R1", 2)]
    assert [row[0] for row in ask(store, "regions-by-keyword", "even", word='"QUOTED" \\')] == ["L0/R0", "L1/R0"]


def test_twins_are_similar_by_what_they_receive_and_send(store: Store) -> None:
    assert ask(store, "twins", layer=1) == []
    (row,) = ask(store, "twins", layer=1, least_similarity=0.2)
    assert row == ("L1/R0", "L1/R1", pytest.approx(3 / 11), 3, 6, 8)  # of 6 and 8 one each of three neighbours


def test_regions_with_the_same_connections_are_twins_in_full(store: Store) -> None:
    assert ask(store, "twins", "even", layer=0, least_similarity=0) == [("L0/R0", "L0/R1", 1.0, 2, 4, 4)]
    assert ask(store, "twins", "even", layer=0, category="sky") == [("L0/R0", "L0/R1", 1.0, 2, 2, 2)]


def test_hubs_may_be_ordered_by_what_arrives_or_what_leaves(store: Store) -> None:
    assert [(row[0], row[3]) for row in ask(store, "hubs", by="in", limit=3)] == [
        ("L1/R1", 4),
        ("L2/R1", 4),
        ("L1/R0", 3),
    ]
    assert [(row[0], row[4]) for row in ask(store, "hubs", by="out", limit=3)] == [
        ("L1/R1", 4),
        ("L0/R0", 4),
        ("L1/R0", 3),
    ]
    with pytest.raises(UsageError, match=r"--by must be one of strength, in, out"):
        ask(store, "hubs", by="weight")
