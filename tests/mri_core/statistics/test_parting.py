"""Regions in which the way on depends on the category, by a statistic of SciPy's and a rule worked out by hand."""

from itertools import combinations, product, repeat
from math import comb

import numpy as np
import pytest
from scipy.special import xlogy
from scipy.stats import binom, chi2_contingency, random_table

from mri_core.statistics.parting import (
    SLACK,
    TILTS,
    RegionTest,
    g_statistic,
    log_bound,
    parting,
    parting_q,
    parting_regions,
    permuted_g,
    random_statistics,
)


def sequential(statistic, batches, most):
    """p of a region and the permutations it took; its bounds never cross."""
    test = RegionTest(0, 0, statistic, iter(batches), most)
    bounds = [(0.0, 1.0)]
    while test.goes_on:
        test.draw()
        assert bounds[-1][0] <= test.least_p <= test.greatest_p <= bounds[-1][1]
        bounds.append((test.least_p, test.greatest_p))
    assert test.least_p == test.greatest_p
    return test.least_p, test.taken


def test_g_is_that_of_scipy():
    tables = np.random.default_rng(0).integers(1, 9, size=(5, 4, 3))
    expected = [chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic for table in tables]
    assert g_statistic(tables) == pytest.approx(expected)


def test_g_of_tables_with_the_same_margins_is_g():
    tables = random_table([9, 4, 7], [12, 8]).rvs(50, random_state=0)
    assert permuted_g(tables) == pytest.approx(g_statistic(tables))


def test_counting_stops_at_the_tenth_permutation_as_extreme():
    batches = [np.array([1.0, 5, 5, 5, 0]), np.array([5.0] * 6 + [0, 5, 5]), np.array([5.0])]
    assert sequential(5.0, batches, most=1_000) == (10 / 13, 13)  # the 3 of the first 5, then 6, a 0, and the tenth


def test_where_ten_are_not_reached_all_permutations_count():
    assert sequential(5.0, repeat(np.array([5.0, 0, 0, 0, 0, 0, 0])), most=30) == (6 / 31, 30)
    assert sequential(5.0, repeat(np.zeros(7)), most=30) == (1 / 31, 30)


def test_the_sequential_p_is_valid():
    generator = np.random.default_rng(0)
    chances = []
    for _ in range(2_000):
        observed, draws = generator.random(), map(generator.random, repeat(50))
        chances.append(sequential(observed, draws, most=400)[0])
    for alpha in (0.01, 0.05, 0.2):
        assert np.sum(np.array(chances) <= alpha) <= binom.ppf(0.999, 2_000, alpha)


def test_p_of_a_region_is_that_of_all_arrangements():
    targets, labels = np.array([0, 0, 0, 1, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 1, 0, 1, 1])

    def g(own):
        table = np.zeros((3, 2))
        np.add.at(table, (targets, own), 1)
        return float(g_statistic(table))

    every = [g(np.isin(np.arange(8), ones).astype(int)) for ones in combinations(range(8), 4)]
    expected = np.mean(np.array(every) >= g(labels) - 1e-9)
    codes = np.stack([np.zeros(8, dtype=int), targets], axis=1)
    chances = [parting(codes, labels, seed).p[0] for seed in range(60)]
    grouped = [parting(codes, labels, seed, groups=np.arange(8)).p[0] for seed in range(60)]
    # the sequential p of a true chance has a relative error of about 1/√10
    assert np.mean(chances) == pytest.approx(expected, rel=0.25)
    assert np.mean(grouped) == pytest.approx(expected, rel=0.25)


def test_regions_with_one_target_or_one_category_have_nothing_to_part():
    codes = np.array([[0, 1], [0, 1], [1, 2], [1, 3], [2, 4], [2, 5]])
    found = parting(codes, np.array([0, 1, 0, 0, 0, 1]), seed=0)
    assert (found.layer.tolist(), found.region.tolist()) == ([0], [2])
    empty = parting(codes[:2], np.array([0, 1]), seed=0)
    assert len(empty.p) == 0


def test_a_category_that_sits_elsewhere_but_moves_as_all_do_parts_nowhere():
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 400)
    source = np.where(generator.random(800) < np.where(labels, 0.8, 0.2), 1, 0)
    target = np.where(generator.random(800) < np.where(source, 0.7, 0.4), 1, 0)
    assert parting(np.stack([source, target], axis=1), labels, 0).p.min() > 0.05


def test_a_category_that_sits_where_all_do_but_moves_elsewhere_parts_there():
    generator = np.random.default_rng(0)
    labels, source = np.tile([0, 1], 400), np.repeat([0, 1], 400)
    target = np.where(generator.random(800) < np.where(labels & source, 0.7, 0.4), 1, 0)
    found = parting(np.stack([source, target], axis=1), labels, 0)
    assert found.p[found.region == 1] < 0.001
    assert found.p[found.region == 0] > 0.05


