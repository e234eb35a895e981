"""Which checks a study can have, by its kind."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from mri_core.records.measures import Measure
from tests.planted import planted_graph
from ui.reports.probe_tables import probe_tables
from ui.reports.trust import Check, checks, nothing_told
from ui.wording.checks import panel_told
from ui.wording.groups import in_blocks


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


def test_of_tokens_the_controls_without_context_are_their_embedding_and_their_type() -> None:
    told = checked(tokens=99)["controls"].told
    assert "a token's own embedding, token types." in told
    assert "bag of words" not in told


def test_the_caption_of_a_probe_names_its_baseline() -> None:
    whole, tokens = (planted_graph("probed", **own).study for own in ({}, {"tokens": 99}))
    assert "the mean embedding of the tokens, words without order" in panel_told(whole, "probing")[0]
    told = panel_told(tokens, "probing")[0]
    assert "the baseline is the token's own embedding" in told
    assert "texts held out" in told


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({}, "2 splits, each 30 documents to learn from and 10 held out."),
        ({"tokens": 99}, "2 splits, each about 30 tokens to learn from and about 10 held out."),
        (
            {"report": json.dumps({"columns": {"group": "author"}, "groups": 9})},
            "2 splits, each about 30 documents to learn from and about 10 held out.",
        ),
    ],
)
def test_what_a_probe_holds_out_is_about_as_much_where_whole_groups_are(properties: dict[str, Any], told: str) -> None:
    details = {"splits": 2, "train": 30, "test": 10, "chance": 0.5}
    measure = Measure("probe", 0.5, 0, other="full", ci_low=0.4, ci_high=0.6, details=details)
    assert told in probe_tables(planted_graph("probed", **properties).study, [measure]).splitlines()


@pytest.mark.parametrize(
    ("tokens", "line"),
    [
        (None, "control: the activations with shuffled labels."),
        (
            99,
            "control: the activations with random labels by token type (one for all tokens of a type: Hewitt and Liang "
            "2019).",
        ),
    ],
)
def test_the_control_of_a_probe_is_told_as_it_is_of_what_has_a_row(tokens: int | None, line: str) -> None:
    details = {"splits": 2, "train": 30, "test": 10, "chance": 0.5}
    measure = Measure("probe", 0.5, 0, other="full", ci_low=0.4, ci_high=0.6, details=details)
    assert line in probe_tables(planted_graph("probed", tokens=tokens).study, [measure]).splitlines()


@pytest.mark.parametrize(
    ("report", "tokens", "whole"),
    [
        ({}, None, False),
        ({"columns": {"group": None}}, None, False),
        ({"columns": {"group": "author"}, "groups": 9}, None, True),
        ({"columns": {"group": "author"}}, None, True),  # an earlier version did not count them
        ({"columns": {"group": "author"}, "groups": 60}, None, False),  # each document is alone in its group
        ({}, 99, True),
        ({"columns": {"group": "author"}, "groups": 60}, 99, True),
    ],
)
def test_blocks_are_groups_of_several_documents_and_texts_of_tokens(
    report: dict[str, Any], tokens: int | None, whole: bool
) -> None:
    study = planted_graph("blocked", report=json.dumps(report), tokens=tokens).study
    assert study.documents == 60
    assert in_blocks(study) is whole
    assert in_blocks({**asdict(study), "report": report}) is whole


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
