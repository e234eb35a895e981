"""Layers and network tested together, against all arrangements, and of many documents on a sample."""

from itertools import combinations

import numpy as np
import pytest

from mri_core.statistics.divergence import divergence
from mri_core.statistics.nbs import network_statistics
from mri_core.statistics.whole import whole_tests
from tests.planted import random_codes

CODES = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1], [1, 2, 0], [1, 2, 1], [0, 0, 0]])
LABELS = np.array([0, 0, 0, 1, 1, 1, 1, 1])


def planted(documents=1200):
    codes, labels = random_codes(documents, 4, 4, 0), np.arange(documents) % 3
    leans = np.random.default_rng(1).random(documents) < 0.4
    codes[:, 2] = np.where(leans, labels, codes[:, 2])
    return codes, labels


def test_p_are_those_of_all_arrangements_of_the_same_permutations():
    arranged = [np.isin(np.arange(8), ones).astype(int) for ones in combinations(range(8), 5)]
    by_size = np.array([divergence(CODES, own, 2, 0, permutations=1).by_size for own in arranged])
    own = divergence(CODES, LABELS, 2, 0, permutations=1).by_size
    highest = np.abs((by_size - by_size.mean(axis=0)) / by_size.std(axis=0)).max(axis=1)
    z = (own - by_size.mean(axis=0)) / by_size.std(axis=0)
    values = [network_statistics(CODES, own, 2, 0, permutations=1, thresholds=(3.0,))[0].value for own in arranged]
    found = whole_tests(CODES, LABELS, 2, 0, permutations=4_000)
    assert found.layers.p == pytest.approx([(highest >= abs(one) - 1e-9).mean() for one in z], abs=0.03)
    assert found.layers.standardised == pytest.approx(z, abs=0.1)
    network = found.networks[0]
    assert network.p == pytest.approx(np.mean(np.array(values) >= network.value - 1e-9), abs=0.03)
    assert (found.layers.permutations, network.permutations, found.sample) == (4_000, 4_000, None)


@pytest.mark.parametrize("groups", [None, np.arange(1200) // 2])
def test_they_are_what_both_find_alone(groups):
    codes, labels = planted()
    together = whole_tests(codes, labels, 3, 0, groups, permutations=400)
    layers, networks = (
        test(codes, labels, 3, 0, groups, permutations=400) for test in (divergence, network_statistics)
    )
    assert together.layers.observed == pytest.approx(layers.observed)
    assert together.layers.excess == pytest.approx(layers.excess, abs=0.0005)
    assert together.layers.p == pytest.approx(layers.p, abs=0.1)
    assert [network.value for network in together.networks] == [network.value for network in networks]
    assert together.layers.p[2] == 1 / 401 < 0.05 < together.layers.p[0]


def test_of_many_documents_a_sample_is_permuted_and_all_are_described():
    codes, labels = planted()
    everyone, some = (whole_tests(codes, labels, 3, 0, permutations=300, most=most) for most in (1200, 400))
    assert (everyone.sample, 380 <= some.sample <= 400) == (None, True)
    assert (some.layers.observed == everyone.layers.observed).all()
    assert (some.layers.error == everyone.layers.error).all()
    assert some.layers.excess == pytest.approx(everyone.layers.excess, abs=0.001)
    assert some.layers.p[2] == 1 / 301
    assert some.layers.standardised[2] < everyone.layers.standardised[2]
    assert some.networks[0].value < everyone.networks[0].value


def test_of_many_groups_a_sample_of_whole_ones_is_permuted():
    codes, labels = planted()
    groups = np.arange(1200) // 3
    found = whole_tests(codes, labels, 3, 0, groups, permutations=50, most=600)
    assert 550 < found.sample <= 600
    assert found.sample % 3 == 0
    assert (found.layers.p == whole_tests(codes, labels, 3, 0, groups, permutations=50).layers.p).all()


def test_both_report_progress_for_every_permutation():
    codes, labels = planted(120)
    for most in (120, 60):
        made = []
        whole_tests(codes, labels, 3, 0, permutations=7, advance=lambda made=made: made.append(1), most=most)
        assert len(made) == 14
