"""An order of rows in which similar ones are neighbours."""

from __future__ import annotations

import numpy as np

from ui.drawing.clustering import similar_order


def test_rows_of_one_kind_are_neighbours_whatever_their_size_and_place() -> None:
    kinds = np.array([2, 0, 1, 0, 2, 1, 0])
    sizes = np.array([1, 9, 2, 30, 4, 8, 2])
    rows = np.eye(3)[kinds] * sizes[:, None] + 0.01
    ordered = kinds[similar_order(rows)]
    assert np.count_nonzero(np.diff(ordered)) == 2


def test_a_chain_is_laid_out_from_one_end_to_the_other() -> None:
    chain = np.array([[max(0, 3 - abs(i - j)) for j in range(8)] for i in range(8)], dtype=float)
    shuffled = [5, 2, 7, 0, 3, 6, 1, 4]
    found = [shuffled[place] for place in similar_order(chain[shuffled])]
    assert found in (list(range(8)), list(range(8))[::-1])


def test_rows_without_numbers_and_few_rows_have_an_order() -> None:
    assert sorted(similar_order(np.zeros((4, 3)))) == [0, 1, 2, 3]
    assert similar_order(np.ones((2, 3))) == [0, 1]
    assert similar_order(np.ones((1, 3))) == [0]
