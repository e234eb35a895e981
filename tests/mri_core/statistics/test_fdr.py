"""Step-up and step-down q-values against statsmodels, plain definitions and all relabellings of a small study."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from mri_core.connectome.counting import build_connectome
from mri_core.errors import UsageError
from mri_core.statistics.counts import Counts, connection_counts
from mri_core.statistics.fdr import bh, check_method, dbh, discrete, expected_by_permutation, fwer
from mri_core.statistics.item_tests import ItemTests, item_tests


def planted(categories: int, seed: int, documents: int = 40, layers: int = 3, regions: int = 3) -> Counts:
    generator = np.random.default_rng(seed)
    codes = generator.integers(regions, size=(documents, layers))
    labels = np.concatenate([np.arange(categories), generator.integers(categories, size=documents - categories)])
    return connection_counts(build_connectome(codes, labels, categories))


def items_p(tests: ItemTests, counts: Counts) -> np.ndarray:
    return np.concatenate(
        [tests.smallest(part, tests.null.p_values(tests.tests(part), part.count)) for part in counts.parts()]
    )


def possible_p(counts: Counts) -> list[np.ndarray]:
    """Of each item all values that its p can take, by SciPy; two categories only."""
    first, second = (int(size) for size in counts.sizes[0])
    return [
        np.array(
            [
                fisher_exact([[a, total - a], [first - a, second - total + a]]).pvalue
                for a in range(max(0, total - second), min(total, first) + 1)
            ]
        )
        for total in counts.totals().tolist()
    ]


def at_most(p: np.ndarray, threshold: float) -> float:
    """F(t) of an exact p is the largest value it can take that is no more than t."""
    return max([value for value in p if value <= threshold * (1 + 1e-9)], default=0)


@given(st.lists(st.sampled_from([0.001, 0.01, 0.02, 0.03, 0.2, 0.7, 1.0]), min_size=1, max_size=30))
def test_plain_q_is_that_of_statsmodels(p):
    assert bh(np.array(p)) == pytest.approx(multipletests(p, method="fdr_bh")[1])


@pytest.mark.parametrize("seed", range(5))
def test_discrete_q_is_the_expected_over_the_observed_number(seed):
    counts = planted(2, seed)
    tests = item_tests(counts)
    p = items_p(tests, counts)
    nulls = possible_p(counts)
    ratio = {t: sum(at_most(null, t) for null in nulls) / (p <= t * (1 + 1e-9)).sum() for t in p}
    expected = [min(1, min(ratio[t] for t in p if t >= own)) for own in p]
    assert discrete(p, tests.expected) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_dbh_is_the_step_down_over_odds_of_the_null_distribution(seed):
    counts = planted(2, seed)
    tests = item_tests(counts)
    p = items_p(tests, counts)
    nulls = possible_p(counts)
    odds = {t: sum(at_most(null, t) / max(1e-300, 1 - at_most(null, t)) for null in nulls) for t in p}
    ordered = np.sort(p)
    running = np.maximum.accumulate([odds[t] / (rank + 1) for rank, t in enumerate(ordered)])
    expected = [min(1, running[ordered <= own * (1 + 1e-9)].max()) for own in p]
    assert dbh(p, tests.expected_odds) == pytest.approx(expected, rel=1e-6)


def test_of_several_categories_the_null_is_the_sum_of_theirs_at_a_share_of_the_threshold():
    counts = planted(4, seed=1)
    tests = item_tests(counts)
    thresholds = np.array([0.001, 0.01, 0.05, 0.2])
    sizes, everyone = counts.sizes[0], int(counts.sizes.sum())
    expected = []
    for threshold in thresholds:
        total_share = 0.0
        for total in counts.totals().tolist():
            for size in sizes.tolist():
                possible = range(max(0, total + size - everyone), min(total, size) + 1)
                tables = [[[a, total - a], [size - a, everyone - size - total + a]] for a in possible]
                total_share += at_most(np.array([fisher_exact(t).pvalue for t in tables]), threshold / 4)
        expected.append(total_share)
    assert tests.expected(thresholds) == pytest.approx(expected, rel=1e-6)


def test_a_discrete_q_is_no_larger_than_a_plain_one():
    counts = planted(3, seed=2, documents=90)
    tests = item_tests(counts)
    p = items_p(tests, counts)
    assert (discrete(p, tests.expected) <= bh(p) + 1e-12).all()
    assert (discrete(p, tests.expected) < bh(p) / 1.5).any()


def test_familywise_p_counts_relabellings_whose_smallest_p_is_as_small():
    labels = np.array([0, 0, 0, 1, 1, 1])
    codes = np.array([[0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [0, 1]])
    counts = connection_counts(build_connectome(codes, labels, 2))
    tests = item_tests(counts)
    p = items_p(tests, counts)
    draws = []
    for order in permutations(range(6)):
        again = build_connectome(codes, labels[list(order)], 2)
        draws.append(tests.dense_items(connection_counts(again).dense(np.arange(len(p)))))
    drawn = np.array(draws)
    smallest = (drawn.min(axis=1)[:, None] <= p.min() + 1e-12).sum()
    adjusted = fwer(p, [drawn[:100], drawn[100:]])
    assert adjusted.min() == pytest.approx((smallest + 1) / (720 + 1))
    assert (adjusted >= p - 1e-12).all()


def test_familywise_p_steps_down_and_rises_with_p():
    p = np.array([0.5, 0.001, 0.02])
    draws = np.array([[0.3, 0.4, 0.01], [0.9, 0.0005, 0.7], [0.4, 0.3, 0.6]])
    assert fwer(p, [draws[:1], draws[1:]]) == pytest.approx([3 / 4, 2 / 4, 2 / 4])


def test_all_permutations_give_the_exact_expectation_with_what_was_seen_as_one_more():
    labels = np.array([0, 0, 0, 1, 1, 1])
    codes = np.array([[0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [0, 1]])
    counts = connection_counts(build_connectome(codes, labels, 2))
    tests = item_tests(counts)
    p = items_p(tests, counts)
    draws = [
        tests.dense_items(connection_counts(build_connectome(codes, labels[list(order)], 2)).dense(np.arange(len(p))))
        for order in permutations(range(6))
    ]
    thresholds = np.unique(p)
    observed = np.array([(p <= threshold).sum() for threshold in thresholds])
    with_what_was_seen = (tests.expected(thresholds) * 720 + observed) / 721
    assert expected_by_permutation(p, [np.array(draws)])(thresholds) == pytest.approx(with_what_was_seen)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_an_items_p_is_the_smallest_of_its_categories_times_their_number(categories, seed):
    counts = planted(categories, seed, documents=25)
    tests = item_tests(counts)
    p = items_p(tests, counts)
    dense, sizes = counts.dense(np.arange(len(p))), counts.sizes[0]
    for item, row in enumerate(dense):
        rest = [[[a, row.sum() - a], [n - a, sizes.sum() - n - row.sum() + a]] for a, n in zip(row, sizes, strict=True)]
        smallest = min(fisher_exact(table).pvalue for table in rest)
        assert p[item] == pytest.approx(min(1, smallest * (categories if categories > 2 else 1)), rel=1e-8)
    assert tests.dense_items(dense) == pytest.approx(p)


@pytest.mark.parametrize("method", ["dbh", "bh"])
def test_methods_of_exact_tests_are_refused_for_groups(method):
    with pytest.raises(UsageError, match="independent"):
        check_method(method, grouped=True)
    check_method(method, grouped=False)
    check_method("discrete", grouped=True)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="discrete"):
        check_method("discret", grouped=False)