def test_copies_in_groups_are_no_evidence():
    codes = np.array([[0, 0]] * 6 + [[0, 1]] * 6)
    labels = np.repeat([0, 1], 6)
    assert parting(codes, labels, 0).p[0] < 0.01
    assert parting(codes, labels, 0, groups=np.arange(12) // 6).p[0] > 0.5


def test_a_region_does_not_depend_on_the_others():
    generator = np.random.default_rng(3)
    codes, labels = generator.integers(3, size=(90, 3)), generator.integers(2, size=90)
    found = parting(codes, labels, 5)
    alone = parting(codes[codes[:, 0] == 2][:, :2], labels[codes[:, 0] == 2], 5)
    where = (found.layer == 0) & (found.region == 2)
    assert found.p[where] == alone.p


@pytest.mark.parametrize("fdr", ["discrete", "fwer"])
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("grouped", [False, True])
def test_as_many_regions_are_found_in_as_few_permutations_as_settle_it(fdr, strength, grouped):
    generator = np.random.default_rng(0)
    for _ in range(4):
        labels = generator.integers(3, size=400)
        codes = generator.integers(5, size=(400, 4))
        moved = (generator.random(400) < strength) & (codes[:, 1] < 3)
        codes[moved, 2] = labels[moved]
        groups = np.arange(400) // 2 if grouped else None
        p = parting(codes, labels, 1, groups, most=1_300).p
        assert parting_regions(codes, labels, 1, fdr, groups, most=1_300) == np.sum(parting_q(p, fdr) <= 0.05)


def test_clear_regions_are_settled_early(monkeypatch):
    drawn, draw = [], RegionTest.draw
    monkeypatch.setattr(RegionTest, "draw", lambda test: (draw(test), drawn.append(test))[0])
    labels = np.tile([0, 1], 600)
    targets = np.where(np.arange(1200) % 20 < 13, labels, 1 - labels)
    codes = np.stack([np.arange(1200) % 6 // 2, targets, targets], axis=1)
    assert parting_regions(codes, labels, 0, "discrete") == 3
    assert max(test.taken for test in drawn) <= 1_100 < 10_000


def every_table(rows, columns):
    """All tables with these margins, each with its log probability."""
    if len(columns) == 1:
        return [(np.array(rows)[:, None], 0.0)]
    found = []
    for first in product(*(range(row + 1) for row in rows)):
        if sum(first) == columns[0]:
            ways = sum(np.log(comb(row, own)) for row, own in zip(rows, first, strict=True))
            share = ways - np.log(comb(sum(rows), columns[0]))
            rest = every_table([row - own for row, own in zip(rows, first, strict=True)], columns[1:])
            found += [(np.column_stack([first, table]), share + chance) for table, chance in rest]
    return found


@pytest.mark.parametrize(("rows", "columns"), [([9, 7], [10, 6]), ([3, 2, 6, 1], [6, 6]), ([4, 3, 3], [5, 3, 2])])
def test_the_bound_of_a_statistic_is_above_its_chance_in_all_tables(rows, columns):
    tables, chances = zip(*every_table(rows, columns), strict=True)
    statistics, chances = g_statistic(np.array(tables, dtype=float)), np.exp(chances)
    assert chances.sum() == pytest.approx(1)
    for given, drawn in ((rows, columns), (columns, rows)):
        for statistic in np.unique(statistics.round(9)):
            chance = chances[statistics >= statistic - 1e-8].sum()
            assert np.log(chance) <= log_bound(statistic, np.array(given), np.array(drawn))


def test_the_moment_of_each_binomial_is_below_the_bounds_constant():
    for size in [*range(1, 40), 100, 400]:
        counts, shares = np.arange(size + 1)[:, None], np.linspace(0.5 / 400, 0.5, 400)
        observed = xlogy(counts, counts / size) + xlogy(size - counts, 1 - counts / size)
        g = 2 * (observed - xlogy(counts, shares) - xlogy(size - counts, 1 - shares))
        for tilt in TILTS:
            moment = np.exp(binom.logpmf(counts, size, shares) + tilt / 2 * g).sum(axis=0)
            assert (moment <= SLACK / np.sqrt(1 - tilt)).all()


def test_a_region_without_draws_has_the_p_of_the_draws(monkeypatch):
    labels = np.arange(3000) % 3
    targets = np.where(np.arange(3000) % 7 < 4, labels, np.arange(3000) % 5)
    codes = np.stack([np.zeros(3000, dtype=int), targets], axis=1)
    monkeypatch.setattr(RegionTest, "draw", lambda _: pytest.fail("a table is drawn"))
    settled = parting(codes, labels, 0)
    monkeypatch.undo()
    monkeypatch.setattr(f"{parting.__module__}.never_reached", lambda *_: False)
    drawn = parting(codes, labels, 0)
    assert settled.p == drawn.p == 1 / 10_001
    assert settled.permutations == drawn.permutations == 10_000


def test_a_study_without_testable_regions_has_none():
    assert parting_regions(np.zeros((9, 3), dtype=int), np.arange(9) % 2, 0, "discrete") == 0


def test_q_is_that_of_benjamini_and_hochberg_or_of_holm():
    p = np.array([0.04, 0.001, 0.03, 0.5])
    assert parting_q(p, "discrete") == pytest.approx([0.16 / 3, 0.004, 0.16 / 3, 0.5])
    assert parting_q(p, "fwer") == pytest.approx([0.09, 0.004, 0.09, 0.5])
    assert len(parting_q(np.empty(0), "bh")) == 0


@pytest.mark.parametrize("documents", [30, 2000])
def test_tables_that_are_held_a_few_at_a_time_are_as_random(documents):
    generator = np.random.default_rng(0)
    targets, labels = generator.integers(5, size=documents), generator.integers(3, size=documents)
    together = random_statistics(targets, labels, 400, [0])
    apart = random_statistics(targets, labels, 400, [0], cells=15 * 7)
    assert len(together) == len(apart) == 400
    assert len(np.unique(apart.round(9))) > 40
    assert np.quantile(apart, [0.25, 0.5, 0.75]) == pytest.approx(np.quantile(together, [0.25, 0.5, 0.75]), rel=0.15)
