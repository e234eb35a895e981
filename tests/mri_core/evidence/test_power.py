"""Power against sums written out, SciPy and simulated studies."""

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from mri_core.evidence.power import detectable, power, threshold_alone, typical_tests
from mri_core.statistics.exact import fisher
from mri_core.statistics.item_tests import margin_tests


def test_power_is_the_chance_of_all_tables_whose_p_is_small_enough():
    chance = 0.0
    for own in range(13):
        for other in range(13):
            p = fisher_exact([[own, 12 - own], [other, 12 - other]]).pvalue
            chance += binom.pmf(own, 12, 0.6) * binom.pmf(other, 12, 0.2) * (p <= 0.05)
    assert power(12, 0.4, 1.5, 0.05) == pytest.approx(chance, abs=1e-5)


def test_of_several_categories_power_is_that_of_simulated_counts():
    generator = np.random.default_rng(0)
    own, rest = generator.binomial(100, 0.2, size=4000), generator.binomial(300, 0.2 / 3, size=4000)
    found = fisher(own, own + rest, np.array(100), np.array(400)) * 4 <= 0.001
    assert power(100, 0.1, 2, 0.001, categories=4) == pytest.approx(found.mean(), abs=4 * (0.25 / 4000) ** 0.5)


@pytest.mark.parametrize(("lift", "categories"), [(1.2, 2), (1.3, 4), (0.75, 2)])
def test_where_tables_are_too_many_power_is_nearly_that_of_the_exact_test(
    lift: float, categories: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = power(1_010, 0.1, lift, 0.001, categories)
    monkeypatch.setattr("mri_core.evidence.power.LARGE", 1e9)
    assert large == pytest.approx(power(1_010, 0.1, lift, 0.001, categories), abs=0.05)


def test_power_grows_with_the_documents_and_the_lift_and_is_below_alpha_without_one():
    assert power(50, 0.1, 1.5, 0.01) < power(200, 0.1, 1.5, 0.01) < power(200, 0.1, 1.8, 0.01)
    assert power(200, 0.1, 1, 0.01) <= 0.01


def test_the_smallest_detectable_effect_is_found_in_four_of_five_studies_and_a_smaller_one_more_seldom():
    found = detectable(200, 0.05, 0.001)
    assert 0.8 <= power(200, 0.05, found.lift, 0.001) < 0.85
    assert power(200, 0.05, found.lift / 1.02, 0.001) < 0.8
    assert found.share == pytest.approx(0.05 * found.lift)


def test_of_few_documents_no_effect_may_be_detectable():
    assert detectable(5, 0.1, 1e-4) is None


def test_a_single_connection_is_found_at_a_threshold_where_the_null_puts_alpha():
    totals = np.array([4, 30, 60, 60])
    tests = margin_tests(totals, np.zeros_like(totals), np.array([[100, 100]]))
    threshold = threshold_alone(tests.expected)
    at = np.array([threshold, threshold * 1.5])
    assert tests.expected(at)[0] <= 0.05
    assert threshold > 0.05 / len(totals) / 1.02


def test_in_a_typical_study_a_connection_alone_may_have_a_larger_p_than_bonferroni_allows():
    tests = typical_tests(200, layers=7)
    assert len(tests.key) % 6 == 0  # as many between any two layers
    assert threshold_alone(tests.expected) > 2 * 0.05 / len(tests.key)


@pytest.mark.filterwarnings("error")
def test_of_many_documents_a_connection_that_one_category_owns_is_found():
    assert power(600, 0.2, 5, 1e-4, categories=5) == 1
