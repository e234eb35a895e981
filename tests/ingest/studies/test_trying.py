"""Interventions on a toy whose answer is known: a region that feeds later layers is found, one that does not is not."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.studies.trying import MOST, Material, push_of, try_out
from ingest.studies.trying import steps as steps_of
from mri_core.errors import ModelError
from mri_core.interventions.judging import Naming, judge, with_q
from mri_core.interventions.subjects import Asked, subject_of
from mri_core.statistics.blocks import splits
from tests.toy_model import ToyModel

CONTROLS = 99


def naming(model, groups=None, first_counted=2):
    labels = model.region.astype(np.int64)
    return Naming(lambda layer, code: f"L{layer}/R{code}", ("no", "yes"), labels, groups, first_counted, 0)


def tried(asked, *, feeds, seed=0, most=40, steps=None):
    model = ToyModel(seed, feeds=feeds)
    atlas, codes = model.atlas()
    (first,) = splits(model.region.astype(np.int64), 1, seed)
    subject = subject_of(asked, codes, first, most, seed, "L0/R0")
    measuring = model.measuring(atlas, subject.known)
    advance = (lambda texts: None) if steps is None else steps.append
    material = Material(model.activations(), codes, None, model.texts)
    return model, try_out(asked, subject, material, model, measuring, CONTROLS, seed, advance)


@pytest.fixture(scope="module")
def fed():
    return tried(Asked("add", 0, 0, category=1), feeds=True)


def found(model, done, **named):
    (one,) = with_q([judge(done, naming(model, **named))], "discrete")
    return one


def test_texts_come_back_in_their_own_order_whatever_the_batches(fed):
    model, done = fed
    rows = model.forward(model.states[done.subject.texts], done.subject.texts)
    measured = model.measuring(*(model.atlas()[0], done.subject.known)).codes(rows, None)
    np.testing.assert_array_equal(done.before.codes, measured)
    push = push_of(done.asked, model.activations(), done.subject)
    moved = model.forward(model.states[done.subject.texts] + push.direction, done.subject.texts)
    np.testing.assert_array_equal(
        done.after.codes, model.measuring(model.atlas()[0], done.subject.known).codes(moved, None)
    )


def test_controls_move_the_last_layer_about_as_far_and_those_that_fall_short_are_counted(fed):
    model, done = fed
    assert (done.factors >= 1).all()
    assert (done.factors <= MOST).all()
    one = found(model, done)
    assert np.median(done.factors) > 1  # the direction itself moves the toy's rows more than others do
    assert one.control_displacement >= 0.97 * one.displacement
    fell_short = [under.moved[:, -1].mean() < 0.95 * done.after.moved[:, -1].mean() for under in done.under]
    assert one.details["controls"]["moved_less"] == sum(fell_short)


@pytest.mark.parametrize("operation", ["add", "erase"])
def test_a_region_that_feeds_later_layers_stands_out_and_one_that_does_not_does_not(operation):
    model, done = tried(Asked(operation, 0, 0, category=1), feeds=True)
    one = found(model, done)
    assert one.q == one.p <= 0.05
    assert (one.effect > 0.5) == (operation == "add")
    assert abs(one.effect) > 0.5
    assert one.depth == 3
    assert one.changes
    assert {change.layer for change in one.changes} <= {2, 3}
    goal = next(change for change in one.changes if change.layer == one.effect_layer and change.delta == one.effect)
    assert goal.ci_low <= goal.delta <= goal.ci_high

    model, done = tried(Asked(operation, 0, 0, category=1), feeds=False)
    one = found(model, done)
    assert one.q > 0.05
    assert one.depth is None
    assert one.changes == ()


def test_the_curve_has_the_strength_that_was_asked_for_among_the_others(fed):
    model, done = fed
    curve = found(model, done).details["curve"]
    assert [point["strength"] for point in curve] == [0.25, 0.5, 1, 2]
    path = found(model, done).details["path"]
    assert curve[2]["changes"] == [layer["change"] for layer in path]
    assert [point["displacement"] for point in curve] == sorted(point["displacement"] for point in curve)
    _, stronger = tried(Asked("add", 0, 0, strength=2.0), feeds=True)
    assert sorted(stronger.curve) == [0.5, 1, 4]


def test_side_effects_are_of_all_tried_texts_by_category(fed):
    model, done = fed
    side = found(model, done).details["side_effects"]
    own = model.region[np.concatenate([done.subject.texts, done.subject.bystanders])]
    assert (side["own_texts"], side["others_texts"]) == (own.sum(), (~own).sum())
    others = ~model.region[done.subject.texts]
    elsewhere = done.before.codes[others, -1] != done.after.codes[others, -1]
    assert side["others_moved"] == pytest.approx(elsewhere.mean())  # no bystander is of another category


def test_the_layer_after_the_changed_one_does_not_count(fed):
    model, done = fed
    one = found(model, done)
    assert [layer["counts"] for layer in one.details["path"]] == [False, True, True]
    assert one.effect_layer in (2, 3)


def test_without_a_layer_that_counts_there_is_no_effect_and_all_else_is_there(fed):
    one = found(*fed, first_counted=4)
    assert (one.effect, one.effect_layer, one.p, one.q, one.depth, one.changes) == (None, None, None, None, None, ())
    assert [layer["counts"] for layer in one.details["path"]] == [False] * 3
    assert one.displacement > 0


def test_documents_that_lie_elsewhere_than_in_the_study_stop_it_before_the_controls_run(fed):
    model, done = fed
    atlas, codes = model.atlas()
    material, steps = Material(model.activations(), codes + 1, None, model.texts), []
    measuring = model.measuring(atlas, done.subject.known)
    with pytest.raises(ModelError, match="100% lie in other regions"):
        try_out(done.asked, done.subject, material, model, measuring, CONTROLS, 0, steps.append)
    assert sum(steps) < 10 * CONTROLS


def test_nothing_that_is_measured_on_is_part_of_direction_or_controls(fed):
    _, done = fed
    subject = done.subject
    made_of = [*subject.contrast, *(group for one in subject.regions for group in one), subject.known, subject.pilot]
    tried_on = np.concatenate([subject.texts, subject.bystanders])
    assert not np.isin(tried_on, np.concatenate(made_of)).any()


def test_groups_widen_the_interval(fed):
    model, done = fed
    groups = np.arange(len(model.states))
    groups[done.subject.texts] = done.after.codes[:, -1] == done.subject.path[-1]  # texts of a group do alike
    alone, grouped = found(model, done), found(model, done, groups=groups)
    assert grouped.ci_high - grouped.ci_low > alone.ci_high - alone.ci_low


def test_a_swap_moves_texts_of_one_region_to_another():
    model, done = tried(Asked("swap", 0, 1, other=0), feeds=True)
    one = found(model, done)
    assert (one.region, one.source, one.target, one.towards) == ("L0/R1", "L0/R1", "L0/R0", None)
    assert one.effect > 0.5
    into, done = tried(Asked("swap", 0, 0, towards=int(done.subject.path[0]), other=1), feeds=True)
    one = found(into, done)
    assert (one.region, one.source, one.target) == ("L0/R0", "L0/R1", "L0/R0")
    assert one.towards == one.details["path"][0]["region"]


def test_progress_counts_every_pass_of_a_text():
    steps = []
    _, done = tried(Asked("erase", 0, 0), feeds=True, steps=steps)
    expected = steps_of(done.subject, CONTROLS)
    assert 0.8 * expected < sum(steps) <= expected
