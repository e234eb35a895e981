from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.corpus.sampling import allocate, sampled_ordinals, stratified_sample
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

COUNTS = st.lists(st.integers(1, 500), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("counts", "limit", "shares"),
    [
        ([50, 30, 20], 10, [5, 3, 2]),
        ([53, 24, 23], 10, [5, 3, 2]),  # quotas 5.3, 2.4, 2.3: the largest remainder gets the last seat
        ([1000, 1, 1], 10, [8, 1, 1]),  # the two small ones would get none
        ([7, 7], 14, [7, 7]),
        ([4, 9], 2, [1, 1]),
    ],
)
def test_shares_are_those_worked_out_by_hand(counts: list[int], limit: int, shares: list[int]) -> None:
    assert allocate(counts, limit) == shares


@given(COUNTS, st.data())
def test_shares_add_up_and_none_is_empty_or_more_than_there_is(counts: list[int], data: st.DataObject) -> None:
    limit = data.draw(st.integers(len(counts), sum(counts)))
    shares = allocate(counts, limit)
    assert sum(shares) == limit
    assert all(1 <= share <= count for share, count in zip(shares, counts, strict=True))


@given(COUNTS, st.data())
def test_shares_keep_the_quota_where_every_quota_is_one_or_more(counts: list[int], data: st.DataObject) -> None:
    limit = data.draw(st.integers(math.ceil(Fraction(sum(counts), min(counts))), sum(counts)))
    quotas = [Fraction(limit * count, sum(counts)) for count in counts]
    assert min(quotas) >= 1
    for share, quota in zip(allocate(counts, limit), quotas, strict=True):
        assert math.floor(quota) <= share <= math.ceil(quota)


def test_a_limit_below_the_number_of_categories_is_refused() -> None:
    with refused("It is 2", "3 categories", kind=UsageError):
        allocate([5, 5, 5], 2)


def test_the_same_seed_draws_the_same_sample_and_another_seed_another() -> None:
    counts = {"a": 100, "b": 60}
    assert stratified_sample(counts, 40, 1) == stratified_sample(counts, 40, 1)
    assert stratified_sample(counts, 40, 1) != stratified_sample(counts, 40, 2)


def test_every_document_is_as_likely_as_its_neighbours() -> None:
    drawn = [stratified_sample({"a": 10, "b": 10}, 10, seed)["a"] for seed in range(400)]
    for position in range(10):
        assert 150 < sum(mask[position] for mask in drawn) < 250  # 200 expected, standard deviation 10


@given(COUNTS, st.data())
def test_a_sample_of_ordinals_has_the_share_of_each_category(counts: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(len(counts), sum(counts)))
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    chosen = sampled_ordinals(labels, size, 3, None, "--fit-on")
    assert (np.diff(chosen) > 0).all()
    assert np.bincount(labels[chosen]).tolist() == allocate(counts, size)
    assert chosen.tolist() == sampled_ordinals(labels, size, 3, None, "--fit-on").tolist()


def test_groups_are_in_a_sample_as_wholes() -> None:
    labels = np.arange(400) % 4
    groups = np.arange(400) // 5
    chosen = np.zeros(400, dtype=bool)
    chosen[sampled_ordinals(labels, 100, 0, groups, "--fit-on")] = True
    assert all(chosen[groups == group].all() or not chosen[groups == group].any() for group in range(80))
    assert 100 <= chosen.sum() < 105
