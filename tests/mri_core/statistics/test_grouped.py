"""Documents in groups of any size: what each counts, p by permuting whole groups' labels, and intervals that hold."""

import numpy as np
import pytest
from scipy.stats import betabinom, spearmanr

from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.distance import Margins
from mri_core.statistics.divergence import divergence
from mri_core.statistics.exact import fisher
from mri_core.statistics.families import Findings
from mri_core.statistics.group_weights import intraclass_correlation
from mri_core.statistics.grouped import Tally, chi_square_p
from mri_core.statistics.grouped_items import GroupedItems, whole_groups
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


@pytest.mark.slow  # a simulation of seconds; whole statistics are simulated below
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


@pytest.mark.slow
def test_intervals_hold_the_truth_where_those_of_independent_documents_do_not():
    held, naive = [], []
    for seed in range(40):
        codes, labels, groups = study(seed, np.full(100, SIZE), alternating(100), 0.8)
        for into, told in ((held, found(codes, labels, groups)), (naive, found(codes, labels, None))):
            into.append((told.evidence.ci_low <= 0) & (told.evidence.ci_high >= 0))
    assert np.mean(held) >= 0.93
    assert np.mean(naive) < 0.85


@pytest.mark.slow
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
    weights = GroupedItems.of(tables, labels, groups, Crossing.none(2)).weights
    size = np.bincount(groups)[groups]
    for own, cell in zip(weights, tables.cell, strict=True):
        rho = intraclass_correlation(cell, groups, np.zeros_like(groups))
        assert 0.2 < rho < 0.6
        assert own == pytest.approx(1 / (1 + (size - 1) * rho))
    mixed = np.arange(len(labels)) % 2
    several = np.bincount(groups)[groups] > 1
    assert (GroupedItems.of(tables, mixed, groups, Crossing.none(2)).weights[:, several] == 1).all()


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
    tally, draws = Tally(items), list(items.permuted(50, 0))
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


@pytest.mark.slow
@pytest.mark.parametrize("regions", [2, 24])
def test_whole_statistics_invent_nothing_where_a_category_has_the_largest_groups(regions):
    layers, networks, parts, excess, above = 0, 0, [], [], 0
    for seed in range(40):
        sizes = unequal(seed, 40, 60)
        codes, labels, groups = spread(seed, sizes, np.argsort(np.argsort(-sizes)) // 20, regions)
        apart = divergence(codes, labels, 2, 0, groups, 99)
        layers += apart.any_difference <= 0.05
        excess.append(apart.excess[0])
        above += apart.excess[0] > 1.96 * apart.error[0]
        networks += network_statistics(codes, labels, 2, 0, groups, 99)[0].p <= 0.05
        parts.extend(parting(codes, labels, 0, groups, 200).p <= 0.05)
    assert max(layers, networks, above) <= 6  # binomial: more in 40 at 5 % has a chance below 1 %
    assert np.mean(parts) <= 0.1
    assert abs(np.mean(excess)) <= 0.03  # bits: chance is that of the categories' own sizes


def test_groups_that_span_the_strata_of_crossed_labels_stay_together():
    """Writers of one topic each, with texts in four registers; a writer's texts are alike, and topics are not."""
    times, levels = 0, []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        cell = np.concatenate([generator.choice(6, 16, p=generator.dirichlet(np.full(6, 0.25))) for _ in range(40)])
        writer, register = np.repeat(np.arange(40), 16), np.tile(np.repeat(np.arange(4), 4), 40)
        labels, crossing = writer % 2 * 4 + register, Crossing(np.repeat([0, 1], 4), np.tile(np.arange(4), 2))
        procedure = Procedure(labels, 8, groups=writer, permutations=200)
        told = procedure.grouped(region_tables(cell[:, None]), writer, crossing)
        times += told.passed > 0
        levels.extend(told.evidence.p[:, 0] <= 0.05)
    assert times <= 8
    assert np.mean(levels) <= 0.08


def test_levels_change_in_all_strata_of_a_group_at_once_and_within_those_in_which_they_vary():
    levels = np.array([0, 0, 1, 1, 0, 1, 1, 1, 0, 0])
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    strata = np.array([0, 1, 0, 1, 0, 0, 0, 0, 0, 1])
    parts, places = whole_groups(levels, groups, strata)
    seen = {tuple(own.tolist()) for own in label_permutations(levels, 400, 0, parts, places)}
    whole = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]  # of the groups 0, 1 and 4; group 3 is alone in its pattern of strata
    assert seen == {(a, a, b, b, *inside, 1, 1, c, c) for a, b, c in whole for inside in ((0, 1), (1, 0))}


