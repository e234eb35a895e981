"""Effects and their intervals against statsmodels and formulas written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from mri_core.connectome import build_connectome
from mri_core.statistics.counts import Counts, activity_counts, connection_counts, routing_counts
from mri_core.statistics.effects import Effects, RowEffects, effects, intervals, listed_level


def row_effects(counts: Counts) -> Effects:
    found = RowEffects(counts.sizes)
    return Effects(*(np.concatenate(columns) for columns in zip(*map(found.of, counts.parts()), strict=True)))


@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_of_two_categories_it_is_the_log_odds_ratio_with_half_a_document_in_every_cell(cells):
    a, b, c, d = cells
    table = Table2x2(np.array([[a + 0.5, b + 0.5], [c + 0.5, d + 0.5]]))
    found = effects(np.array([[a, c]]), np.array([[a + b, c + d]]), np.array([[True, True]]))
    assert found.effect[0] == pytest.approx([table.log_oddsratio, -table.log_oddsratio])
    assert np.sqrt(found.variance[0]) == pytest.approx([table.log_oddsratio_se] * 2)
    low, high = intervals(found, 0.95)
    assert (low[0, 0], high[0, 0]) == pytest.approx(table.log_oddsratio_confint(0.05))


def test_of_three_it_is_the_log_odds_minus_the_mean_of_the_other_two():
    count, size = np.array([[8, 3, 0]]), np.array([[10, 12, 5]])
    odds = [np.log(8.5 / 2.5), np.log(3.5 / 9.5), np.log(0.5 / 5.5)]
    variance = [1 / 8.5 + 1 / 2.5, 1 / 3.5 + 1 / 9.5, 1 / 0.5 + 1 / 5.5]
    found = effects(count, size, np.ones((1, 3), dtype=bool))
    assert found.effect[0, 0] == pytest.approx(odds[0] - (odds[1] + odds[2]) / 2)
    assert found.variance[0, 0] == pytest.approx(variance[0] + (variance[1] + variance[2]) / 4)
    later = effects(count, size, np.array([[False, True, True]]))
    assert later.effect[0, 1:] == pytest.approx([odds[1] - odds[2], odds[2] - odds[1]])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(2, 5), st.sampled_from([connection_counts, activity_counts, routing_counts])
)
def test_the_effects_of_rows_are_those_of_the_whole_table(seed, categories, family):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(categories), generator.integers(categories, size=20)])
    counts = family(build_connectome(generator.integers(4, size=(len(labels), 3)), labels, categories))
    dense = counts.dense(np.arange(len(counts.population)))
    sizes = counts.sizes[counts.population]
    whole = effects(dense, sizes, sizes > 0)
    rows = row_effects(counts)
    assert rows.effect == pytest.approx(whole.effect[counts.item, counts.category], nan_ok=True)
    assert rows.variance == pytest.approx(whole.variance[counts.item, counts.category], nan_ok=True)


def test_a_region_with_documents_of_one_category_compares_with_nobody():
    codes, labels = np.array([[0, 0], [0, 1], [1, 0], [1, 0]]), np.array([0, 0, 1, 1])
    assert np.isnan(row_effects(routing_counts(build_connectome(codes, labels, 2))).effect).all()


def test_what_is_listed_has_its_level_raised_by_how_few_passed():
    assert listed_level(10, 1000, 0.05) == pytest.approx(1 - 0.05 * 10 / 1000)
    assert listed_level(0, 1000, 0.05) == listed_level(1000, 1000, 0.05) == pytest.approx(0.95)
