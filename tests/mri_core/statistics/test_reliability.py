"""Agreement of two halves, by the published example, and what it is of planted and of shuffled categories."""

import numpy as np
import pytest

from mri_core.statistics.reliability import agreement, reliability, reliability_measures, spearman_brown
from tests.planted import random_codes

# Shrout and Fleiss (1979), table 2: six targets, four judges
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


def test_agreement_is_that_of_shrout_and_fleiss():
    assert agreement(JUDGES) == pytest.approx(0.29, abs=0.005)


def test_agreement_is_absolute_a_constant_between_raters_lowers_it():
    same = np.arange(8.0)
    assert agreement(np.stack([same, same], axis=1)) == pytest.approx(1)
    assert agreement(np.stack([same, same + 10], axis=1)) < 0.3


def test_agreement_of_one_target_or_of_nothing_is_undefined():
    assert np.isnan(agreement(JUDGES[:1]))
    assert np.isnan(agreement(np.ones((5, 2))))


def test_the_whole_is_more_reliable_than_its_halves():
    assert spearman_brown(np.array([0.5, 0.0])) == pytest.approx([2 / 3, 0])


def planted(documents=240):
    codes, labels = random_codes(documents, 3, 4, 0), np.arange(documents) % 2
    leans = np.random.default_rng(1).random(documents) < 0.6
    codes[:, 2] = np.where(leans, labels, codes[:, 2])
    return codes, labels


def test_planted_differences_are_reliable_and_those_of_shuffled_labels_are_not():
    codes, labels = planted()
    found = reliability(codes, labels, 2, seed=0, halvings=40)
    assert found.halves[1] > 0.8 > found.floor_high[1]
    assert abs(found.floor).max() < 0.2
    assert found.halves[0] < 0.5
    assert (found.connections >= 4).all()


def test_copies_split_between_halves_would_be_reliable_without_groups():
    codes, labels = random_codes(60, 2, 4, 2), np.arange(60) % 2
    copied, copied_labels = np.repeat(codes, 6, axis=0), np.repeat(labels, 6)
    free = reliability(copied, copied_labels, 2, 0, halvings=30).halves[0]
    together = reliability(copied, copied_labels, 2, 0, groups=np.repeat(np.arange(60), 6), halvings=30).halves[0]
    assert free > 0.7
    assert together < 0.4


def test_a_step_without_connections_of_ten_documents_has_no_reliability():
    codes = np.stack([np.arange(12), np.arange(12)], axis=1)
    found = reliability(codes, np.arange(12) % 2, 2, seed=0, halvings=3)
    assert np.isnan(found.whole).all()
    (measure,) = reliability_measures(found)
    assert measure.value is None
    assert "10 documents" in measure.details["undefined"]


def test_halves_that_disagree_are_not_stepped_up_beyond_what_a_correlation_can_be() -> None:
    stepped = spearman_brown(np.array([-0.35, -1.0, 0.0, 0.5, 1.0]))
    np.testing.assert_allclose(stepped, [-0.35, -1.0, 0.0, 2 / 3, 1.0])
