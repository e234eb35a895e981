"""`mri intervene`: what it prints, as words and as JSON, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mri_core.records.interventions import Intervention
from tests.command import Mri
from tests.planted import planted_graph, planted_intervention
from ui.reports.cause import Count, counted
from ui.reports.interventions import as_json, deed, in_words, short

STUDY = planted_graph(seed=0).study
WORDS = {"L1/R0": ["sun", "moon", "stars"], "L2/R1": []}


PATH = [{"layer": 2, "before": 0.9, "change": -0.5}, {"layer": 3, "before": 0.75, "change": -0.4}]


def one(**changes: object) -> Intervention:
    known = {
        "operation": "erase",
        "region": "L1/R0",
        "layer": 1,
        "effect": -0.4,
        "effect_layer": 3,
        "control_max": -0.1,
        "q": 0.01,
        "depth": 4,
        "documents": 50,
        "controls": 99,
        "p": 0.01,
        "details": {
            "path": [{"layer": 2, "before": 0.9, "change": -0.5}, {"layer": 3, "before": 0.75, "change": -0.4}]
        },
    }
    return replace(planted_intervention("L1/R0"), **{**known, **changes})  # type: ignore[arg-type]


def test_what_matters_comes_first_and_says_by_how_much() -> None:
    words = in_words(
        STUDY, [one(), one(operation="add", p=0.2, q=0.2, effect=0.05, control_max=0.08, depth=None)], WORDS
    )
    first, second, third = words.split("\n\n")[:3]
    assert first.startswith(f"1 of 2 interventions on {STUDY.name}")
    assert second == (
        "Erasing L1/R0 (sun, moon): of 50 texts 75% before and 35% then lie where its documents go in layer 3: more "
        "than 99 of 99 controls do (largest -10%), q 0.010, seen to layer 4."
    )
    assert "75% before and 80% then" in third
    assert ": 19 of 99 controls do as much (largest +8%), q 0.200." in third
    assert "no proof that the model does not use the region" in words


def test_where_nothing_could_move_nothing_is_shown() -> None:
    still = one(effect=0.0, control_mean=0.0, control_max=0.0, p=1.0, q=1.0, depth=None)
    assert "by this or by any control: nothing is shown by that" in in_words(STUDY, [still], WORDS)


def test_an_operation_is_named_by_what_is_done_to_which_region() -> None:
    assert deed(one(operation="add", strength=2.0), WORDS) == "Adding L1/R0 (sun, moon) 2 times"
    assert deed(one(towards="L2/R1"), WORDS) == "Erasing L1/R0 (sun, moon), on the way to L2/R1"
    swapped = one(operation="swap", source="L1/R3", target="L1/R0", towards="L2/R1")
    assert deed(swapped, WORDS) == "Moving texts of L1/R3 to L1/R0 (sun, moon), on the way to L2/R1"
    assert short(swapped) == "swap L1/R3 to L1/R0 > L2/R1"


def test_a_finding_counts_once_whatever_was_done_to_it() -> None:
    found = [one(towards="L2/R1", q=0.3), one(towards="L2/R1", operation="add"), one(towards="L2/R2", q=0.5), one()]
    rows = [{"region": each.region, "towards": each.towards, "q": each.q} for each in found]
    assert counted(rows, {("L1/R0", "L2/R1")}) == [
        Count("finding", 1, 1),
        Count("other connection", 0, 1),
        Count("region", 1, 1),
    ]


def test_json_has_every_field_and_what_tells_them_apart() -> None:
    (entry,) = as_json(STUDY, [one()])["interventions"]
    assert entry["key"] == "L1/R0/erase/1"
    assert entry["effect"] == -0.4
    json.dumps(entry)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "None is named"),
        (("--region", "L0/R0", "--controls", "5"), "ranked among 99 controls or more"),
        (("--region", "L0/R0", "--add", "nan"), "a number other than 0"),
    ],
)
def test_a_wrong_request_fails_before_a_store_is_opened(mri: Mri, arguments: tuple[str, ...], line: str) -> None:
    failed = mri("intervene", "any", "--store", "/nowhere/at/all", *arguments)
    assert failed.status == 2
    assert line in failed.err
