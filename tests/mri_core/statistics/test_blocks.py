"""Who may change labels with whom, against all arrangements counted out."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from mri_core.statistics.blocks import (
    arrangements,
    bootstraps,
    label_permutations,
    permuted_labels,
    sampled,
    settled,
    shuffled_runs,
    splits,
    whole_groups,
)

PAIRS = np.array([7, 7, 3, 3, 5, 5, 1, 2, 9, 8, 8, 8])  # three pairs, three documents alone, one group of three
PAIR_LABELS = np.array([0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1])
MIXED = np.array([0, 0, 0, 1, 1, 2, 2, 3])
MIXED_LABELS = np.array([0, 0, 1, 0, 0, 1, 1, 0])


def reached(labels, groups, count=4_000):
    return Counter(tuple(own.tolist()) for own in label_permutations(labels, count, 0, groups))


def allowed(labels, groups):
    """Every arrangement in which groups of one label change it among themselves, and the others permute inside."""
    members = {group: np.flatnonzero(groups == group) for group in set(groups.tolist())}
    found = {tuple(labels.tolist())}
    for group in members.values():
        if len(set(labels[group].tolist())) > 1:
            orders = {tuple(order) for order in permutations(labels[group].tolist())}
            found = {_put(base, group, order) for base in found for order in orders}
    alike = [group for group in members.values() if len(set(labels[group].tolist())) == 1]
    if alike:
        orders, slots = set(permutations(int(labels[group[0]]) for group in alike)), np.concatenate(alike)
        lengths = [len(group) for group in alike]
        found = {_put(base, slots, np.repeat(order, lengths)) for base in found for order in orders}
    return found


def _put(base, slots, values):
    changed = np.array(base)
    changed[slots] = values
    return tuple(changed.tolist())


@pytest.mark.parametrize(("labels", "groups"), [(PAIR_LABELS, PAIRS), (MIXED_LABELS, MIXED)])
def test_permutations_reach_every_allowed_arrangement_and_no_other_equally_often(labels, groups):
    expected = allowed(labels, groups)
    counts = reached(labels, groups)
    assert set(counts) == expected
    assert chisquare(list(counts.values())).pvalue > 1e-3
    assert arrangements(labels, groups) == pytest.approx(np.log10(len(expected)))


def test_a_document_that_is_its_own_group_is_as_free_as_without_groups():
    labels = np.array([0, 0, 1, 1, 2])
    assert set(reached(labels, np.arange(5))) == set(reached(labels, None)) == set(permutations(labels.tolist()))
    assert arrangements(labels) == pytest.approx(np.log10(30))


def test_labels_do_not_leave_their_place_and_a_group_is_cut_at_its_borders():
    labels, place = np.array([0, 1, 1, 0, 1, 1]), np.array([5, 5, 5, 2, 2, 2])
    free = {tuple(own.tolist()) for own in label_permutations(labels, 500, 0, within=place)}
    assert len(free) == 9
    assert {(sum(own[:3]), sum(own[3:])) for own in free} == {(2, 2)}
    groups = np.array([0, 1, 1, 1, 2, 2])
    reached = {tuple(own.tolist()) for own in label_permutations(labels, 500, 0, groups, place)}
    assert reached == {(*left, *right) for left in ((0, 1, 1), (1, 0, 0)) for right in ((0, 1, 1), (1, 0, 0))}


def test_the_same_seed_gives_the_same_permutations_one_at_a_time():
    labels = np.repeat([0, 1], 50)
    first, again = (label_permutations(labels, 3, 7) for _ in range(2))
    assert (np.array(list(first)) == np.array(list(again))).all()
    assert (next(label_permutations(labels, 3, 8)) != next(label_permutations(labels, 3, 7))).any()


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(30), 2), np.arange(60) % 12])
def test_permutations_are_the_same_however_many_are_made_at_once(groups):
    labels = np.repeat([0, 1, 2], 20)
    alone, together = (list(permuted_labels(labels, 7, 3, groups, at_once=most)) for most in (1, 5))
    assert [len(several) for several in together] == [5, 2]
    assert (np.concatenate(alone) == np.concatenate(together)).all()


def test_groups_of_unlike_sizes_change_labels_as_wholes():
    labels, groups = np.array([0, 1, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 2])
    assert set(reached(labels, groups, 200)) == {(a, b, b, c, c, c) for a, b, c in permutations(range(3))}
    assert arrangements(labels, groups) == pytest.approx(np.log10(6))


def test_groups_of_one_label_alone_leave_nothing_to_permute():
    labels, groups = np.array([0, 0, 0, 1, 0]), np.array([0, 0, 1, 2, 2])
    assert settled(labels, groups).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(("labels", "groups"), [(PAIR_LABELS, PAIRS), (MIXED_LABELS, MIXED)])
def test_a_document_is_settled_where_no_arrangement_gives_it_another_label(labels, groups):
    every = np.array(sorted(allowed(labels, groups)))
    assert settled(labels, groups).tolist() == (every == labels).all(axis=0).tolist()


def test_a_bootstrap_draws_whole_groups_in_rising_order_of_documents():
    groups = np.array([4, 4, 0, 0, 0, 9])
    seen = Counter()
    for drawn in bootstraps(6, 2_000, 1, groups):
        times = np.bincount(drawn, minlength=6)
        assert (np.diff(drawn) >= 0).all()
        assert times[0] == times[1]
        assert times[2] == times[3] == times[4]
        assert times[0] + times[2] + times[5] == 3
        seen[times[0], times[2], times[5]] += 1
    # three draws of three: 1/27 for each corner, 3/27 for each edge, 6/27 for one of each
    expected = {times: 1 if max(times) == 3 else 6 if max(times) == 1 else 3 for times in seen}
    assert len(seen) == 10
    assert chisquare([seen[t] for t in seen], [2_000 / 27 * expected[t] for t in seen]).pvalue > 1e-3


def test_a_bootstrap_without_groups_has_as_many_documents_as_the_corpus():
    assert all(len(drawn) == 40 for drawn in bootstraps(40, 5, 0))


def test_halvings_halve_every_category_and_keep_groups_together():
    labels = np.repeat([0, 1, 2], [8, 6, 6])
    for first in splits(labels, 30, 0):
        assert np.bincount(labels[first], minlength=3).tolist() == [4, 3, 3]
    for first in splits(labels, 30, 0, groups=np.arange(20) // 2):
        assert (first[::2] == first[1::2]).all()
        assert first[labels == 0].sum() == 4


def test_an_odd_number_is_halved_by_lot_and_both_parts_have_some():
    labels = np.repeat([0, 1], [3, 2])
    sizes = Counter(int(first[labels == 0].sum()) for first in splits(labels, 400, 0))
    assert set(sizes) == {1, 2}
    assert 150 < sizes[1] < 250


def test_a_split_takes_its_share_of_every_stratum():
    labels = np.repeat([0, 1], [40, 20])
    for train in splits(labels, 20, 3, share=0.7):
        assert np.bincount(labels[train]).tolist() == [28, 14]


def test_a_sample_has_its_share_of_every_category_and_none_is_left_out():
    labels = np.repeat([0, 1, 2, 3], [600, 300, 99, 1])
    chosen = sampled(labels, 0, most=100)
    sizes = np.bincount(labels[chosen], minlength=4)
    assert sizes.sum() <= 100
    assert sizes == pytest.approx([55, 28, 9, 1], abs=2)
    assert (chosen == sampled(labels, 0, most=100)).all()
    assert (chosen != sampled(labels, 1, most=100)).any()
    assert sampled(labels, 0, most=1_000) is None


def test_a_sample_has_whole_groups_in_their_share_of_every_category():
    groups = np.arange(1200) // 4
    labels = groups % 2
    chosen = sampled(labels, 0, groups, most=400)
    together = chosen.reshape(300, 4)
    assert (together.all(axis=1) | ~together.any(axis=1)).all()
    assert np.bincount(labels[chosen]).tolist() == [200, 200]


@pytest.mark.parametrize("seed", range(4))
def test_a_sample_of_groups_of_any_size_has_its_documents_and_a_group_of_every_category(seed):
    groups = np.repeat(np.arange(303), [700, *[1] * 300, 20, 2])
    labels = np.repeat([0, 1, 0], [1000, 20, 2])
    labels[-2:] = [0, 2]  # the last group has two labels, and the third category has no other
    chosen = whole_groups(labels, 50, seed, groups)
    assert all(len(set(chosen[groups == group].tolist())) == 1 for group in range(303))
    own = np.flatnonzero(np.bincount(groups, chosen) > 0)
    sizes = np.bincount(groups)
    assert 49 <= sizes[own].sum() < 49 + 700 + 20 + 2
    assert np.unique(labels[chosen]).tolist() == [0, 1, 2]


def test_runs_are_shuffled_within_themselves_and_every_order_is_as_likely() -> None:
    strata = np.array([0, 0, 0, 4, 7, 7, 9, 9, 9])
    drawn = shuffled_runs(strata, np.random.default_rng(0), 6_000)
    assert (np.sort(drawn, axis=1) == np.arange(9)).all()
    assert (strata[drawn] == strata).all()
    orders = np.unique(drawn[:, 6:], axis=0, return_counts=True)[1]
    assert len(orders) == 6
    assert np.abs(orders - 1_000).max() < 130  # 4.5 standard deviations
    assert abs((drawn[:, 4] == 4).mean() - 0.5) < 0.03
    assert shuffled_runs(strata[:0], np.random.default_rng(0), 3).shape == (3, 0)