@pytest.mark.slow
def test_where_whole_and_mixed_groups_use_regions_differently_nothing_is_invented():
    times, apart = 0, 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        sizes = np.exp(generator.uniform(0, np.log(30), 30)).astype(int)
        label = np.repeat(np.argsort(np.argsort(-sizes)) // 15, sizes)
        mixed, whole = generator.choice(6, 200, p=[0.5, 0.3, 0.1, 0.04, 0.03, 0.03]), generator.choice(6, len(label))
        codes = np.repeat(np.concatenate([mixed, whole])[:, None], 2, axis=1)
        labels = np.concatenate([np.tile([0, 1], 100), label])
        groups = np.concatenate([np.repeat(np.arange(20), 10), 20 + np.repeat(np.arange(30), sizes)])
        times += Procedure(labels, 2, groups=groups, permutations=200).differences(region_tables(codes)).passed > 0
        apart += divergence(codes, labels, 2, 0, groups, 99).any_difference <= 0.05
    assert max(times, apart) <= 6


def test_a_group_that_fills_a_region_by_itself_hides_no_other_finding_and_is_none():
    codes, labels, groups = study(5, unequal(5), alternating(60), 0.1, 0.5)
    plain = found(codes, labels, groups).passed
    assert plain > 0
    alone = np.full((20, 2), 5)
    with_it = found(
        np.concatenate([codes, alone]), np.append(labels, np.zeros(20, int)), np.append(groups, np.full(20, 60))
    )
    assert with_it.passed >= plain - 1
    assert with_it.evidence.p[-1] > 0.05
    assert with_it.level >= 0.95


def test_a_later_name_has_the_p_of_its_own_comparison():
    """Of three categories .6, .35 and .1 take one region: the first against the second alone differs too."""
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(450), 2)
    labels = np.repeat(np.arange(3), 150)[groups]
    first = generator.random(900) < np.array([0.6, 0.35, 0.1])[labels]
    cell = np.where(first, 0, generator.integers(1, 6, 900))
    told = Procedure(labels, 3, groups=groups, permutations=500).differences(region_tables(cell[:, None])).evidence
    assert told.finding[:3].tolist() == [1, -1, -1]
    assert (told.p[:3] <= 0.05).all()
    assert (np.sign(told.effect[:3]) == told.finding[:3]).all()


@pytest.mark.slow  # a simulation of seconds
def test_of_groups_of_unlike_sizes_familywise_findings_are_rare_and_named_ones_agree():
    times = 0
    for seed in range(40):
        told = found(*study(seed, unequal(seed), alternating(60, 3)), fdr="fwer")
        times += told.passed > 0
    assert times <= 6
    told = found(*study(5, unequal(5), alternating(60), 0.1, 0.5), fdr="fwer")
    assert told.passed > 0
    assert (np.sign(told.evidence.effect) == told.evidence.finding)[told.evidence.finding != 0].all()


def spread(seed, sizes, labels, regions):
    """Two layers of so many regions: independent documents, whose labels are of their groups."""
    generator = np.random.default_rng([seed, regions])
    group = np.repeat(np.arange(len(sizes)), sizes)
    first = generator.choice(regions, len(group), p=generator.dirichlet(np.ones(regions)))
    second = np.where(generator.random(len(group)) < 0.6, first, generator.choice(regions, len(group)))
    return np.column_stack([first, second]), np.asarray(labels)[group], group


def test_they_find_what_groups_of_unlike_sizes_differ_in():
    codes, labels, groups = study(5, unequal(5), alternating(60), 0.1, 0.5)
    assert divergence(codes, labels, 2, 0, groups, 199).any_difference <= 0.01
    assert network_statistics(codes, labels, 2, 0, groups, 199)[0].p <= 0.01
    assert parting(codes, labels, 0, groups, 400).p.min() <= 0.05


