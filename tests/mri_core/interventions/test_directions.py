"""Directions of regions, and controls as long as they are."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.interventions.directions import (
    COVARIANCE,
    OTHER_LAYERS,
    OTHER_REGIONS,
    SHUFFLED,
    Contrast,
    adding,
    difference,
    draw_controls,
    erasing,
)

DOCUMENTS, WIDTH = 400, 12


def rows(seed=0, scale=1.0):
    generator = np.random.default_rng(seed)
    return (generator.standard_normal((DOCUMENTS, WIDTH)) * np.linspace(0.2, 3, WIDTH) * scale).astype(np.float32)


def contrast(first=0, last=40):
    members = np.arange(first, last)
    return Contrast(members, np.setdiff1d(np.arange(DOCUMENTS), members))


def drawn(layers=None, count=99, regions=(), seed=0, layer=0):
    layers = [rows()] if layers is None else layers
    return draw_controls(layers, layer, contrast(), np.arange(DOCUMENTS), regions, count, seed)


def test_a_direction_is_the_difference_of_two_means():
    own = rows().astype(np.float64)
    expected = own[:40].mean(axis=0) - own[40:].mean(axis=0)
    np.testing.assert_allclose(difference(rows(), contrast()), expected, rtol=1e-12)


def test_controls_are_as_long_as_the_direction_and_the_same_for_a_seed():
    regions = [contrast(first, first + 40) for first in (40, 80, 120)]
    found = drawn(regions=regions)
    length = np.linalg.norm(difference(rows(), contrast()))
    np.testing.assert_allclose(np.linalg.norm(found.directions, axis=1), length, rtol=1e-9)
    assert {kind: found.kinds.count(kind) for kind in found.kinds} == {OTHER_REGIONS: 3, COVARIANCE: 48, SHUFFLED: 48}
    np.testing.assert_array_equal(found.directions, drawn(regions=regions).directions)
    assert not np.array_equal(found.directions, drawn(regions=regions, seed=1).directions)


def test_other_regions_are_a_third_of_the_controls_at_most():
    regions = [contrast(first, first + 5) for first in range(40, 390, 5)]
    found = drawn(regions=regions)
    assert found.kinds.count(OTHER_REGIONS) == 33
    direct = [difference(rows(), one) for one in regions]
    cosines = [
        max(one @ other / np.linalg.norm(one) / np.linalg.norm(other) for other in direct) for one in found.directions
    ]
    assert np.sum(np.array(cosines) > 1 - 1e-9) == 33


def test_another_layers_direction_that_is_nearly_the_same_is_no_control():
    near, far = rows() + 0.01 * rows(1), rows(2)
    found = drawn([rows(), near, far, np.zeros((DOCUMENTS, WIDTH + 1), np.float32)])
    assert found.parallel == 1
    assert found.kinds.count(OTHER_LAYERS) == 1  # of the layer that is as wide


def test_draws_from_the_covariance_spread_as_the_rows_do():
    found = drawn(count=4_000)
    for kind in (COVARIANCE, SHUFFLED):
        of_kind = found.directions[[one == kind for one in found.kinds]]
        shares = np.square(of_kind).mean(axis=0) / np.square(of_kind).mean(axis=0).sum()
        expected = rows().var(axis=0) / rows().var(axis=0).sum()
        np.testing.assert_allclose(shares, expected, atol=0.04)


def test_random_groups_of_documents_hold_groups_whole():
    groups = np.arange(DOCUMENTS) // 40
    states = np.repeat(np.eye(10), 40, axis=0).astype(np.float32)  # a column for each group
    found = draw_controls([states], 0, contrast(), np.arange(DOCUMENTS), (), 99, 0, groups)
    of_kind = found.directions[[one == SHUFFLED for one in found.kinds]]
    assert all(np.sum(one > 1e-9) == 1 for one in of_kind)  # the 40 documents of one side are one group


def test_an_erasure_is_around_the_mean_along_a_unit_vector():
    push = erasing(np.array([3.0, 4.0]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(push.along, [0.6, 0.8], rtol=1e-6)
    assert push.centre == pytest.approx(2.2)
    assert push.times(0.5).strength == 0.5
    other = push.towards(np.array([1.0, 0.0]))
    np.testing.assert_array_equal(other.along, push.along)
    assert adding(np.array([1.0, 2.0]), 3.0).times(2).strength == 6
