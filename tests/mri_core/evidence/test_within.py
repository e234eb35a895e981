"""Findings within types, as records have them and as measures count them."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.connectome.counting import build_connectome
from mri_core.evidence.weighing import Names, weigh
from mri_core.evidence.within import with_within, within_counted
from mri_core.records.connectome import Connectome
from mri_core.records.measures import ALPHA, FINDINGS, Measure
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables
from mri_core.statistics.within_types import within_types


@pytest.fixture(scope="module")
def study() -> tuple[Connectome, tuple[Measure, ...], np.ndarray, np.ndarray, np.ndarray]:
    """Category 0 has words of its own, which lie in region 1; category 1 goes to region 3 in place of region 2."""
    generator = np.random.default_rng(0)
    text = np.repeat(np.arange(60), 40)
    labels = (np.arange(60) % 3)[text]
    types = generator.integers(40, size=len(text))
    own = (labels == 0) & (generator.random(len(text)) < 0.5)
    types[own] = generator.integers(40, 44, int(own.sum()))
    codes = generator.integers(4, size=(len(text), 3))
    codes[types >= 40] = np.where(generator.random((int((types >= 40).sum()), 3)) < 0.9, 1, codes[types >= 40])
    codes[(labels == 1)[:, None] & (codes == 2)] = 3
    codes[(codes[:, 1] == 0) & (codes[:, 2] == 0) & (labels == 2), 2] = 2
    connectome = build_connectome(codes, labels, 3)
    regions = [str(number) for number in range(len(connectome.region_code))]
    weighed = weigh(connectome, Procedure(labels, 3, groups=text, permutations=200), Names("abc", regions))
    found = with_within(weighed.connectome, labels, types, text, flips=500)
    return found, weighed.measures, labels, types, text


def test_rows_have_the_effect_and_q_of_their_cell_and_category(study) -> None:
    connectome, _, labels, types, text = study
    tables = connection_tables(connectome.placement)
    found = within_types(tables, labels, 3, types, text, flips=500)
    ends = list(zip(tables.first.tolist(), tables.second.tolist(), strict=True))
    for rows in (connectome.flows, connectome.avoided):
        assert len(rows.source)
        for row, pair in enumerate(zip(rows.source.tolist(), rows.target.tolist(), strict=True)):
            at = ends.index(pair), rows.category[row]
            assert (rows.within[row], rows.within_q[row]) == (found.effect[at], found.q[at])


def test_a_word_effect_is_a_finding_that_does_not_remain_and_a_real_one_remains(study) -> None:
    connectome, _measures, *_ = study
    activity = connectome.activity
    place = {(int(r), int(c)): row for row, (r, c) in enumerate(zip(activity.region, activity.category, strict=True))}
    of_words, real = place[1, 0], place[3, 1]  # in layer 0
    assert activity.evidence.finding[of_words] == activity.evidence.finding[real] == 1
    assert activity.within_q[of_words] > ALPHA
    assert activity.within_q[real] <= ALPHA
    assert activity.within[real] > 0


def test_measures_count_what_remains_and_change_in_nothing_else(study) -> None:
    connectome, measures, *_ = study
    counted = within_counted(measures, connectome)
    by_family = {measure.other: measure for measure in counted if measure.kind == FINDINGS}
    for name in ("connections", "regions"):
        measure = by_family[name]
        assert 0 < measure.details["within"] < measure.value
        assert measure.details["within"] <= measure.details["within_tested"] <= measure.value
    activity = connectome.activity
    remaining = {
        int(region)
        for region, way, effect, q in zip(
            activity.region, activity.evidence.finding, activity.within, activity.within_q, strict=True
        )
        if way and q <= ALPHA and np.sign(effect) == way
    }
    assert by_family["regions"].details["within"] == len(remaining)
    assert "within" not in by_family["routing"].details
    for before, after in zip(measures, counted, strict=True):
        assert before.value == after.value
        assert before.details.items() <= after.details.items()


def test_a_single_layer_has_its_regions_tested() -> None:
    generator = np.random.default_rng(0)
    codes, labels = generator.integers(3, size=(200, 1)), generator.integers(2, size=200)
    found = with_within(
        build_connectome(codes, labels, 2), labels, generator.integers(9, size=200), np.arange(200) // 5
    )
    assert np.isfinite(found.activity.within_q).all()
    assert found.flows.within is None
