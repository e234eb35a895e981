"""One factor with the other held, against statsmodels, R's worked example and permutation within strata."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher
from statsmodels.stats.contingency_tables import StratifiedTable

from mri_core.connectome.counting import build_connectome
from mri_core.statistics.counts import connection_counts
from mri_core.statistics.exact import fisher
from mri_core.statistics.families import find_differences
from mri_core.statistics.mantel_haenszel import Crossing, WithinStrata, common_log_odds, find_factor, stratified_p
from mri_core.statistics.naming import Cells


def log_odds(count: np.ndarray, size: np.ndarray) -> np.ndarray:
    return common_log_odds(count, size, count.sum(axis=2, keepdims=True), size.sum(axis=2, keepdims=True))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 20)] * 4), min_size=1, max_size=4))
def test_the_common_odds_ratio_is_that_of_statsmodels(tables):
    cells = np.array(tables)
    found = log_odds(cells[None, :, [0, 2]], (cells[:, [0, 2]] + cells[:, [1, 3]])[None])
    expected = StratifiedTable([np.array(table).reshape(2, 2) for table in tables])
    assert found[0] == pytest.approx([expected.logodds_pooled, -expected.logodds_pooled])


def test_the_exact_p_of_agrestis_rabbits_is_that_of_r():
    """mantelhaen.test(Rabbits, exact = TRUE): S = 16, p-value = 0.03994 (Agresti 1990, penicillin)."""
    cured = np.array([[0, 0], [3, 0], [6, 2], [5, 6], [2, 5]])
    died = np.array([[6, 5], [3, 6], [0, 4], [1, 0], [0, 0]])
    p = stratified_p(cured[None], (cured + died)[None])
    assert p[0] == pytest.approx([0.03994] * 2, abs=5e-6)
    assert np.exp(log_odds(cured[None], (cured + died)[None])[0, 0]) == pytest.approx(7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_with_one_stratum_the_exact_p_is_fishers(seed):
    size = np.random.default_rng(seed).integers(1, 20, size=(5, 1, 3))
    count = np.random.default_rng(seed).integers(0, size + 1)
    total, population = count.sum(axis=2), size.sum(axis=2)
    assert stratified_p(count, size) == pytest.approx(fisher(count[:, 0], total, size[:, 0], population))


def test_the_exact_p_is_that_of_all_permutations_within_strata():
    generator = np.random.default_rng(1)
    count, size = np.array([[[5, 1], [2, 4]]]), np.array([[[7, 8], [6, 9]]])
    drawn = sum(generator.hypergeometric(size[0, h, 0], size[0, h, 1], count[0, h].sum(), 200_000) for h in (0, 1))
    chance = np.bincount(drawn) / len(drawn)
    expected = chance[chance <= chance[7] * 1.001].sum()
    assert stratified_p(count, size)[0, 0] == pytest.approx(expected, abs=0.005)


def test_a_level_without_a_document_that_has_it_gets_a_finite_effect():
    found = log_odds(np.array([[[0, 5], [0, 6]]]), np.array([[[10, 10], [12, 12]]]))
    assert np.isfinite(found).all()
    assert found[0, 0] == -found[0, 1] < 0


def test_at_the_ends_of_its_interval_all_strata_together_have_the_tails():
    cured = np.array([[0, 0], [3, 0], [6, 2], [5, 6], [2, 5]])
    treated = cured + np.array([[6, 5], [3, 6], [0, 4], [1, 0], [0, 0]])
    both = Cells(np.array([0]), np.array([0]), np.array([[True, True]]))
    ends = WithinStrata(cured[None], treated[None]).intervals(both, 0.025)
    for odds, beyond in zip(np.exp(np.ravel(ends)), (slice(16, None), slice(None, 17)), strict=True):
        chance = np.ones(1)
        for count, size in zip(cured, treated, strict=True):
            own = nchypergeom_fisher(size.sum(), count.sum(), size[0], odds)
            chance = np.convolve(chance, own.pmf(np.arange(size[0] + 1)))
        assert chance[beyond].sum() == pytest.approx(0.025, rel=1e-5)


def crossed(topic_matters: bool) -> tuple:
    """Topic and register go together; the step depends on the register, and on the topic only where it matters."""
    generator = np.random.default_rng(3)
    topic = generator.integers(2, size=1600)
    register = (generator.random(1600) < np.where(topic == 1, 0.8, 0.2)).astype(int)
    chance = np.where(register == 1, 0.7, 0.2) + (np.where(topic == 1, 0.2, 0.0) if topic_matters else 0)
    codes = np.column_stack([np.zeros(1600, dtype=int), generator.random(1600) < chance])
    counts = connection_counts(build_connectome(codes, topic * 2 + register, 4))
    return counts, Crossing(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))


def test_a_factor_that_only_goes_with_the_one_that_matters_is_not_found_with_that_held():
    counts, topic = crossed(topic_matters=False)
    register = Crossing(topic.stratum, topic.level)
    assert find_differences(counts).passed == 2
    assert find_factor(counts, topic).passed == 0
    assert find_factor(counts, register).evidence.finding.tolist() == [[1, -1], [-1, 1]]


def test_a_factor_that_matters_by_itself_is_found_with_the_other_held():
    counts, topic = crossed(topic_matters=True)
    found = find_factor(counts, topic)
    assert found.evidence.finding.tolist() == [[1, -1], [-1, 1]]
    assert (found.evidence.ci_high - found.evidence.ci_low > 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["discrete", "dbh", "bh"]))
def test_of_two_levels_in_one_stratum_the_findings_are_those_of_the_plain_family(seed, fdr):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1], generator.integers(2, size=80)])
    codes = np.column_stack([generator.integers(2 + labels), generator.integers(2 + labels)])
    counts = connection_counts(build_connectome(codes, labels, 2))
    factor = find_factor(counts, Crossing(np.array([0, 1]), np.array([0, 0])), fdr)
    plain = find_differences(counts, fdr)
    assert factor.p == pytest.approx(plain.p)
    assert factor.q == pytest.approx(plain.q)
    assert (factor.evidence.finding[counts.item, counts.category] == plain.evidence.finding).all()
