"""Divergence over chance, its error and its p, against loops that leave out and arrange one by one."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binom, chi2_contingency

from mri_core.statistics import jensen_shannon
from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.divergence import STATISTIC, divergence, divergence_measures, jackknife
from mri_core.statistics.tables import region_tables


def corpus(documents=60, layers=3, regions=4, categories=3, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(regions, size=(documents, layers)), generator.integers(categories, size=documents)


def by_hand(regions, labels):
    counts = np.zeros((labels.max() + 1, regions.max() + 1))
    np.add.at(counts, (labels, regions), 1)
    return jensen_shannon(counts)


def g(regions, labels):
    counts = np.zeros((labels.max() + 1, regions.max() + 1))
    np.add.at(counts, (labels, regions), 1)
    return chi2_contingency(counts, lambda_="log-likelihood", correction=False).statistic


def long_tail(more, seed=0):
    """One category of 916, `more` of it in regions where no other goes, and 100 categories of five in the rest."""
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.zeros(916, dtype=int), np.repeat(np.arange(1, 101), 5)])
    codes = generator.integers(6, size=(len(labels), 2))
    large = np.flatnonzero(generator.random(916) < more)
    codes[large, 1] = generator.integers(6, 10, size=len(large))
    return codes, labels


def without(regions, labels, document):
    kept = np.arange(len(labels)) != document
    return by_hand(regions[kept], labels[kept])


def deviations(regions, labels):
    """Each document's part in the variance: of its own category's delete-one values."""
    values = np.array([without(regions, labels, document) for document in range(len(labels))])
    for category in range(labels.max() + 1):
        own = labels == category
        values[own] = (values[own] - values[own].mean()) * np.sqrt((own.sum() - 1) / own.sum())
    return values


def test_the_closed_jackknife_is_the_loop_that_leaves_out_every_document():
    codes, labels = corpus()
    loops = np.array([deviations(layer, labels) for layer in codes.T])
    errors, gains = jackknife(region_tables(codes), labels, 3)
    assert errors == pytest.approx(np.sqrt((loops**2).sum(axis=1)))
    assert gains == pytest.approx(np.sqrt(((loops - loops[0]) ** 2).sum(axis=1)))


def test_documents_of_a_group_count_together_in_the_error():
    codes, labels = corpus()
    groups = np.arange(60) // 2
    loops = np.array([deviations(layer, labels) for layer in codes.T])
    errors, _ = jackknife(region_tables(codes), labels, 3, groups)
    assert errors == pytest.approx(np.sqrt((loops.reshape(3, 30, 2).sum(axis=2) ** 2).sum(axis=1)))


def test_copies_of_every_document_in_groups_leave_the_error_nearly_as_it_was():
    codes, labels = corpus(200, 1)
    alone, _ = jackknife(region_tables(codes), labels, 3)
    copied = np.repeat(codes, 4, axis=0), np.repeat(labels, 4)
    together, _ = jackknife(region_tables(copied[0]), copied[1], 3, np.repeat(np.arange(200), 4))
    apart, _ = jackknife(region_tables(copied[0]), copied[1], 3)
    assert together == pytest.approx(alone, rel=0.1)
    assert apart == pytest.approx(alone / 2, rel=0.1)


def test_a_category_of_one_document_has_no_error():
    codes, _ = corpus(5, 2)
    errors, gains = jackknife(region_tables(codes), np.array([0, 0, 1, 0, 0]), 2)
    assert np.isnan([errors, gains]).all()


@pytest.mark.parametrize("groups", [np.zeros(60), np.arange(60) % 3, np.where(np.arange(60) % 3, np.arange(60), 0)])
def test_a_category_that_lies_in_one_group_has_no_error(groups):
    codes = corpus()[0]
    found = jackknife(region_tables(codes), np.arange(60) % 3, 3, groups)
    assert np.isnan(found).all()


def test_p_and_excess_are_those_of_all_arrangements():
    codes = np.array([[0, 0], [0, 1], [0, 1], [1, 0], [1, 1], [1, 2], [1, 2], [0, 0]])
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    labels[-1] = 1  # of unequal sizes the two divergences are not the same
    of_all = [np.isin(np.arange(8), ones).astype(int) for ones in combinations(range(8), 5)]
    every, observed = (
        [[by_hand(layer, own) for layer in codes.T] for own in several] for several in (of_all, [labels])
    )
    weighed, own = (
        np.array([[g(layer, own) for layer in codes.T] for own in several]) for several in (of_all, [labels])
    )
    highest = np.abs((weighed - weighed.mean(axis=0)) / weighed.std(axis=0)).max(axis=1)
    z = (own[0] - weighed.mean(axis=0)) / weighed.std(axis=0)
    found = divergence(codes, labels, 2, seed=0, permutations=4_000)
    assert found.observed == pytest.approx(observed[0])
    assert found.by_size == pytest.approx(own[0] / (2 * 8 * np.log(2)))
    assert found.excess == pytest.approx(observed[0] - np.mean(every, axis=0), abs=0.02)
    assert found.standardised == pytest.approx(z, abs=0.1)
    assert found.p == pytest.approx([(highest >= abs(one) - 1e-9).mean() for one in z], abs=0.03)
    assert found.any_difference == found.p.min()


def test_no_layer_differs_more_often_than_alpha_where_labels_mean_nothing():
    chances = []
    for seed in range(200):
        codes, labels = corpus(seed=seed)
        chances.append(divergence(codes, labels, 3, seed, permutations=59).any_difference)
    for alpha in (0.05, 0.1, 0.5):
        assert np.sum(np.array(chances) <= alpha) <= binom.ppf(0.999, 200, alpha)


@pytest.mark.parametrize(("more", "rises"), [(0.5, True), (0.1, False)])
def test_what_one_large_category_does_is_found_where_a_hundred_small_ones_hide_it(more, rises):
    codes, labels = long_tail(more)
    shuffled = [by_hand(codes[:, 1], own) for own in label_permutations(labels, 99, 1)]
    assert by_hand(codes[:, 1], labels) < min(shuffled)
    found = divergence(codes, labels, 101, seed=0, permutations=199)
    assert found.excess[1] < 0
    assert bool(found.standardised[1] > 0) == rises
    assert found.any_difference == found.p[1] < 0.05
    assert found.p[0] > 0.05
    assert divergence_measures(found)[-1].value == found.standardised[1]


def test_categories_of_very_unequal_sizes_differ_no_more_often_than_alpha_where_labels_mean_nothing():
    codes, labels = long_tail(more=0.5)
    chances = [
        divergence(codes, own, 101, seed, permutations=19).any_difference
        for seed, own in enumerate(label_permutations(labels, 120, 2))
    ]
    for alpha in (0.05, 0.1, 0.5):
        assert np.sum(np.array(chances) <= alpha) <= binom.ppf(0.999, 120, alpha)
        assert np.sum(np.array(chances) <= alpha) >= binom.ppf(0.001, 120, alpha)


def test_copies_in_groups_invent_differences_only_where_they_are_taken_for_independent():
    free, blocks = [], []
    for seed in range(150):
        codes, labels = corpus(24, 2, seed=seed)
        copies, copied, groups = np.repeat(codes, 5, axis=0), np.repeat(labels, 5), np.repeat(np.arange(24), 5)
        free.append(divergence(copies, copied, 3, seed, permutations=59).any_difference)
        blocks.append(divergence(copies, copied, 3, seed, groups, permutations=59).any_difference)
    assert np.mean(np.array(free) <= 0.05) > 0.5
    for alpha in (0.05, 0.1, 0.5):
        assert np.sum(np.array(blocks) <= alpha) <= binom.ppf(0.999, 150, alpha)


def test_the_excess_is_nothing_on_average_where_labels_mean_nothing():
    excess = []
    for seed in range(60):
        codes, labels = corpus(seed=seed)
        excess.append(divergence(codes, labels, 3, seed, permutations=60).excess)
    mean, error = np.mean(excess), np.std(np.mean(excess, axis=1)) / np.sqrt(60)
    assert abs(mean) < 4 * error


def test_half_of_the_maximum_is_reached_where_it_was_planted():
    codes, labels = corpus(300, 4, categories=2)
    codes[:, 2] = np.where(np.random.default_rng(1).random(300) < 0.85, labels, codes[:, 2])
    codes[:, 3] = labels
    found = divergence(codes, labels, 2, seed=0, permutations=200)
    assert found.half_maximum == 2
    assert found.gain[3] > 0.9
    assert found.p[3] == pytest.approx(1 / 201)
    assert found.p[0] > 0.05


def test_a_layer_of_one_region_has_no_divergence_and_no_chance():
    codes, labels = corpus()
    codes[:, 1] = 4
    found = divergence(codes, labels, 3, seed=0, permutations=99)
    assert (found.observed[1], found.excess[1], found.standardised[1], found.error[1]) == (0, 0, 0, 0)


def test_shuffles_are_as_free_as_the_groups():
    codes, labels = np.repeat([[0], [1]], 6, axis=0), np.repeat([0, 1], 6)
    free = divergence(codes, labels, 2, 0, permutations=199).any_difference
    blocks = divergence(codes, labels, 2, 0, groups=np.arange(12) // 3, permutations=199).any_difference
    assert free < 0.05
    assert blocks > 0.2  # two groups of two: a third of the arrangements are as extreme


def test_measures_tell_layers_and_the_whole():
    codes, labels = corpus()
    found = divergence(codes, labels, 3, seed=0, permutations=99)
    *layers, whole = divergence_measures(found)
    assert [(m.kind, m.layer, m.value) for m in layers] == [
        ("divergence", layer, pytest.approx(found.excess[layer])) for layer in range(3)
    ]
    assert layers[1].ci_high - layers[1].value == pytest.approx(1.96 * found.error[1])
    assert (whole.kind, whole.layer, whole.p) == ("global", None, found.any_difference)
    assert {m.details["statistic"] for m in (*layers, whole)} == {STATISTIC}
    assert layers[1].details["by_size"] == found.by_size[1]


def test_where_no_two_categories_share_a_region_there_is_no_interval_and_where_all_do_no_noise():
    labels = np.repeat([0, 1], 20)
    codes = np.stack([labels, np.zeros(40, dtype=int)], axis=1)
    apart, together = divergence_measures(divergence(codes, labels, 2, seed=0, permutations=50))[:2]
    assert (apart.ci_low, apart.ci_high) == (None, None)
    assert apart.value > 0.9
    assert together.value == 0
