"""The validations of benchmarks/validation in small: the method finds what is there and invents nothing."""

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.validation.coverage import coverage
from benchmarks.validation.echo import named
from benchmarks.validation.null import any_finding, simulated
from benchmarks.validation.partial import false_share
from benchmarks.validation.power import found, reckoned

pytestmark = pytest.mark.slow
SHUFFLES = 40


@pytest.mark.parametrize("categories", [2, 4])
def test_shuffled_labels_find_anything_in_one_study_of_twenty_at_most(categories):
    counted = any_finding(simulated(categories, documents=120), SHUFFLES)
    families = {family for family, _ in counted}
    assert families == {"connections", "activity", "routing"}
    assert all(count <= binom.ppf(0.9999, SHUFFLES, 0.05) for count in counted.values())


def test_false_findings_between_layers_without_a_difference_are_few():
    rates = false_share(categories=2, studies=20)
    assert all(rate <= 0.05 + 4 * max(error, 0.01) for rate, error, _ in rates.values())
    assert all(true > 1 for (_, method), (_, _, true) in rates.items() if method == "discrete")


def test_a_planted_connection_is_found_as_often_as_reckoned_and_more_often_than_by_plain_fdr():
    times = found(documents=200, more=0.08, studies=40)
    chance = reckoned(200, 0.08)
    assert abs(times["discrete"] / 40 - chance) <= 4 * (chance * (1 - chance) / 40) ** 0.5
    assert times["discrete"] > times["bh"]


def test_of_four_categories_only_the_planted_one_is_named():
    stepping, echoing = named(studies=40)
    assert stepping[0] == 40
    assert (stepping[1:] <= binom.ppf(0.999, 40, 0.05)).all()
    assert (echoing[1:] > stepping[1:]).all()


@pytest.mark.parametrize("categories", [2, 4])
def test_intervals_hold_the_truth_as_often_as_they_say(categories):
    told = coverage(categories, studies=20)
    assert np.all(np.array(list(told["unselected"].values())) >= 0.95)
    assert told["listed"] <= 0.05 + 3 * told["error"]
