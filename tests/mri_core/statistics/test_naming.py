"""Which categories are named, and which are not, on tables where one can tell by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from mri_core.statistics.naming import Counted, Named, step_down


def name(counts: np.ndarray, sizes: np.ndarray, threshold: float) -> Named:
    return step_down(sizes > 0, threshold, Counted(counts, sizes))


def named(counts: list[int], sizes: list[int], threshold: float = 0.01) -> list[int]:
    return name(np.array([counts]), np.array([sizes]), threshold).finding[0].tolist()


def test_one_enriched_category_does_not_make_the_others_depleted():
    assert named([60, 10, 11, 9], [200] * 4) == [1, 0, 0, 0]


def test_of_two_categories_both_are_named():
    assert named([60, 10], [200, 300]) == [1, -1]


def test_two_enriched_categories_are_both_named():
    assert named([60, 55, 10, 11, 10], [200] * 5) == [1, 1, 0, 0, 0]


def test_a_category_that_never_has_it_is_named_less():
    assert named([30, 33, 0, 31], [200] * 4) == [0, 0, -1, 0]


def test_of_two_that_are_left_both_are_named_only_where_they_differ():
    assert named([100, 10, 12], [200] * 3) == [1, 0, 0]
    assert named([150, 60, 10], [200] * 3) == [1, 1, -1]


def test_where_another_category_explains_it_as_well_and_nothing_is_found_without_the_first_none_is_named():
    assert named([10, 30, 20], [40, 40, 40]) == [0, 0, 0]  # half of all have it, so that 10 and 30 are as far out


def test_where_two_explain_it_as_well_and_the_second_is_found_without_the_first_both_are_named():
    assert named([60, 59, 10, 11, 10], [200] * 5) == [1, 1, 0, 0, 0]


def test_of_equally_small_p_that_with_more_is_named_first():
    assert name(np.array([[10, 50, 30]]), np.array([[60] * 3]), 0.01).step[0].tolist() == [1, 0, 1]


def test_a_category_without_a_document_there_is_neither_named_nor_compared():
    found = name(np.array([[9, 0, 1]]), np.array([[10, 0, 12]]), 0.05)
    assert found.finding[0].tolist() == [1, 0, -1]
    assert found.effect[0, 0] == pytest.approx(np.log((9 + 5 / 11) * (11 + 6 / 11) / ((1 + 6 / 11) * (1 + 5 / 11))))


def test_effect_and_p_of_a_later_step_are_those_against_the_categories_left():
    count, size = np.array([[150, 60, 10]]), np.array([[200, 200, 200]])
    found = name(count, size, 0.01)
    assert found.effect[0, 1] == pytest.approx(
        np.log((60 + 70 / 400) * (191 - 70 / 400) / ((141 - 70 / 400) * (10 + 70 / 400)))
    )
    assert found.p[0, 1] == pytest.approx(fisher_exact([[60, 140], [10, 190]]).pvalue)
    assert found.p[0, 0] == pytest.approx(fisher_exact([[150, 50], [70, 330]]).pvalue)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=2, max_size=5), st.integers(0, 10**6))
def test_names_go_with_the_categories_in_whatever_order_these_stand(table, seed):
    count, more = (np.array(part) for part in zip(*table, strict=True))
    size = count + more + np.arange(len(count)) * 31  # no two alike, so that nothing ties
    order = np.random.default_rng(seed).permutation(len(count))
    there = name(count[None], size[None], 0.3).finding[0]
    again = name(count[None, order], size[None, order], 0.3).finding[0]
    assert (again == there[order]).all()