def test_groups_of_one_kind_are_compared_within_the_strata_of_the_other_label() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    labels = generator.integers(4, size=40)[groups]
    crossing = Crossing(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    items = GroupedItems.of(region_tables(generator.integers(3, size=(200, 2))), labels, groups, crossing)
    of_table = items.observed().taken[0][:3].sum(axis=0)
    assert items.kinds == 1
    assert of_table.tolist() == [[(labels == 0).sum(), (labels == 2).sum()], [(labels == 1).sum(), (labels == 3).sum()]]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("crossed", [False, True])
def test_counting_groups_gives_what_counting_documents_gives(inside: bool, crossed: bool) -> None:
    """Of the same permutations; those inside regions are drawn in another order, and agree in mean and spread."""
    if inside and crossed:
        pytest.skip("categories without crossing")
    generator = np.random.default_rng(1)
    groups = np.repeat(np.arange(30), generator.integers(4, 30, 30))
    labels, codes = generator.integers(4, size=30)[groups], generator.integers(3, size=(len(groups), 3))
    crossing = Crossing(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) if crossed else Crossing.none(4)
    tables = connection_tables(codes)
    documents, together = (GroupedItems.of(tables, labels, groups, crossing, inside, own) for own in (False, True))
    assert documents.bundles is None
    assert together.bundles is not None
    seen = [[np.concatenate(part) for part in zip(*own.permuted(400, 3), strict=True)] for own in (documents, together)]
    for one, other in zip(*seen, strict=True):
        assert one.shape == other.shape
        if inside or crossed:
            spread = one.std(axis=0) + 1e-9
            assert np.abs(one.mean(axis=0) - other.mean(axis=0)).max() < 6 * spread.max() / np.sqrt(400)
            assert one.std(axis=0) == pytest.approx(other.std(axis=0), rel=0.4, abs=0.2)
        else:
            assert other == pytest.approx(one)


def test_findings_of_many_tokens_in_texts_are_those_of_documents_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    groups = np.repeat(np.arange(40), generator.integers(10, 60, 40))
    labels, codes = (np.arange(40) % 2)[groups], generator.integers(3, size=(len(groups), 3))
    codes[(labels == 0) & (generator.random(len(groups)) < 0.3)] = 1
    procedure = Procedure(labels, 2, groups=groups, permutations=200)
    plain = [procedure.differences(connection_tables(codes), inside) for inside in (False, True)]
    apart = divergence(codes, labels, 2, 0, groups, 200)
    monkeypatch.setattr("mri_core.statistics.blocks.LARGE", 1)
    monkeypatch.setattr("mri_core.statistics.blocks.TOGETHER", 1)
    fast = [procedure.differences(connection_tables(codes), inside) for inside in (False, True)]
    assert fast[0].q == pytest.approx(plain[0].q)
    assert fast[0].evidence.effect == pytest.approx(plain[0].evidence.effect)
    assert (fast[1].q <= 0.05).sum() == pytest.approx((plain[1].q <= 0.05).sum(), abs=3)
    again = divergence(codes, labels, 2, 0, groups, 200)
    assert again.p == pytest.approx(apart.p)
    assert again.excess == pytest.approx(apart.excess)


def test_p_of_a_first_name_is_counted_over_permutations_and_that_of_a_further_one_is_of_chi_squared():
    labels = np.repeat(np.arange(3), 200)
    codes = np.zeros((600, 4), dtype=int)
    for category, (many, few) in enumerate([(150, 40), (90, 9), (10, 10)]):
        codes[category * 200 : category * 200 + many, 1] = 1
        codes[category * 200 : category * 200 + few, 3] = 1  # the largest p that passes, which bounds further ones
    found = Procedure(labels, 3, groups=np.arange(600) // 2, permutations=200).differences(connection_tables(codes))
    further = np.array([before is not None for before in found.evidence.before])
    assert further.any()
    assert (found.evidence.p[further] < 1e-8).any()  # as small as that of the category against all others
    assert (found.evidence.p[further] < 1 / 201).all()
    assert (found.evidence.p[~further] >= 1 / 201 * (1 - 1e-9)).all()
