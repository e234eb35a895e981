"""What `mri show` says of a study in another study's atlas."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store.store import Store
from tests.planted import planted_graph, with_evidence
from tests.ui.evidence import placed
from ui.reports import overview, summary
from ui.reports.answers import Answers
from ui.reports.placed import FITS, atlas_owner, confirmations, fit_told, name_of
from ui.wording.terminal import fitted

pytestmark = pytest.mark.engine


def test_the_first_screen_says_whose_atlas_it_is_and_what_replicates(store: Store, tidy: None) -> None:
    graph = placed("shown-placed")
    store.write(graph)
    study = store.study("shown-placed")
    told = overview.in_words(overview.overview(study, Answers(store), store.measures(study)))
    assert "regions (clusters) of the atlas of frozen." in told
    assert "Confirmation: 2 of 3 findings of frozen replicate here." in told
    assert "--refits" not in told


def test_with_a_confirmation_the_first_screen_has_no_more_lines(store: Store, tidy: None) -> None:
    graph = with_evidence(placed("shown-placed"))
    flows, avoided = graph.connectome.flows, graph.connectome.avoided
    assert avoided is not None
    parts = {"flows": replace(flows, stability=None), "avoided": replace(avoided, stability=None)}  # as without refits
    graph = replace(graph, connectome=replace(graph.connectome, **parts))
    for measures, line in ((graph.measures, "Confirmation: "), ((), "Found again: not known: the atlas of another")):
        store.write(replace(graph, measures=measures), replace=True)
        study = store.study("shown-placed")
        shown = overview.overview(study, Answers(store), store.measures(study))
        told = fitted(overview.in_words(shown))
        assert len(told.splitlines()) <= 20
        assert told.count(line) == 1
        assert len(shown.trust) == 2
        store.delete(study)


def test_the_whole_lists_the_fit_of_each_layer_and_the_replication(store: Store, tidy: None) -> None:
    graph = placed("shown-placed")
    store.write(graph)
    facts = summary.findings(store, store.study("shown-placed"))
    told = summary.in_words(facts)
    assert "(clusters) of the atlas of frozen and" in told
    assert "Atlas fit: these documents in the atlas of frozen" in told
    assert [row["value"] for row in facts["placed"]["atlas_fit"]] == [1.01, 1.02, 1.3, 1.5]
    assert told.count(" misfit") == 2
    assert "2 of 3 findings of frozen replicate here. Effects are 0.710 times" in told
    assert "mri query replicated-findings --study shown-placed" in told


def test_a_study_in_its_own_atlas_says_nothing_of_it(store: Store, tidy: None) -> None:
    graph = planted_graph("shown-own")
    store.write(graph)
    facts = summary.findings(store, store.study("shown-own"))
    assert facts["placed"] is None
    assert "atlas of" not in summary.in_words(facts)


def test_a_study_says_how_its_findings_came_out_on_other_documents(store: Store, tidy: None) -> None:
    base = planted_graph("frozen", seed=10, atlas_hash="f" * 64)
    for graph in (base, placed("frozen-held-out"), planted_graph("elsewhere", seed=11, atlas_hash="f" * 64)):
        store.write(graph)
    study = store.study("frozen")
    assert study.id == "frozen-0000000a"  # that `placed` knows
    told = "2 of 3 findings replicate on 60 other documents (frozen-held-out)."
    shown = overview.overview(study, Answers(store), store.measures(study), store.studies())
    assert shown.trust["Confirmation"] == told
    facts = summary.findings(store, study)
    assert [(one["study"], one["replicated"], one["tests"]) for one in facts["confirmations"]] == [
        ("frozen-held-out", 2, 3)
    ]
    assert told in summary.in_words(facts)
    others = store.study("elsewhere")
    assert "Confirmation" not in overview.overview(others, Answers(store), (), store.studies()).trust


def test_only_studies_that_are_placed_in_the_atlas_are_asked_whether_they_tested_its_findings() -> None:
    base = planted_graph("frozen", seed=10, atlas_hash="f" * 64).study
    asked: list[str] = []

    def ask(of: Study, question: str, /, **values: object) -> Table:
        asked.append(of.name)
        return Table((), (), cut=False)

    others = [placed("frozen-held-out").study, planted_graph("elsewhere", seed=11, atlas_hash="f" * 64).study]
    assert confirmations(base, [base, *others], ask) == []
    assert asked == ["frozen-held-out"]


def test_a_name_is_taken_from_the_report_or_else_from_the_id() -> None:
    study = placed("named").study
    assert atlas_owner(study) == "frozen"
    other = replace(study, report=json.dumps({"atlas_of": {"study": "renamed", "id": "frozen-0000000a"}}))
    assert atlas_owner(other) == "renamed"
    assert name_of(other, "some-study-0000000b") == "some-study"


def test_an_atlas_that_describes_the_documents_is_not_warned_of() -> None:
    graph = placed("fitting")
    fine = [replace(own, details={**own.details, "misfit": False}) for own in graph.measures if own.kind == "atlas_fit"]
    assert fit_told(graph.study, fine) == FITS
    assert "From layer 2 on the atlas of frozen" in fit_told(graph.study, graph.measures)
