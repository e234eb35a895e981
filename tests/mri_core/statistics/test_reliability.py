"""Agreement of two halves, by the published example, and what it is of planted and of shuffled categories."""

import numpy as np
import pytest

from mri_core.statistics.reliability import (
    agreement,
    placed_agreement,
    placed_measures,
    reliability,
    reliability_measures,
    spearman_brown,
)
from mri_core.statistics.tables import connection_tables
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
    assert spearman_brown(np.array([0.5, -0.5]), 3) == pytest.approx([3 / 4, -0.5])


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


def test_the_documents_fitted_and_those_placed_agree_by_their_deviations():
    codes, labels = planted()
    drawn = np.random.default_rng(4).random(240) < 0.63
    shares = np.zeros((2, 2, 4, 4))  # fitted or not, category, and the ends of the last step
    np.add.at(shares, (drawn.astype(int), labels, codes[:, 1], codes[:, 2]), 1)
    enough = shares.sum(axis=(0, 1)) >= 10
    shares /= shares.sum(axis=(2, 3), keepdims=True)
    deviations = (shares - shares.mean(axis=1, keepdims=True))[..., enough]
    found = placed_agreement(connection_tables(codes), drawn, labels, 2)
    assert found.steps[1] == pytest.approx(agreement(deviations.reshape(2, -1).T))
    assert found.connections[1] == enough.sum()
    assert found.longer == pytest.approx(240 / (2 / (1 / drawn.sum() + 1 / (~drawn).sum())))


def test_where_a_refit_lacks_a_category_on_one_side_it_is_left_out_and_where_all_do_that_is_said():
    codes, labels = planted()
    drawn = np.arange(240) % 3 > 0
    usual, without = (
        placed_agreement(connection_tables(codes), part, labels, 2) for part in (drawn, drawn | (labels == 1))
    )
    everyone = placed_agreement(connection_tables(codes), np.ones(240, dtype=bool), labels, 2)
    step = placed_measures([usual, without, everyone])[1]
    assert (step.kind, step.layer, step.details["refits"]) == ("reliability_placed", 1, 1)
    assert step.details["agreement"] == step.details["least"] == usual.steps[1]
    assert step.value == pytest.approx(spearman_brown(usual.steps, usual.longer)[1])
    undefined = placed_measures([without, everyone])[0]
    assert undefined.value is None
    assert "undefined" in undefined.details


def test_the_whole_is_as_reliable_as_a_second_corpus_of_its_size_shows():
    """Of tables drawn anew from known shares: the agreement of two corpora of 240, and what one of them foretells."""
    generator = np.random.default_rng(6)
    shares = np.array([[0.3, 0.2, 0.1, 0.15, 0.05, 0.2], [0.2, 0.3, 0.12, 0.13, 0.1, 0.15]])
    labels = np.repeat([0, 1], 120)

    def corpus():
        return np.concatenate([generator.choice(6, 120, p=own) for own in shares])

    twice, foretold = [], []
    for _ in range(200):
        codes, others = corpus(), corpus()
        both = np.concatenate([codes, others])[:, None].repeat(2, axis=1)
        twice.append(placed_agreement(connection_tables(both), np.arange(480) < 240, np.tile(labels, 2), 2).steps[0])
        drawn = np.bincount(generator.integers(240, size=240), minlength=240) > 0
        foretold.append(placed_agreement(connection_tables(codes[:, None].repeat(2, axis=1)), drawn, labels, 2))
    assert placed_measures(foretold)[0].value == pytest.approx(np.mean(twice), abs=0.06)


def test_halves_drawn_as_tables_agree_as_those_of_the_documents_themselves():
    """Documents that are each a group of their own are halved and shuffled one by one."""
    codes, labels = planted(241)
    labels = np.where(np.arange(241) % 5, labels, 2)
    tables, documents = (
        [reliability(codes, labels, 3, seed, groups=groups, halvings=60) for seed in range(10)]
        for groups in (None, np.arange(241))
    )
    for name, error in (("halves", 0.05), ("floor", 0.1), ("floor_high", 0.2)):
        ours, theirs = (np.mean([getattr(own, name) for own in found], axis=0) for found in (tables, documents))
        assert ours == pytest.approx(theirs, abs=error)
    assert (tables[0].connections == documents[0].connections).all()


def test_of_many_documents_in_groups_a_sample_is_halved(monkeypatch):
    codes, labels = planted(600)
    groups = np.arange(600) // 2
    whole = reliability(codes, labels, 2, 0, groups=groups, halvings=60)
    monkeypatch.setattr("mri_core.statistics.reliability.sampled", lambda *given: np.repeat(np.arange(300) % 3 == 0, 2))
    some = reliability(codes, labels, 2, 0, groups=groups, halvings=60)
    assert some.connections.sum() <= whole.connections.sum()
    assert 0.5 < some.halves[1] < whole.halves[1]
