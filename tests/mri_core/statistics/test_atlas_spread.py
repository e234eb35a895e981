"""The spread of headline numbers over refits, and the interval of both errors, against what is worked out alone."""

import numpy as np
import pytest
from scipy.stats import t

from mri_core.records.measures import Measure
from mri_core.statistics.atlas_spread import Headlines, atlas_spread_measures, headlines, other_atlases, total_interval
from mri_core.statistics.controls import Counted, count_findings
from mri_core.statistics.divergence import divergence
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables
from tests.planted import random_codes

ROUTING = Measure("findings", 24.0, other="routing")


def refit(routing, excess):
    return Headlines(Counted(10 + routing, 5, routing, 1), 40, np.array(excess))


def spreads(refits, floors, measures=(ROUTING,)):
    found = atlas_spread_measures(refits, np.array(floors), measures, 42)
    assert {measure.kind for measure in found} == {"atlas_spread"}
    return {(measure.other, measure.layer): measure for measure in found}


def test_the_headlines_of_an_atlas_are_what_its_documents_give_when_they_are_counted_alone():
    codes, labels = random_codes(200, 3, 4, 0), np.arange(200) % 2
    codes[:, 1] = np.where(labels & (codes[:, 0] == 0), 3, codes[:, 1])
    procedure = Procedure(labels, 2)
    tables = connection_tables(codes)
    found = headlines(codes, procedure, tables, procedure.differences(tables))
    assert found.found == headlines(codes, procedure).found == count_findings(codes, procedure)
    assert found.found.routing > 0
    steps = (np.column_stack([codes[:, [step, step + 1]], labels]) for step in range(2))
    assert found.taken == sum(len(set(map(tuple, step.tolist()))) for step in steps)
    longer = divergence(codes, labels, 2, seed=1, permutations=2_000)
    assert found.excess == pytest.approx(longer.excess, abs=0.01)
    assert found.half == longer.half_maximum == 1


def test_each_headline_has_its_median_its_interval_or_range_and_all_its_values():
    refits = [refit(13, [0.1, 0.4]), refit(47, [0.3, 0.5]), refit(20, [-0.1, -0.2])]
    found = spreads(refits, [[3, 4], [10, 5], [1, 1]])
    routing = found["routing", None]
    assert (routing.value, routing.details) == (20, {"values": [13, 47, 20], "refits": 3, "own": 24.0})
    assert (routing.ci_low, routing.ci_high) == other_atlases(24, np.array([13, 47, 20]))
    assert (found["connections_taken", None].ci_low, found["connections_taken", None].ci_high) == (42, 42)
    assert (found["regions", None].ci_low, found["regions", None].ci_high) == (5, 5)  # not known of the study
    half = found["half_maximum", None]
    assert (half.value, half.ci_low, half.ci_high, half.details["values"]) == (0.5, 0, 1, [1, 0, None])
    assert found["divergence", 1].details["values"] == [0.4, 0.5, -0.2]
    floor = found["routing_floor", None]
    assert (floor.value, floor.ci_low, floor.ci_high, floor.details["mean"]) == (7, 2, 15, 8)


def test_other_atlases_lie_around_the_studys_own_count_within_what_is_possible():
    values = np.array([40, 44, 42, 50])
    reach = t.ppf(0.975, 3) * np.std(values, ddof=1) * np.sqrt(1.25)
    assert other_atlases(60, values) == (np.floor(60 - reach), np.ceil(60 + reach))
    assert other_atlases(60, values, most=63) == (np.floor(60 - reach), 63)
    assert other_atlases(3, values)[0] == 0
    generator = np.random.default_rng(7)
    drawn = np.round(50 + 5 * generator.normal(size=(400, 12)))
    ends = np.array([other_atlases(50, row[:10]) for row in drawn])
    assert 0.92 <= np.mean((ends[:, 0] <= drawn[:, 11]) & (drawn[:, 11] <= ends[:, 1])) <= 0.99


def test_the_layer_of_half_the_maximum_has_a_range_that_holds_the_studys_own():
    whole = Measure("global", 9.0, details={"half_maximum": 3})
    half = spreads([refit(0, [0.3, 0.5]), refit(0, [0.1, 0.4])], [[0], [0]], [ROUTING, whole])["half_maximum", None]
    assert (half.ci_low, half.ci_high) == (0, 3)


def test_where_no_refit_is_over_chance_half_of_the_maximum_is_reached_in_none_of_them():
    half = spreads([refit(0, [-0.1, 0.0])] * 2, [[0], [0]])["half_maximum", None]
    assert (half.value, half.ci_low, half.details["values"]) == (None, None, [None, None])
    assert "undefined" in half.details


@pytest.mark.parametrize(("largest", "p"), [(23, 1 / 21), (24, 2 / 21), (30, 2 / 21)])
def test_routing_is_beyond_its_floor_where_hardly_a_refit_reaches_it(largest, p):
    floors = [[2, 3]] * 19 + [[largest, 0]]
    assert spreads([refit(20, [0.1])] * 20, floors)["routing_floor", None].p == pytest.approx(p)


def test_the_interval_of_both_errors_is_rubins():
    others = np.array([0.30, 0.36, 0.33, 0.41])
    between = 1.25 * np.var(others, ddof=1)
    degrees = 3 * (1 + 0.02**2 / between) ** 2
    reach = t.ppf(0.975, degrees) * np.sqrt(0.02**2 + between)
    assert total_interval(0.5, 0.02, others) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert total_interval(0.5, 0.02, np.full(4, 0.3)) == pytest.approx((0.5 - 1.96 * 0.02, 0.5 + 1.96 * 0.02))


def test_a_layers_divergence_has_the_interval_of_both_where_it_has_one_at_all():
    measures = [Measure("divergence", 0.4, 0, ci_low=0.302, ci_high=0.498), Measure("divergence", 0.9, 1)]
    refits = [refit(0, [0.3, 0.8]), refit(0, [0.5, 0.9]), refit(0, [0.45, 1.0])]
    found = spreads(refits, [[0]] * 3, measures)
    expected = total_interval(0.4, 0.05, np.array([0.3, 0.5, 0.45]))
    details = found["divergence", 0].details
    assert (details["both_low"], details["both_high"]) == pytest.approx(expected)
    assert "both_low" not in found["divergence", 1].details


def test_the_interval_of_both_holds_the_truth_that_that_of_the_documents_alone_misses():
    generator = np.random.default_rng(5)
    held = np.zeros(2)
    for _ in range(1_000):
        truth = generator.normal()
        atlases = truth + 0.3 * generator.normal(size=21)
        shift = 0.1 * generator.normal()  # that the documents have in all atlases
        low, high = total_interval(atlases[0] + shift, 0.1, atlases[1:] + shift)
        held += low <= truth <= high, abs(atlases[0] + shift - truth) <= 0.196
    assert 0.92 <= held[0] / 1_000 <= 0.98
    assert held[1] / 1_000 < 0.6
