"""Components that move together differently in a category: planted, and against the formula and SciPy."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from mri_core.connectome.correlations import build_correlations
from mri_core.evidence.comparing_correlations import all_pairs, find_correlation_differences, rows_of
from mri_core.evidence.components import weigh_components


def scores(categories: int, documents: int = 150, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Two layers of three components; in category 0 alone component 1 goes on in component 2 of the next layer."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(categories), documents)
    made = generator.normal(size=(len(labels), 2, 3))
    made[labels == 0, 1, 2] += 1.5 * made[labels == 0, 0, 1]
    return made, labels


def test_rho_of_every_pair_is_scipys_whatever_its_size():
    made, labels = scores(2)
    pairs = all_pairs(made, labels, 2)
    assert (pairs.source[5], pairs.target[5]) == (1, 5)
    for pair in range(9):
        for category in (0, 1):
            inside = made[labels == category]
            rho = spearmanr(inside[:, 0, pairs.source[pair]], inside[:, 1, pairs.target[pair] - 3]).statistic
            assert pairs.rho[pair, category] == pytest.approx(rho)


@pytest.mark.parametrize("categories", [2, 3, 4])
def test_the_planted_pair_is_found_in_its_category_alone(categories):
    made, labels = scores(categories)
    findings = find_correlation_differences(all_pairs(made, labels, categories))
    expected = np.zeros((9, categories), dtype=int)
    expected[5] = [1, -1] if categories == 2 else [1] + [0] * (categories - 1)
    assert (findings.evidence.finding == expected).all()


def test_p_of_two_categories_is_that_of_bonett_and_wrights_z():
    made, labels = scores(2, documents=40)
    pairs = all_pairs(made, labels, 2)
    findings = find_correlation_differences(pairs)
    first, second = pairs.rho[4]
    z = (np.arctanh(first) - np.arctanh(second)) / np.sqrt((1 + first**2 / 2) / 37 + (1 + second**2 / 2) / 37)
    assert findings.p[4] == pytest.approx(2 * norm.sf(abs(z)))
    assert findings.evidence.effect[4] == pytest.approx([np.arctanh(first) - np.arctanh(second)] * np.array([1, -1]))


def test_a_constant_component_and_a_category_of_three_documents_are_not_compared():
    made, labels = scores(3)
    made, labels = made[:303], labels[:303]
    made[labels == 1, 0, 0] = 2.0
    findings = find_correlation_differences(all_pairs(made, labels, 3))
    assert np.isnan(findings.evidence.effect[:, 2]).all()
    assert np.isnan(findings.evidence.effect[:3]).all()
    assert (findings.p[:3] == 1).all()
    assert np.isfinite(findings.evidence.effect[3:, :2]).all()


def test_rows_that_a_threshold_kept_hold_the_evidence_of_their_pair_and_category():
    made, labels = scores(3)
    flows = build_correlations(made, labels, 3, 0.1).connectome.flows
    pairs = all_pairs(made, labels, 3)
    findings = find_correlation_differences(pairs)
    evidence = rows_of(flows, pairs, findings)
    for row in range(len(flows.weight)):
        pair = np.flatnonzero((pairs.source == flows.source[row]) & (pairs.target == flows.target[row]))[0]
        assert flows.weight[row] == pairs.rho[pair, flows.category[row]]
        assert evidence.q[row] == findings.q[pair]
        assert evidence.effect[row] == findings.evidence.effect[pair, flows.category[row]]


def test_what_a_category_is_found_to_have_less_of_is_told_though_its_own_rho_is_below_the_threshold() -> None:
    generator = np.random.default_rng(6)
    labels = np.repeat([0, 1], 200)
    first = generator.normal(size=400)
    second = np.where(labels == 0, first, 0) + generator.normal(size=400)  # together in the first category only
    scores = np.stack([first, second], axis=1)[:, :, None]
    connectome = build_correlations(scores, labels, 2, threshold=0.3).connectome
    weighed, measure = weigh_components(connectome, scores, labels)
    assert connectome.flows.category.tolist() == [0]
    assert weighed.avoided.category.tolist() == [1]
    assert weighed.avoided.weight == pytest.approx([spearmanr(first[200:], second[200:]).statistic])
    assert weighed.avoided.evidence.finding.tolist() == [-1]
    named = weighed.flows.evidence.finding.astype(bool).sum() + len(weighed.avoided.weight)
    assert named == measure.details["more"] + measure.details["less"] == 2
