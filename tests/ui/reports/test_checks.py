"""Which checks a study can have, by its kind."""

from __future__ import annotations

import json

from mri_core.records.measures import Measure
from tests.planted import planted_graph
from ui.reports.trust import Check, checks, nothing_told


def checked(held: tuple[Measure, ...] = (), **properties: object) -> dict[str, Check]:
    study = planted_graph("checked", **properties).study  # type: ignore[arg-type]
    return {check.name: check for check in checks(study, held)}


def test_given_activations_are_asked_for_no_control_that_needs_the_model() -> None:
    found = checked(site="given", report=json.dumps({"columns": {"text": None}}))
    assert found["controls"].told.startswith("Shuffled labels. ")
    assert not found["random blocks, token embeddings"].possible
    assert "model" in found["random blocks, token embeddings"].told
    assert not found["a bag of words"].possible
    with_texts = checked(site="given", report=json.dumps({"columns": {"text": "text"}}))
    assert with_texts["controls"].told.startswith("Shuffled labels, a bag of words. ")


def test_what_components_cannot_have_is_named_where_nothing_speaks_against_them() -> None:
    held = (Measure("control", 0.1, other="embeddings"), Measure("control", 0.1, other="bag_of_words"))
    found = checked(held, atlas="components")
    assert found["controls"].left_out == ""
    assert found["controls"].done
    assert not found["refits"].possible
    told = nothing_told(list(found.values()))
    assert told.endswith("Cannot be checked: refits, shuffled labels, random blocks.")
    assert "refits" not in told.partition("Cannot be checked")[0]


def test_a_frozen_atlas_is_not_refitted_and_every_other_study_can_have_all() -> None:
    assert not checked(atlas_of="other-00000000")["refits"].possible
    assert all(check.possible for check in checked().values())
