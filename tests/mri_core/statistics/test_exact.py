"""Fisher's exact test and its null distribution against SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from mri_core.statistics.exact import fisher, masses, null_tests


@st.composite
def tables(draw: st.DrawFn, largest: int = 30) -> tuple[int, int, int, int]:
    having, lacking, others = (draw(st.integers(0, largest)) for _ in range(3))
    nobody = draw(st.integers(1, largest))
    return having, having + others, having + lacking, having + lacking + others + nobody


@given(st.lists(tables(), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_p_is_that_of_scipy(some):
    count, total, size, population = np.array(some).T
    rest = np.stack([count, total - count, size - count, population - total - size + count], axis=1).reshape(-1, 2, 2)
    assert fisher(count, total, size, population) == pytest.approx([fisher_exact(t).pvalue for t in rest], rel=1e-9)


def test_p_of_the_lady_tasting_tea_is_34_of_70():
    assert fisher(np.array([3, 4]), 4, 4, 8) == pytest.approx([34 / 70, 2 / 70])


def test_a_far_tail_keeps_its_relative_precision():
    count, total, size, population = 300, 500, 1_000, 10_000
    p = fisher(np.array(count), total, size, population)
    assert p < 1e-150
    assert p == pytest.approx(hypergeom.sf(count - 1, population, size, total), rel=1e-8)


@given(tables(), tables())
def test_the_null_distribution_is_hypergeometric_and_p_at_least_its_own_chance(one, other):
    _, total, size, population = np.array([one, other]).T
    null = null_tests(total, size, population)
    for i in range(2):
        part = slice(null.start[i], null.start[i + 1])
        counts = null.low[i] + np.arange(null.start[i + 1] - null.start[i])
        mass = masses(total, size, population)[i]
        assert mass == pytest.approx(hypergeom.pmf(counts, population[i], size[i], total[i]))
        for p in null.p[part]:
            assert mass[null.p[part] <= p].sum() == pytest.approx(p)


@given(st.lists(tables(), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_p_in_order_rise_by_the_chance_of_their_counts(some):
    _, total, size, population = np.array(some).T
    null = null_tests(total, size, population)
    ordered, rise = null.ordered
    for i, mass in enumerate(masses(total, size, population)):
        part = slice(null.start[i], null.start[i + 1])
        assert ordered[part].tolist() == sorted(null.p[part].tolist())
        for p in set(null.p[part].tolist()):
            assert rise[part][ordered[part] == p].sum() == pytest.approx(mass[null.p[part] == p].sum(), abs=1e-15)


def test_two_categories_share_one_p_for_every_count():
    total, size, population = 9, 14, 33
    counts = np.arange(10)
    mine, theirs = fisher(counts, total, size, population), fisher(total - counts, total, population - size, population)
    assert mine == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("total", "size", "population"),
    [(40_000, 170_000, 1_000_000), (170_000, 40_000, 1_000_000), (9_000, 30, 10_000), (50_000, 61_234, 103_000)],
)
def test_counts_whose_probability_underflows_have_no_entry_and_the_least_p(total, size, population):
    margins = [np.array([own]) for own in (total, size, population)]
    null, (everything,) = null_tests(*margins), masses(*margins)
    first = max(0, total + size - population)
    there = slice(null.low[0] - first, null.low[0] - first + len(null.p))
    assert len(null.p) <= len(everything)
    assert not np.delete(everything, np.arange(len(everything))[there]).any()
    every = null.p_values(np.zeros(len(everything), dtype=int), first + np.arange(len(everything)))
    order = np.argsort(everything, kind="stable")
    below = np.maximum(np.cumsum(everything[order]), np.finfo(float).tiny)
    assert every[order] == pytest.approx(below, rel=1e-6, abs=0)


def test_the_entries_of_a_test_grow_as_the_spread_of_its_counts():
    few, many = (len(null_tests(*np.array([[part], [4 * part], [24 * part]])).p) for part in (4_000, 400_000))
    assert few < 4_001  # as many as there are possible counts
    assert many < 15 * few
