"""Counts under permuted labels against all arrangements, drawn by path, by document, or both."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import chi2, multivariate_hypergeom

from mri_core.statistics.blocks import permuted_labels
from mri_core.statistics.paths import Paths, permuted_counts, permuted_routing_counts, permuted_within, random_tables
from mri_core.statistics.tables import connection_tables, region_tables

# paths 0-0-0 three times, 0-1-0 and 1-1-0 twice, 1-0-1 once: steps share documents, so that their tables are dependent
CODES = np.array([[0, 0, 0]] * 3 + [[0, 1, 0]] * 2 + [[1, 1, 0]] * 2 + [[1, 0, 1]])
LABELS = np.array([0, 1, 0, 1, 2, 0, 1, 0])


def arrangements(labels):
    """Every different order of the labels, each as likely as any other."""
    orders = [np.full(len(labels), -1)]
    for category in range(labels.max() + 1):
        size, rest = np.sum(labels == category), []
        for order in orders:
            for own in combinations(np.flatnonzero(order < 0).tolist(), size):
                rest.append(order.copy())
                rest[-1][list(own)] = category
        orders = rest
    return orders


def drawn(tables, labels, count, seed, many):
    return np.concatenate(list(permuted_counts(tables, labels, int(labels.max()) + 1, count, seed, many)))


def as_often_as(draws, chances):
    """Whether draws are those arrangements as often as chance has it, by χ² at .001."""
    found = Counter(own.tobytes() for own in draws)
    expected = {key: len(draws) * ways / chances.total() for key, ways in chances.items()}
    distance = sum((found[key] - mean) ** 2 / mean for key, mean in expected.items())
    return set(found) <= set(chances) and distance < chi2.ppf(0.999, max(1, len(chances) - 1))


@pytest.mark.parametrize("many", [1, 2, 3, 4])
def test_all_tables_together_are_drawn_as_often_as_shuffled_labels_have_them(many):
    tables = connection_tables(CODES)
    chances = Counter(tables.counts(own, 3).tobytes() for own in arrangements(LABELS))
    assert as_often_as(drawn(tables, LABELS, 20_000, 0, many), chances)


def test_tables_of_larger_corpora_vary_together_as_under_shuffled_labels():
    generator = np.random.default_rng(0)
    start, labels = generator.integers(3, size=400), generator.integers(3, size=400)
    codes = np.stack([start, (start + (generator.random(400) < 0.1)) % 3, start], axis=1)
    tables = region_tables(codes)
    assert 0 < Paths.of(tables).others.cell.shape[1] < 400
    by_path = drawn(tables, labels, 4_000, 0, 24)
    shuffled = np.concatenate([tables.counts(own, 3) for own in permuted_labels(labels, 4_000, 1)])
    ours, theirs = (counts.reshape(4_000, -1) for counts in (by_path, shuffled))
    spread = theirs.std(axis=0)
    assert np.abs(ours.mean(axis=0) - theirs.mean(axis=0)).max() < 5 * spread.max() * np.sqrt(2 / 4_000)
    assert np.corrcoef(ours.T) == pytest.approx(np.corrcoef(theirs.T), abs=0.1)
    assert ours.std(axis=0) == pytest.approx(spread, rel=0.08)


def test_counts_do_not_depend_on_how_many_are_drawn_at_once(monkeypatch):
    tables = connection_tables(np.repeat(CODES, 20, axis=0))
    labels = np.repeat(LABELS, 20)
    together = drawn(tables, labels, 30, 0, 40)
    monkeypatch.setattr("mri_core.statistics.tables.COUNTS", 1)
    assert (drawn(tables, labels, 30, 0, 40) == together).all()
    assert (together.sum(axis=2) == tables.totals()).all()
    assert (drawn(tables, labels, 30, 1, 40) != together).any()


@pytest.mark.parametrize("columns", [[6], [2, 4], [2, 0, 4], [1, 2, 3]])
@pytest.mark.parametrize("rows", [[6], [0, 6], [4, 2], [3, 0, 2, 1]])
def test_random_tables_have_their_margins_whatever_is_empty(rows, columns):
    found = random_tables(np.array(rows), np.array(columns), 50, np.random.default_rng(0))
    assert found.min() >= 0
    assert (found.sum(axis=2) == rows).all()
    assert (found.sum(axis=1) == columns).all()


def test_random_tables_have_the_moments_of_the_hypergeometric_distribution():
    rows, columns = np.array([30, 20, 10]), np.array([15, 45])
    found = random_tables(rows, columns, 20_000, np.random.default_rng(0))[..., 0]
    expected = multivariate_hypergeom(rows, 15)
    assert found.mean(axis=0) == pytest.approx(expected.mean(), abs=0.05)
    assert np.cov(found.T) == pytest.approx(expected.cov(), abs=0.1)


def test_within_strata_tables_are_drawn_as_often_as_shuffled_labels_have_them():
    tables, strata = connection_tables(CODES), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    halves = [arrangements(LABELS[strata == stratum]) for stratum in (0, 1)]
    orders = [np.concatenate(both) for both in product(*halves)]
    chances = Counter(tables.counts(own, 3).tobytes() for own in orders)
    draws = np.concatenate(list(permuted_within(tables, LABELS, 3, 10_000, 0, strata)))
    assert as_often_as(draws, chances)


def test_routing_is_drawn_as_often_as_labels_shuffled_within_each_source_region():
    tables = connection_tables(CODES[:, :2])
    inside = [np.flatnonzero(CODES[:, 0] == region) for region in (0, 1)]
    orders = []
    for both in product(*(arrangements(LABELS[own]) for own in inside)):
        orders.append(LABELS.copy())
        for own, labels in zip(inside, both, strict=True):
            orders[-1][own] = labels
    chances = Counter(tables.counts(own, 3).tobytes() for own in orders)
    draws = np.concatenate(list(permuted_routing_counts(tables, LABELS, 3, 10_000, 0)))
    assert as_often_as(draws, chances)
