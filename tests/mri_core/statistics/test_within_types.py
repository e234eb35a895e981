"""Within types: what is worked out stratum by stratum, and what random signs say of words, tags and planted effects."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from mri_core.statistics.tables import Tables, connection_tables, region_tables
from mri_core.statistics.within_types import within_types


def one_table(cell: np.ndarray) -> Tables:
    return region_tables(cell[:, None])


def tokens(seed: int, count: int = 3_000, texts: int = 60) -> tuple[np.ndarray, ...]:
    """Cells that follow from type and text, types, texts, and labels of texts that use other types."""
    generator = np.random.default_rng(seed)
    text = np.sort(generator.integers(texts, size=count))
    labels = (np.arange(texts) % 3)[text]
    types = np.minimum(generator.zipf(1.4, count), 200) * 3 + np.where(generator.random(count) < 0.6, labels, 0)
    own, of_text = generator.integers(6, size=700)[types], generator.integers(6, size=texts)[text]
    cell = np.select([generator.random(count) < 0.5, generator.random(count) < 0.3], [own, of_text], 0)
    return cell, types, text, labels


def test_effects_are_the_common_odds_ratios_of_the_types_tables() -> None:
    cell, types, text, labels = tokens(0)
    found = within_types(one_table(cell), labels, 3, types, text, flips=10)
    for region in range(6):
        for label in range(3):
            strata = []
            for own in np.unique(types):
                there = types == own
                has, is_one = cell[there] == region, labels[there] == label
                strata.append(
                    [[(has & is_one).sum(), (has & ~is_one).sum()], [(~has & is_one).sum(), (~has & ~is_one).sum()]]
                )
            pooled = StratifiedTable(np.moveaxis(np.array(strata, dtype=float), 0, 2)).oddsratio_pooled
            assert found.effect[region, label] == pytest.approx(np.log(pooled))


def test_scores_are_those_of_the_definition_and_signs_are_whole_texts() -> None:
    """Few texts: all signs are listed, and p is that of the exact distribution, up to the draw."""
    generator = np.random.default_rng(4)
    text = np.repeat(np.arange(7), 30)
    types, cell = generator.integers(4, size=210), generator.integers(2, size=210)
    labels = (np.arange(7) % 2)[text]
    cell[(labels == 1) & (generator.random(210) < 0.5)] = 1
    found = within_types(one_table(cell), labels, 2, types, text, flips=20_000)
    scores = np.zeros(7)
    apart, squares = 0.0, 0.0
    for own in range(4):
        there = types == own
        m, label = (cell[there] == 1).astype(float), (labels[there] == 1).astype(float)
        apart += ((m - m.mean()) * (label - label.mean())).sum()
        n = len(m)
        squares += label.mean() * (1 - label.mean()) * m.mean() * (1 - m.mean()) * n**2 / (n - 1)
        for number in range(7):
            inside = text[there] == number
            widened = 1 / np.sqrt(1 - inside.sum() / n)
            mean = m[inside].mean() if inside.any() else 0.0
            residual = (m[inside] - mean) + widened * (mean - m.mean())
            scores[number] += (residual * (label[inside] - label.mean())).sum()
    every = np.array(np.meshgrid(*[[-1, 1]] * 7)).reshape(7, -1).T @ scores / np.sqrt(np.square(scores).sum())
    z = abs(apart) / np.sqrt(max(np.square(scores).sum(), squares * max(1, np.square(scores).sum() / squares)))
    assert found.p[1, 1] == pytest.approx(np.mean(np.abs(every) >= z - 1e-9), abs=0.012)
    assert found.p[1, 0] == pytest.approx(found.p[1, 1])  # the other of two categories


def test_a_region_that_follows_from_the_type_alone_is_not_tested() -> None:
    _, types, text, labels = tokens(1)
    found = within_types(one_table(types % 5), labels, 3, types, text, flips=50)
    assert np.isnan(found.effect).all()
    assert np.isnan(found.p).all()
    assert np.isnan(found.q).all()


def test_labels_that_follow_from_the_type_alone_say_nothing_within_it() -> None:
    cell, types, text, _ = tokens(1)
    assert np.isnan(within_types(one_table(cell), types % 3, 3, types, text, flips=50).p).all()


@pytest.mark.parametrize("varying", [False, True])
def test_an_effect_within_types_is_found_and_has_its_direction(varying: bool) -> None:
    cell, types, text, labels = tokens(2, 6_000)
    generator = np.random.default_rng(5)
    if varying:
        labels = generator.permutation(labels)
    moved = (labels == 1) & (generator.random(len(labels)) < 0.3)
    found = within_types(one_table(np.where(moved, 4, cell)), labels, 3, types, text)
    assert found.q[4, 1] <= 0.05
    assert found.effect[4, 1] > 0 > found.effect[4, 0]


def test_other_words_alone_are_found_by_counts_and_not_within_types() -> None:
    finds = []
    for seed in range(30):
        cell, types, text, labels = tokens(seed)
        table = one_table(cell)
        counts = table.counts(labels, 3)
        assert np.abs(counts / counts.sum(axis=0) - counts.sum(axis=1, keepdims=True) / counts.sum()).max() > 0.01
        finds.append(bool((within_types(table, labels, 3, types, text, flips=300, seed=seed).q <= 0.05).any()))
    assert sum(finds) <= 4  # 5 % of 30, of which 5 or more have a probability of .016


def test_a_tag_that_never_came_where_few_were_expected_is_no_finding() -> None:
    """Squared scores alone are far too small there: 40 texts with one token in the region each, none of a rare tag."""
    generator = np.random.default_rng(0)
    text, types = np.repeat(np.arange(40), 25), np.tile(np.arange(5), 200)
    labels = (generator.random(1_000) < 0.08).astype(int)
    cell = (np.arange(1_000) % 25 == 3).astype(int)
    labels[cell == 1] = 0
    found = within_types(one_table(cell), labels, 2, types, text)
    assert found.p[1, 1] > 0.02


def test_more_texts_than_signs_share_them_and_give_the_same_to_the_eye() -> None:
    cell, types, text, labels = tokens(3, 9_000, 3_000)
    moved = (labels == 1) & (np.random.default_rng(5).random(9_000) < 0.3)
    found = within_types(one_table(np.where(moved, 4, cell)), labels, 3, types, text)
    assert found.q[4, 1] <= 0.05


def test_tables_are_tested_as_one_family_in_the_order_of_their_cells_and_the_seed_decides() -> None:
    cell, types, text, labels = tokens(6)
    codes = np.column_stack([cell, np.roll(cell, 1), cell])
    tables = connection_tables(codes)
    found = within_types(tables, labels, 3, types, text, flips=200, seed=1)
    assert found.q.shape == (int(tables.starts[-1]), 3)
    again = within_types(tables, labels, 3, types, text, flips=200, seed=1)
    assert np.array_equal(found.q, again.q, equal_nan=True)
    alone = within_types(one_table(tables.cell[1]), labels, 3, types, text, flips=200, seed=1)
    assert found.effect[tables.starts[1] :] == pytest.approx(alone.effect, nan_ok=True)
    assert found.p[tables.starts[1] :] == pytest.approx(alone.p, nan_ok=True)
