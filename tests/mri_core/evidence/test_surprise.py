"""Whose regions a path passes, and how rare its steps are."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.evidence.surprise import nearest_categories, parts_of_categories, surprise


def test_a_regions_parts_count_every_category_alike() -> None:
    shares = np.array([[0.5, 0.25, 0.25], [0.1, 0.0, 0.3]])
    assert parts_of_categories(shares) == pytest.approx(np.array([[0.5, 0.25, 0.25], [0.25, 0.0, 0.75]]))


def test_a_region_without_documents_is_no_categorys() -> None:
    parts = parts_of_categories(np.zeros((1, 2)))
    assert np.isnan(parts).all()
    assert nearest_categories(parts) == [None]


def test_the_nearest_category_has_the_largest_part_and_a_tie_has_none() -> None:
    assert nearest_categories(np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])) == [1, 0, None]


def test_thirds_that_differ_by_rounding_tie() -> None:
    third = 1 / 3
    assert nearest_categories(np.array([[third, 1 - 2 * third, 0.3]])) == [None]


@pytest.mark.parametrize(
    ("taking", "leaving", "bits"), [(8, 8, 0.0), (4, 8, 1.0), (1, 8, 3.0), (0, 8, np.inf), (0, 0, np.nan)]
)
def test_a_step_surprises_by_the_bits_of_its_share(taking: int, leaving: int, bits: float) -> None:
    found = surprise(np.array([taking]), np.array([leaving]))[0]
    assert found == pytest.approx(bits, nan_ok=True)
    assert not np.signbit(found)


def test_on_average_documents_are_surprised_by_the_entropy_of_their_steps() -> None:
    taken = np.random.default_rng(0).integers(1, 30, size=6)
    bits = surprise(taken, np.full(6, taken.sum()))
    share = taken / taken.sum()
    assert (taken * bits).sum() / taken.sum() == pytest.approx(-(share * np.log(share)).sum() / np.log(2))
