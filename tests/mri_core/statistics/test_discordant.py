"""Changes between two readings of the same documents are tested by those that have an item in one of them only."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from mri_core.errors import UsageError
from mri_core.statistics.discordant import Discordant, find_changes
from mri_core.statistics.fdr import Method


def seen(counts: list[tuple[int, int]], documents: int = 0) -> Discordant:
    """Items that so many documents gained and lost, each document with one item."""
    rows = [(item, way) for item, (gained, lost) in enumerate(counts) for way in [True] * gained + [False] * lost]
    item, gained = (np.array(column) for column in zip(*rows, strict=True))
    return Discordant(item, np.arange(len(rows)), gained, len(counts), max(documents, len(rows)))


def test_p_is_that_of_the_exact_binomial_test_and_the_interval_is_clopper_and_pearsons() -> None:
    counts = [(7, 1), (3, 3), (0, 5), (12, 4)]
    found = find_changes(seen(counts))
    for item, (gained, lost) in enumerate(counts):
        test = binomtest(gained, gained + lost)
        assert found.p[item] == pytest.approx(test.pvalue)
        assert (found.gained[item], found.lost[item]) == (gained, lost)
        named = max(0.05 * found.passed / found.tests, found.p[found.q <= 0.05].max(initial=0))
        level = 0.95 if found.q[item] > 0.05 else 1 - named
        low, high = test.proportion_ci(level, method="exact")
        with np.errstate(divide="ignore"):
            expected = [np.log(share) - np.log1p(-share) for share in (low, high)]
        assert [found.ci_low[item], found.ci_high[item]] == pytest.approx(expected)
    assert found.effect[0] == pytest.approx(np.log(7))
    assert found.effect[2] == -np.inf


def test_q_counts_what_each_test_could_have_reached_by_chance() -> None:
    """With one discordant document p is 1 whatever happens: such tests cost nothing, as they cannot be found."""
    alone = find_changes(seen([(10, 0)]))
    beside = find_changes(seen([(10, 0)] + [(1, 0)] * 50))
    assert beside.q[0] == pytest.approx(alone.q[0]) == pytest.approx(2 / 2**10)
    assert find_changes(seen([(10, 0)] + [(1, 0)] * 50), "bh").q[0] == pytest.approx(51 * 2 / 2**10)


@pytest.mark.parametrize("fdr", ["discrete", "bh", "dbh", "fwer"])
def test_readings_that_are_exchanged_at_random_seldom_change(fdr: Method) -> None:
    any_found = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        item, document = np.divmod(random.choice(20 * 200, 500, replace=False), 200)
        sign = random.random(200) < 0.5  # a document's two readings are exchanged as a whole
        any_found.append(
            find_changes(Discordant(item, document, sign[document], 20, 200), fdr, permutations=200).passed
        )  # type: ignore[arg-type]
    assert np.mean(np.array(any_found) > 0) <= 0.12


def test_documents_of_a_group_that_change_together_count_once() -> None:
    """Four groups of ten: independent documents would be a certain change, four groups are none."""
    one = Discordant(np.zeros(40, dtype=int), np.arange(40), np.ones(40, dtype=bool), 1, 40)
    groups = np.repeat(np.arange(4), 10)
    assert find_changes(one).p[0] < 1e-10
    grouped = find_changes(one, groups=groups, permutations=4_000)
    assert grouped.p[0] == pytest.approx(2 / 2**4, abs=0.02)
    assert grouped.passed == 0
    few, many = grouped.ci_low[0], find_changes(one).ci_low[0]
    assert few < many
    assert few == pytest.approx(find_changes(seen([(4, 0)])).ci_low[0])


@pytest.mark.parametrize("fdr", ["discrete", "fwer"])
def test_swaps_of_groups_that_give_the_observed_statistic_again_are_counted(fdr: Method) -> None:
    """Nine discordant groups for each item: two of 512 swaps give the most extreme statistic, and most are ties."""
    called = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        groups = np.concatenate([random.choice(60, 9, replace=False) for _ in range(60)])
        seen_once = Discordant(np.repeat(np.arange(60), 9), groups, random.random(540) < 0.5, 60, 60)
        called.append(find_changes(seen_once, fdr, np.arange(60), permutations=300, seed=seed).passed > 0)
    assert np.mean(called) <= 0.15


def test_methods_that_take_documents_as_independent_are_refused_for_groups() -> None:
    with pytest.raises(UsageError, match="documents as independent"):
        find_changes(seen([(3, 1)]), "bh", np.zeros(4, dtype=int))


def test_no_interval_denies_the_change_that_it_is_of() -> None:
    """Discrete tests select by what they can reach: here by p = .0625, which a level of .95 would not have."""
    found = find_changes(seen([(5, 0)] * 8 + [(12, 1)] * 8 + [(1, 0)] * 30))
    passing = found.q <= 0.05
    assert passing[:8].all()
    assert (found.p[:8] > 0.05).all()
    assert (found.ci_low[passing] >= -1e-9).all()  # the surest of the least sure ends at 0


def test_counts_by_category_add_up_to_all() -> None:
    found = seen([(2, 1), (0, 2)])
    gained, lost = found.counts(np.array([0, 1, 0, 1, 1]), 2)
    assert gained.tolist() == [[1, 1], [0, 0]]
    assert lost.tolist() == [[1, 0], [0, 2]]
