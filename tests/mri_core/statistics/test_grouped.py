"""Documents in groups of any size: what each counts, p by permuting whole groups' labels, and intervals that hold."""

import numpy as np
import pytest
from scipy.stats import betabinom, spearmanr

from mri_core.statistics.crossing import Crossing
from mri_core.statistics.distance import Margins
from mri_core.statistics.divergence import divergence
from mri_core.statistics.exact import fisher
from mri_core.statistics.families import Findings
from mri_core.statistics.group_weights import group_weights, intraclass_correlation
from mri_core.statistics.grouped import GroupedItems, Tally, chi_square_p
from mri_core.statistics.nbs import network_statistics
from mri_core.statistics.parting import parting
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables, region_tables

SIZE = 4  # documents of a group
TRUE = np.array([0.4, 0.3, 0.2, 0.1])  # shares of the cells, of both categories


def study(seed, sizes, labels, alike=0.5, planted=0.0):
    """Codes in two layers of documents of which the `alike` share takes its group's cell; labels are of groups.

    Of the first category `planted` of all documents take the rarest cell instead.
    """
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    own = generator.choice(4, size=len(sizes), p=TRUE)[group]
    cell = np.where(generator.random(len(group)) < alike, own, generator.choice(4, size=len(group), p=TRUE))
    label = np.asarray(labels)[group]
    cell[(label == 0) & (generator.random(len(group)) < planted)] = 3
    return np.column_stack([cell // 2, cell % 2]), label, group


def unequal(seed, groups=60, largest=100):
    """Group sizes from 1 to `largest`, as many of each order of magnitude."""
    return np.exp(np.random.default_rng([seed, 1]).uniform(0, np.log(largest), groups)).astype(int)


def found(codes, labels, groups, draws=200, fdr="discrete") -> Findings:
    return Procedure(labels, int(labels.max()) + 1, fdr, groups, draws, 0).differences(connection_tables(codes))


def alternating(groups, categories=2):
    return np.arange(groups) % categories


@pytest.mark.parametrize("labels", ["by_lot", "by_size"])
def test_groups_of_unlike_sizes_invent_nothing_even_where_a_category_has_the_largest(labels):
    times = 0
    for seed in range(60):
        sizes = unequal(seed)
        own = alternating(60, 3) if labels == "by_lot" else (np.argsort(np.argsort(-sizes)) // 20)
        times += found(*study(seed, sizes, own)).passed > 0
    assert times <= 8  # binomial: more in 60 at 5 % has a chance below 1 %


def test_a_difference_between_groups_of_unlike_sizes_is_found():
    times = sum(found(*study(seed, unequal(seed), alternating(60), 0.1, 0.3)).passed > 0 for seed in range(20))
    assert times >= 15


def test_one_group_is_no_evidence_however_large():
    sizes = np.array([300] + [3] * 40)
    codes, labels, groups = study(0, sizes, alternating(41), 0.0)
    codes[groups == 0] = 1
    told = found(codes, labels, groups)
    assert told.passed == 0
    assert (told.evidence.p > 0.05).all()


def test_intervals_hold_the_truth_where_those_of_independent_documents_do_not():
    held, naive = [], []
    for seed in range(40):
        codes, labels, groups = study(seed, np.full(100, SIZE), alternating(100), 0.8)
        for into, told in ((held, found(codes, labels, groups)), (naive, found(codes, labels, None))):
            into.append((told.evidence.ci_low <= 0) & (told.evidence.ci_high >= 0))
    assert np.mean(held) >= 0.93
    assert np.mean(naive) < 0.85


def test_intervals_hold_the_truth_of_groups_of_unlike_sizes_too():
    held = []
    for seed in range(40):
        told = found(*study(seed, unequal(seed), alternating(60), 0.4))
        held.append((told.evidence.ci_low <= 0) & (told.evidence.ci_high >= 0))
    assert np.mean(held) >= 0.92


def test_p_is_that_of_permuted_groups():
    studies = [study(seed, np.full(100, SIZE), alternating(100), 0.8) for seed in range(40)]
    assert np.mean(np.concatenate([found(*own).evidence.p for own in studies]) <= 0.05) <= 0.1
    assert np.mean(np.concatenate([found(*own[:2], None).evidence.p for own in studies]) <= 0.05) > 0.15


def test_groups_of_one_document_change_neither_interval_nor_p_by_more_than_chance():
    codes, labels, groups = study(3, np.ones(300, dtype=int), alternating(300))
    grouped, plain = found(codes, labels, groups, draws=2_000), found(codes, labels, None)
    assert grouped.evidence.effect == pytest.approx(plain.evidence.effect)
    assert grouped.evidence.p == pytest.approx(plain.evidence.p, abs=0.05)
    width = [told.evidence.ci_high - told.evidence.ci_low for told in (grouped, plain)]
    assert width[0] == pytest.approx(width[1], rel=0.1)


def test_labels_that_vary_within_groups_are_compared_inside_them():
    """Four kinds of groups take four cells, and within each group the first category takes a fifth half of the time."""
    groups, labels = np.repeat(np.arange(30), 4), np.tile([0, 0, 1, 1], 30)
    cell = np.where(np.arange(120) % 4 == 0, 4, groups % 4)
    told = found(np.column_stack([cell, cell]), labels, groups)
    assert told.passed == 5
    assert told.evidence.effect[-1] > 0
    assert told.evidence.finding[-1] == 1
    free = np.random.default_rng(0).permuted(labels.reshape(30, 4), axis=1).ravel()  # the same within groups by lot
    assert found(np.column_stack([cell, cell]), free, groups).passed == 0


@pytest.mark.parametrize("rho", [0.05, 0.3])
def test_the_correlation_of_groups_is_recovered_from_beta_binomial_counts(rho):
    generator, found = np.random.default_rng(1), []
    sizes = np.tile([1, 5, 20, 50], 50)
    for _ in range(20):
        one = betabinom.rvs(sizes, 0.3 * (1 - rho) / rho, 0.7 * (1 - rho) / rho, random_state=generator)
        cell = np.concatenate([np.arange(n) < k for n, k in zip(sizes, one, strict=True)]).astype(int)
        unit = np.repeat(np.arange(len(sizes)), sizes)
        found.append(intraclass_correlation(cell, unit, np.zeros(len(unit), dtype=int)))
    assert np.mean(found) == pytest.approx(rho, rel=0.1)


def test_documents_weigh_by_their_groups_and_one_where_labels_vary_within():
    codes, labels, groups = study(2, unequal(2), alternating(60), 0.6)
    tables = region_tables(codes)
    weights = group_weights(tables, labels, groups, [None, None])
    size = np.bincount(groups)[groups]
    for own, cell in zip(weights, tables.cell, strict=True):
        rho = intraclass_correlation(cell, groups, np.zeros_like(groups))
        assert 0.2 < rho < 0.6
        assert own == pytest.approx(1 / (1 + (size - 1) * rho))
    mixed = np.arange(len(labels)) % 2
    several = np.bincount(groups)[groups] > 1
    assert (group_weights(tables, mixed, groups, [None, None])[:, several] == 1).all()


def test_the_distance_of_whole_counts_ranks_tables_as_the_exact_test_does():
    generator = np.random.default_rng(0)
    size = generator.integers(20, 400, (300, 1, 2))
    count = generator.binomial(size, generator.uniform(0.005, 0.2, (300, 1, 2)))
    total, everyone = count.sum(axis=2), size.sum(axis=2)
    exact = fisher(count[:, 0], total, size[:, 0], everyone)[:, 0]
    margins = Margins.of(count, size)
    told = chi_square_p(margins.distance(margins.moments(count, size)))
    assert told[:, 0] == pytest.approx(told[:, 1])  # of two levels each says the same
    assert spearmanr(told[:, 0], exact).statistic > 0.98


def test_a_design_effect_is_the_permuted_variance_over_the_hypergeometric_one():
    codes, labels, groups = study(1, np.full(100, SIZE), alternating(100), 0.8)
    tables = connection_tables(codes)
    items = GroupedItems.of(tables, labels, groups, Crossing.none(2))
    seen = items.observed()
    tally, draws = Tally(seen), list(items.permuted(50, 0))
    assert sum(len(p) for p in tally.counting(draws)) == 50
    counts = np.concatenate([seen.taken, *(own.taken for own in draws)])[:, :, 0]
    total, everyone = counts[0].sum(axis=1), len(labels)
    hypergeometric = total * (everyone - total) / 4 / (everyone - 1)
    around_half = np.square(counts[:, :, 0] - total / 2).mean(axis=0)
    assert tally.design_effects()[:, 0] == pytest.approx(np.maximum(1, around_half / hypergeometric))


@pytest.mark.parametrize("inside", [False, True])
def test_what_could_be_taken_is_counted_anew_in_every_permutation(inside):
    codes, labels, groups = study(4, unequal(4, 30), alternating(30, 3))
    tables = connection_tables(codes)
    items = GroupedItems.of(tables, labels, groups, Crossing.none(3), inside)
    for drawn in items.permuted(20, 0):
        for taken, possible in zip(drawn.taken[:, :, 0], drawn.possible[:, :, 0], strict=True):
            for cell in range(len(taken)):
                among = tables.first == tables.first[cell] if inside else np.ones(len(taken), dtype=bool)
                assert (possible[cell] == taken[among].sum(axis=0)).all()
    sizes = {tuple(own) for drawn in items.permuted(20, 0) for own in drawn.possible[:, 0, 0].tolist()}
    assert len(sizes) > 10


def test_whole_statistics_invent_nothing_where_a_category_has_the_largest_groups():
    layers, networks, regions = 0, 0, []
    for seed in range(40):
        sizes = unequal(seed, 40, 60)
        codes, labels, groups = study(seed, sizes, np.argsort(np.argsort(-sizes)) // 20)
        layers += divergence(codes, labels, 2, 0, groups, 99).any_difference <= 0.05
        networks += network_statistics(codes, labels, 2, 0, groups, 99)[0].p <= 0.05
        regions.extend(parting(codes, labels, 0, groups, 200).p <= 0.05)
    assert max(layers, networks) <= 6  # binomial: more in 40 at 5 % has a chance below 1 %
    assert np.mean(regions) <= 0.12  # of 80


def test_they_find_what_groups_of_unlike_sizes_differ_in():
    codes, labels, groups = study(5, unequal(5), alternating(60), 0.1, 0.5)
    assert divergence(codes, labels, 2, 0, groups, 199).any_difference <= 0.01
    assert network_statistics(codes, labels, 2, 0, groups, 199)[0].p <= 0.01
    assert parting(codes, labels, 0, groups, 400).p.min() <= 0.05
