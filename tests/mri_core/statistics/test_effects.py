"""Effects and their intervals: signs on any table, exact ends against SciPy, and agreement with what is found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from scipy.stats.contingency import odds_ratio

from mri_core.connectome.counting import build_connectome
from mri_core.statistics.conditional import exact_intervals, tails
from mri_core.statistics.counts import activity_counts, connection_counts, routing_counts
from mri_core.statistics.effects import agreeing_level, log_odds_ratio
from mri_core.statistics.families import find_differences
from mri_core.statistics.mantel_haenszel import Crossing, find_factor
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(0, 1), st.floats(0, 1))
def test_an_effect_is_finite_and_has_the_sign_of_the_difference_of_shares(size, rest, share, others):
    count, other = round(share * size), round(others * rest)
    effect = log_odds_ratio(count, count + other, size, size + rest)
    back = log_odds_ratio(other, count + other, rest, size + rest)
    assert np.isfinite(effect)
    assert np.sign(round(float(effect), 12)) == np.sign(count * rest - other * size)
    assert back == pytest.approx(-effect, abs=1e-12)


def test_an_effect_is_drawn_to_0_as_by_one_document_on_either_side_with_the_share_of_all():
    share = 12 / 48
    expected = np.log((9 + share) * (29 - 3 - share) / ((21 - 9 - share) * (3 + share)))
    assert log_odds_ratio(9, 12, 20, 48) == pytest.approx(expected)
    assert np.isnan(log_odds_ratio(3, 3, 20, 20))  # there is nobody to compare with


def random_tables(seed, number):
    generator = np.random.default_rng(seed)
    size, rest = generator.integers(1, 3000, (2, number))
    total = np.where(generator.random(number) < 0.5, 1 + generator.integers(40, size=number), size // 2 + 1)
    total = np.minimum(total, size + rest)
    return generator.hypergeometric(size, rest, total), total, size, size + rest


@pytest.mark.parametrize(
    "tail", [0.025, pytest.param(0.0032, marks=pytest.mark.slow), pytest.param(1e-5, marks=pytest.mark.slow)]
)
def test_intervals_are_the_exact_conditional_ones(tail):
    count, total, size, population = random_tables(3, 60)
    low, high = exact_intervals(count, total, size, population, tail)
    for a, n, k, everyone, begin, end in zip(count, total, size, population, low, high, strict=True):
        expected = odds_ratio([[a, k - a], [n - a, everyone - k - n + a]]).confidence_interval(1 - 2 * tail)
        assert np.exp([begin, end]) == pytest.approx([expected.low, expected.high], rel=1e-5)


def test_where_a_side_has_none_the_interval_has_one_end():
    count, total, size, population = (np.array([value]) for value in (22, 22, 270, 540))
    low, high = exact_intervals(count, total, size, population, 0.0064 / 2)
    assert np.exp(low) == pytest.approx(odds_ratio([[22, 248], [0, 270]]).confidence_interval(1 - 0.0064).low)
    assert np.exp(low) > 1
    assert np.isinf(high)


def test_an_end_lies_at_1_where_the_one_sided_test_has_the_tail_as_its_p():
    tables = random_tables(5, 40)
    for table, p in zip(np.stack(tables, axis=1), tails(*tables), strict=True):
        if p < 0.4:
            ends = exact_intervals(*(np.array([value]) for value in table), float(p))
            assert min(abs(ends[0][0]), abs(ends[1][0])) < 1e-6


def imbalanced(seed, groups=1):
    """A study of categories from 5 to 600 documents, of which one takes another way in one step."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), [600, 5 + generator.integers(20), 100 + generator.integers(99), 40])
    labels = np.repeat(labels, groups)
    codes = np.repeat(generator.integers(6, size=(len(labels) // groups, 3)), groups, axis=0)
    moved = (labels == 2 * generator.integers(2)) & (generator.random(len(labels)) < 0.7)
    codes[moved, 2] = 5
    return codes, labels


@pytest.mark.parametrize("family", [connection_counts, activity_counts, routing_counts])
@pytest.mark.parametrize("seed", range(6))
def test_a_finding_its_effect_and_its_interval_agree_whatever_the_sizes(seed, family):
    codes, labels = imbalanced(seed)
    found = find_differences(family(build_connectome(codes, labels, 4)))
    for evidence in (found.evidence, found.avoided.evidence):
        agrees(evidence)
    assert (found.evidence.finding != 0).any()


@pytest.mark.slow
def test_of_documents_in_groups_and_of_crossed_labels_they_agree_too():
    codes, labels = imbalanced(2, groups=3)
    for groups in (np.arange(len(labels)) // 3, np.arange(len(labels)) // 3 // (1 + np.arange(len(labels)) % 2)):
        found = Procedure(labels, 4, groups=groups, permutations=500).differences(connection_tables(codes))
        agrees(found.evidence)
        agrees(found.avoided.evidence)
    counts = connection_counts(build_connectome(codes, labels, 4))
    found = Procedure(labels, 4, groups=np.arange(len(labels)) // 3).differences(connection_tables(codes))
    assert (found.evidence.finding != 0).any()
    agrees(found.evidence)
    crossed = find_factor(counts, Crossing(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))
    assert (crossed.evidence.finding != 0).any()
    agrees(crossed.evidence)


def test_effect_and_p_of_a_further_name_are_those_of_the_categories_not_named_before_it():
    codes, labels = np.zeros((600, 4), dtype=int), np.repeat(np.arange(3), 200)
    for category, (many, few) in enumerate([(150, 30), (60, 9), (10, 10)]):
        codes[category * 200 : category * 200 + many, 1] = 1
        codes[category * 200 : category * 200 + few, 3] = 1  # the largest p that passes, which bounds further ones
    evidence = find_differences(connection_counts(build_connectome(codes, labels, 3))).evidence
    assert evidence.before[:6].tolist() == [None, (0,), (0,)] * 2
    table = [np.array([value]) for value in (60, 70, 200, 400)]  # of 60 and 10, without the 150 that are named first
    assert evidence.effect[4] == pytest.approx(log_odds_ratio(*table)[0])
    assert evidence.p[4] == pytest.approx(fisher_exact([[60, 140], [10, 190]]).pvalue)


def agrees(evidence):
    named = evidence.finding != 0
    nearer = np.where(evidence.finding > 0, evidence.ci_low, -evidence.ci_high)[named]
    assert (nearer > 0).all()
    assert (np.sign(evidence.effect[named]) == evidence.finding[named]).all()
    assert (evidence.name_q[named] <= 0.05).all()
    assert (evidence.name_q[named] >= evidence.q[named] * (1 - 1e-9)).all()
    with np.errstate(invalid="ignore"):
        held = (evidence.ci_low <= evidence.effect) & (evidence.effect <= evidence.ci_high)
    assert held[np.isfinite(evidence.effect)].all()


def test_names_have_the_level_of_what_passed_or_of_the_least_extreme_among_them():
    assert agreeing_level(10, 1000, 0.05, np.array([1e-4])) == pytest.approx(1 - 0.05 * 10 / 1000)
    assert agreeing_level(10, 1000, 0.05, np.array([1e-4, 0.01])) == pytest.approx(1 - 2 * 0.01)
    assert agreeing_level(0, 1000, 0.05, np.array([])) == pytest.approx(0.95)
