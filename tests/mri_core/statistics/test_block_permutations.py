"""Documents in groups: p by permutation, wider intervals, and nothing changed where each is a group of its own."""

import numpy as np
import pytest

from mri_core.statistics.block_permutations import BlockPermutations
from mri_core.statistics.families import Findings, find_differences
from mri_core.statistics.fdr import expected_by_permutation
from mri_core.statistics.item_tests import item_tests
from mri_core.statistics.tables import (
    Tables,
    as_counts,
    connection_tables,
    permuted_counts,
    permuted_routing_counts,
)
from tests.planted import random_codes

SIZE = 4  # documents of a group
TRUE = np.array([0.4, 0.3, 0.2, 0.1])  # shares of the cells, of both categories


def grouped_study(seed: int, size: int = SIZE, groups: int = 100) -> tuple[Tables, np.ndarray, np.ndarray]:
    """Two categories without a difference; the documents of a group mostly take the same connection."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    own = generator.choice(4, size=groups, p=TRUE)[group]
    cell = np.where(generator.random(len(group)) < 0.8, own, generator.choice(4, size=len(group), p=TRUE))
    return connection_tables(np.column_stack([cell // 2, cell % 2])), group % 2, group


def found(tables: Tables, labels: np.ndarray, groups: np.ndarray | None, draws: int = 100) -> Findings:
    counts = as_counts(tables, tables.counts(labels, 2))
    permuted = permuted_counts(tables, labels, 2, draws, 0, groups)
    return find_differences(counts, draws=lambda: permuted, grouped=groups is not None)


def test_intervals_hold_the_truth_where_those_of_independent_documents_do_not():
    held, naive = [], []
    for seed in range(40):
        tables, labels, groups = grouped_study(seed)
        for kept, told in ((held, found(tables, labels, groups)), (naive, found(tables, labels, None))):
            kept.append((told.evidence.ci_low <= 0) & (told.evidence.ci_high >= 0))
    assert np.mean(held) >= 0.93
    assert np.mean(naive) < 0.85


def test_p_is_that_of_permuted_groups():
    ps = [found(*grouped_study(seed)).evidence.p for seed in range(40)]
    exact = [found(*grouped_study(seed)[:2], None).evidence.p for seed in range(40)]
    assert np.mean(np.concatenate(ps) <= 0.05) <= 0.1
    assert np.mean(np.concatenate(exact) <= 0.05) > 0.15


def test_groups_of_one_document_change_neither_interval_nor_p_by_more_than_chance():
    tables, labels, groups = grouped_study(3, size=1, groups=300)
    grouped, plain = found(tables, labels, groups, draws=2_000), found(tables, labels, None)
    assert grouped.evidence.effect == pytest.approx(plain.evidence.effect)
    assert grouped.evidence.p == pytest.approx(plain.evidence.p, abs=0.05)
    width = [told.evidence.ci_high - told.evidence.ci_low for told in (grouped, plain)]
    assert width[0] == pytest.approx(width[1], rel=0.1)


def test_a_design_effect_is_the_permuted_variance_over_the_hypergeometric_one():
    tables, labels, groups = grouped_study(1)
    seen = tables.counts(labels, 2)
    size = np.tile(np.bincount(labels), (4, 1))
    permuted = BlockPermutations(item_tests(as_counts(tables, seen)), seen, size)
    draws = list(permuted_counts(tables, labels, 2, 50, 0, groups))
    assert sum(len(p) for p in permuted.smallest(draws)) == 50
    total, everyone = seen.sum(axis=1), len(labels)
    hypergeometric = total * (everyone - total) / everyone / 4 * everyone / (everyone - 1)
    around_half = np.square(np.concatenate([seen[None], *draws])[:, :, 0] - total / 2).mean(axis=0)
    assert permuted.design_effects()[:, 0] == pytest.approx(np.maximum(1, around_half / hypergeometric))


@pytest.mark.parametrize("categories", [2, 3])
def test_what_is_expected_by_tally_is_what_every_permutations_p_give(categories):
    codes, labels = random_codes(90, 3, 4, 5), np.repeat(np.arange(30) % categories, 3)
    labels[codes[:, 0] == 2] = 0  # fewer categories in one source region, so that items differ in their factor
    tables, groups = connection_tables(codes), np.repeat(np.arange(30), 3)
    counts = tables.counts(labels, categories)
    inside = as_counts(tables, counts, inside=True)
    tests, size = item_tests(inside), inside.sizes[inside.population]
    p = tests.dense_items(counts)
    drawn = [np.concatenate(list(permuted_routing_counts(tables, labels, categories, 40, 0, groups)))]
    tally = BlockPermutations(tests, counts, size).expected(p, drawn)
    one_by_one = expected_by_permutation(p, [tests.dense_items(several) for several in drawn])
    assert tally(np.unique(p)) == pytest.approx(one_by_one(np.unique(p)))
    assert len(np.unique(tests.factor)) == categories - 1
