"""Ranks among controls, intervals, and p adjusted for everything that was tried."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.interventions.ranks import adjusted, least_spread, paired_intervals, ranked, selected_share


def test_a_rank_counts_controls_that_stand_out_as_much_to_either_side():
    controls = np.linspace(-0.09, 0.1, 99)[:, None]
    assert ranked(np.array([1.0]), controls).p[0] == 0.01
    assert ranked(np.array([-1.0]), controls).p[0] == 0.01
    assert ranked(controls[50], controls).p[0] > 0.9
    wrong = ranked(np.array([0.0, -0.2]), np.random.default_rng(0).normal(-0.5, 0.05, (99, 2)), side=1)
    assert wrong.p.tolist() == wrong.p_max.tolist() == [1, 1]  # the controls' doing
    assert ranked(np.array([-0.05]), np.random.default_rng(0).normal(-0.2, 0.01, (99, 1))).p[0] == 1
    assert ranked(np.array([0.2]), np.random.default_rng(0).normal(-0.2, 0.05, (99, 1)), side=1).p[0] == 0.01
    assert ranked(np.array([0.2]), np.random.default_rng(0).normal(-0.2, 0.05, (99, 1)), side=-1).p[0] == 1
    none = ranked(np.zeros(1), np.zeros((99, 1)))
    assert none.p[0] == 1
    assert np.isnan(none.standardised[0])


def test_a_rank_standardises_the_effect_by_its_controls():
    controls = np.array([[0.0], [0.2], [0.4]])
    found = ranked(np.array([1.0]), controls)
    assert found.mean[0] == pytest.approx(0.2)
    assert found.standardised[0] == pytest.approx(0.8 / 0.2)
    assert found.largest[0] == 0.4
    assert ranked(np.array([-1.0]), controls).largest[0] == 0


def test_familywise_p_are_right_where_the_direction_is_one_of_its_controls():
    generator, below = np.random.default_rng(0), []
    mixing = generator.standard_normal((8, 8))
    for _ in range(2_000):
        values = generator.standard_t(2, (100, 8)) @ mixing
        found = ranked(values[0], values[1:])
        below.append([found.p[0] <= 0.05, found.p_max.min() <= 0.05])
    assert np.mean(below, axis=0) == pytest.approx([0.05, 0.05], abs=0.012)


def test_one_control_with_a_rare_change_does_not_hide_an_effect():
    controls = np.zeros((99, 40))
    controls[np.arange(40), np.arange(40)] = 1 / 200  # one text each, each in another region
    effects = np.zeros(40)
    effects[3] = 0.2
    assert ranked(effects, controls).p_max[3] > 0.05
    assert ranked(effects, controls, least_spread(200)).p_max[3] == 0.01


def test_p_are_adjusted_as_the_study_adjusts_its_own():
    p = np.array([0.01, 0.02, 0.04, 0.5])
    np.testing.assert_allclose(adjusted(p, "discrete"), [0.04, 0.04, 0.16 / 3, 0.5])
    np.testing.assert_allclose(adjusted(p, "bh"), adjusted(p, None))
    np.testing.assert_allclose(adjusted(p, "fwer"), [0.04, 0.06, 0.08, 0.5])
    np.testing.assert_allclose(adjusted(p[::-1], "fwer"), [0.5, 0.08, 0.06, 0.04])


def test_the_share_of_families_that_pass():
    assert selected_share(np.array([0.01, 0.02, 0.9, 0.6]), "discrete") == 0.5
    assert selected_share(np.array([0.01, 0.02, 0.9, 0.6]), "fwer") == 0.25
    assert selected_share(np.array([0.3]), None) == 0


def test_intervals_are_over_texts_or_over_whole_groups():
    generator = np.random.default_rng(1)
    changes = generator.integers(-1, 2, 120).astype(float)
    low, high = paired_intervals(changes[:, None], None, 0)[:, 0]
    error = 1.96 * changes.std() / np.sqrt(120)
    assert [low, high] == pytest.approx([changes.mean() - error, changes.mean() + error], abs=0.02)
    groups = np.repeat(np.arange(6), 20)
    alike = np.repeat([0.0, 1, 0, 1, 1, 0], 20)
    wide = np.ptp(paired_intervals(alike[:, None], groups, 0))
    assert wide > 3 * np.ptp(paired_intervals(alike[:, None], None, 0))
