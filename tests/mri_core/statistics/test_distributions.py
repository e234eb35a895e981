"""Entropy, divergence and the correlation ratio against values worked out by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from mri_core.statistics import correlation_ratio, entropy, jensen_shannon


def test_entropy_is_zero_for_one_category_and_one_bit_for_two_alike():
    assert entropy(np.array([[1.0, 0.0], [3.0, 3.0]])) == pytest.approx([0, 1])


def test_divergence_of_two_categories_is_the_squared_distance_of_scipy():
    counts = np.random.default_rng(1).integers(0, 20, size=(2, 9)) + np.eye(2, 9, dtype=int)
    assert jensen_shannon(counts) == pytest.approx(jensenshannon(*counts, base=2) ** 2)


def test_divergence_is_zero_for_equal_shares_and_log2_of_the_categories_for_disjoint_ones():
    assert jensen_shannon(np.array([[1, 2, 3], [10, 20, 30], [2, 4, 6]])) == pytest.approx(0)
    assert jensen_shannon(np.eye(6) * [[1], [2], [3], [4], [5], [6]]) == pytest.approx(np.log2(6))


def test_divergence_weighs_a_small_category_like_a_large_one():
    assert jensen_shannon(np.array([[1, 3], [3, 1]])) == pytest.approx(jensen_shannon(np.array([[100, 300], [3, 1]])))


def test_correlation_ratio_is_between_groups_over_total_sum_of_squares():
    values, groups = np.array([1.0, 2.0, 3.0, 6.0]), np.array([0, 0, 2, 2])
    assert correlation_ratio(values, groups) == pytest.approx((2 * 1.5**2 + 2 * 1.5**2) / 14)


def test_correlation_ratio_of_a_constant_is_zero():
    assert correlation_ratio(np.full(5, 0.1), np.array([0, 0, 1, 1, 1])) == 0
