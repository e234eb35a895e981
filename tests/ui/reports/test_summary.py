"""The summary tells what the graph holds: planted differences, and all that speaks against them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from mri_core.records.graph import StudyGraph
from mri_core.records.ids import RESULT_VERSION
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph, with_evidence
from ui.reports.summary import cautions, findings, in_words
from ui.wording.evidence import asking, counted, ratio, shares
from ui.wording.terminal import fitted

GAIN = {"gain": 0.1, "gain_low": 0.05, "gain_high": 0.15, "observed": 0.2}
NOTHING_SKIPPED = {"without_text": 0, "without_label": 0, "other_categories": 0, "over_limit": 0}


@pytest.fixture
def told(store: Store, tidy: None) -> Callable[[StudyGraph], dict[str, Any]]:
    """Stores a study and finds out what the summary knows of it."""

    def find(graph: StudyGraph) -> dict[str, Any]:
        store.write(graph)
        return findings(store, store.study(graph.study.id))

    return find


def parting(**properties: object) -> StudyGraph:
    """Ten of `a`, ten of `b`: all together in layer 0, then apart but for two of `b` that go with `a`."""
    codes = np.array([[0, 0, 0]] * 10 + [[0, 1, 1]] * 8 + [[0, 0, 0]] * 2)
    labels = ["a"] * 10 + ["b"] * 10
    report = {"skipped": NOTHING_SKIPPED, **properties.pop("report", {})}  # type: ignore[dict-item]
    return planted_graph("parting", codes=codes, categories=labels, report=json.dumps(report), **properties)


def test_the_facts_are_those_of_the_planted_graph(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    facts = told(parting())
    assert [(row["category"], row["documents"]) for row in facts["categories"]] == [("a", 10), ("b", 10)]
    assert [row["regions"] for row in facts["layers"]] == [1, 2, 2]
    shares_b = np.array([0.2, 0.8])
    mixed = (shares_b + np.array([1, 0])) / 2
    entropies = [-(p[p > 0] * np.log2(p[p > 0])).sum() for p in (mixed, shares_b)]
    expected = [0, entropies[0] - entropies[1] / 2, entropies[0] - entropies[1] / 2]
    assert [row["divergence"] for row in facts["layers"]] == pytest.approx(expected, abs=1e-9)
    assert facts["study"]["parameters"] == {"seed": 0}
    assert facts["study"]["report"]["skipped"] == NOTHING_SKIPPED


def test_the_connections_told_are_the_most_different_of_every_category(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    rows = told(parting())["connections"]
    ends = [tuple(row[end].split("/", 1)[1] for end in ("source", "target")) for row in rows]
    shares = [(row["most"], row["most_share"], row["least"], row["least_share"], row["documents"]) for row in rows]
    assert sorted(zip(ends, shares, strict=True)) == [
        (("L0/R0", "L1/R0"), ("a", 1.0, "b", 0.2, 12)),
        (("L0/R0", "L1/R1"), ("b", 0.8, "a", 0.0, 8)),
        (("L1/R0", "L2/R0"), ("a", 1.0, "b", 0.2, 12)),
        (("L1/R1", "L2/R1"), ("b", 0.8, "a", 0.0, 8)),
    ]
    for row in rows:  # the typical text is one that took the connection, of the category that takes it most
        number = int(row["typical"]["title"].split()[1]) if "title" in row["typical"] else -1
        assert (number < 10) == (row["most"] == "a")


def test_no_category_fills_the_list_alone(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    codes = np.array([[0] * 9] * 10 + [[1, 2] * 4 + [1]] * 5 + [[2, 1] * 4 + [2]] * 5)
    labels = ["alone"] * 10 + ["b"] * 5 + ["c"] * 5
    rows = told(planted_graph("lanes", codes=codes, categories=labels, report=json.dumps({"skipped": {}})))
    assert [row["most"] for row in rows["connections"]].count("alone") == 2
    assert {row["most"] for row in rows["connections"]} == {"alone", "b", "c"}


def test_words_tell_the_same_facts(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    text = in_words(told(parting()))
    assert text.startswith("parting: 20 documents of planted.csv in 2 categories,")
    assert "mapped to 5 regions (clusters) and 6 connections (a pair of regions once for each category)." in text
    assert "not tested against chance" in text
    assert "100% of a, 20% of b; 12 documents in all" in text
    assert "80% of b, 0% of a; 8 documents in all" in text
    assert "L0/R0 (word0, layer0) to L1/R1 (word1, layer1)" in text
    assert "To beware of" not in text
    assert "How it was read" not in text


def test_a_study_of_components_is_told_by_what_moves_together(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    score = np.random.default_rng(0).permutation(40).astype(float)
    scores = np.stack([score[:, None], -score[:, None]], axis=1)
    facts = told(planted_components(scores=scores, categories=["a", "b"] * 20, report=json.dumps({"skipped": {}})))
    assert [(row["category"], row["rho"]) for row in facts["connections"]] == [
        ("a", pytest.approx(-1)),
        ("b", pytest.approx(-1)),
    ]
    assert [row["divergence"] for row in facts["layers"]] == [None, None]
    text = in_words(facts)
    assert (
        "described by 2 components (pca) and 2 connections (|rho| > 0.3, a pair of components once for each category)."
        in text
    )
    assert "a: L0/R0 (word0, layer0) falls as the other rises: L1/R0 (word0, layer1)\n    rho -1.00 over 20" in text
    assert "divergence" not in text
    nothing = told(planted_components("still", scores=scores, categories=["a", "b"] * 20, threshold=1, seed=1))
    assert "No two components of neighbouring layers move together" in in_words(nothing)


OVER = {"refits": 20}
SPREADS = (("connections", 2, 47), ("half_maximum", 0, 2), ("connections_taken", 30, 42))


def test_tests_on_a_sample_say_of_how_many_documents_it_is(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    facts = told(with_evidence(parting(), seed=1))
    assert "drawn by category" not in in_words(facts)
    facts["study"]["report"]["permuted"] = {"documents": 6, "tests": ["Network-Based Statistic", "p of the layers"]}
    line = "Tested on 6 of the 20 documents, drawn by category: Network-Based Statistic, p of the layers."
    assert line in in_words(facts)


def test_the_level_of_intervals_that_is_not_whole_keeps_its_decimal(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    counted = Measure("findings", 2, other="connections", details={"tests": 6, "more": 1, "less": 1, "level": 0.973})
    text = in_words(told(replace(with_evidence(parting(), seed=1), measures=(counted,))))
    assert "Intervals of what is named here are at 97.3%: none denies its finding." in text


def test_what_was_tested_is_told_with_its_size_its_chance_and_its_controls(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    measures = (
        Measure("global", 7.5, p=0.0005, details={"layer": 2, "half_maximum": 1, "permutations": 2000}),
        *(
            Measure("divergence", 0.1 * i, i, ci_low=0.1 * i - 0.05, ci_high=0.1 * i + 0.05, p=0.01, details=GAIN)
            for i in range(3)
        ),
        Measure("findings", 4, other="connections", details={"tests": 6, "more": 4, "less": 4}),
        Measure("findings", 3, other="regions", details={"tests": 5, "more": 3, "less": 1}),
        Measure("findings", 2, other="routing", details={"tests": 6}),
        Measure("control", 0.25, other="shuffled connections"),
        *(Measure("routing_floor", 1.5, i) for i in range(2)),
        Measure(
            "nbs", 9.0, category="b", other="|z| > 3", p=0.02, details={"finding": "more", "connections": [["x", "y"]]}
        ),
        Measure("reliability", 0.9, 0, details={"halves": 0.82, "floor_high": 0.25}),
        Measure("reliability", 0.8, 1, details={"halves": 0.67, "floor_high": 0.2}),
        Measure("reliability_placed", 0.75, 0, details={"agreement": 0.6, "least": 0.5, "most": 0.7}),
        Measure("reliability_placed", 0.65, 1, details={"agreement": 0.5, "least": 0.4, "most": 0.6}),
        Measure("detectable", 1.75, other="0.1", details={"share": 0.1, "documents": 10}),
        *(Measure("atlas_spread", 5, None, None, name, low, high, details=OVER) for name, low, high in SPREADS),
        Measure("atlas_spread", 0.3, 2, None, "divergence", 0.2, 0.4, details=OVER | {"both_low": -7, "both_high": 7}),
        Measure("atlas_spread", 3, None, None, "routing_floor", 1, 4.5, p=0.25, details=OVER),
    )
    graph = replace(with_evidence(parting(), seed=1), measures=measures)
    facts = told(graph)
    text = in_words(facts)
    for line in (
        "more than shuffled labels do: most in layer 2, p = 5.0e-04 by 2,000 permutations.",
        "Half of the largest divergence is reached in layer 1 (0 to 2 by 20 refitted atlases)",
        "Routing: 2 found, no more than the 3.000 (1 to 4.500 by 20 refitted atlases) that the atlas by itself "
        "gives, between a layer and its own refit; that a floor is as large has p = 0.250.",
        "connections (a pair of regions once for each category) (30 to 42 by 20 refitted atlases).",
        "Over atlases: where 95 % of other atlases would have it, by how much 20 refits differ",
        "its 95 % interval, for the error of the documents and of the atlas; p: familywise.",
        "|z| > 3: p = 0.020, the largest net being 1 that b takes more.",
        "Documents that a refit was fitted to, and those that were only placed in it, agree by 0.500 to 0.600; of the "
        "whole that makes 0.650 to 0.750.",
        "Given the atlas, two halves of the corpus agree on the deviations of connections by 0.670 to 0.820 (ICC, by "
        "step); with shuffled labels by 0.250 at most; of the whole that makes 0.800 to 0.900 (Spearman–Brown).",
        "With 10 documents of a category, a study finds with a chance of 80% that it takes a connection of 10% of "
        "the documents 1.75 times as often as categories do on average.",
        "All of them: mri query findings --study parting --limit 4\n"
        "Of regions: mri query region-findings --study parting --limit 3",
    ):
        assert line in text, text
    assert re.search(r"^ +4 +2 to 47 +6  connections taken more or less +0\.250$", text, re.MULTILINE)
    layers = {row["layer"]: (row["ci_low"], row["ci_high"]) for row in facts["evidence"]["layers"]}
    assert (layers[1], layers[2]) == (pytest.approx((0.05, 0.15)), (-7, 7))
    assert "not tested against chance" not in text
    assert {row["category"] for row in facts["findings"]} == {"a", "b"}
    row = facts["findings"][0]
    assert f"1. {row['category']}, {row['finding']}: " in text
    assert f"{shares(row['share'], row['others_share'])}; odds {ratio(row['effect'])} times" in text


@pytest.mark.parametrize(
    ("categories", "rows", "command"),
    [
        (2, "", "mri query findings --study s --limit 4"),
        (3, " (6 rows: one for each category that is named)", "mri query findings --study s --limit 6"),
    ],
)
def test_of_two_categories_a_finding_is_one_row_and_of_more_one_for_each_that_is_named(
    categories: int, rows: str, command: str
) -> None:
    study, family = {"name": "s", "categories": categories}, {"findings": 4, "more": 4, "less": 2}
    assert counted(study, family) == rows
    assert asking("findings", study, family) == command


@pytest.mark.parametrize(
    ("share", "others", "told"),
    [
        (0.13, 0.011, "13% of its documents against 1% of all others"),
        (0.0, 0.004, "none of its documents against 0.4% of all others"),
        (1.0, 0.997, "all of its documents against 99.7% of all others"),
    ],
)
def test_a_finding_tells_both_shares_and_rounds_none_to_nothing_or_to_all(
    share: float, others: float, told: str
) -> None:
    assert shares(share, others) == told


def test_what_is_printed_leaves_out_no_fact_that_is_told(store: Store, tidy: None) -> None:
    graph = with_evidence(parting(), seed=1)
    store.write(graph)
    study = store.study(graph.study.id)
    facts, printed = findings(store, study), findings(store, study, printed=True)
    assert facts["connections"]
    assert printed == facts | {"connections": []}
    assert in_words(printed) == in_words(facts)


def test_a_step_that_exceeds_its_routing_floor_is_not_hidden_by_the_others(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    floors = tuple(
        Measure("routing_floor", floor, at, details={"routing": found, "routing_moved": 0.3, "moved": 0.4})
        for at, (found, floor) in enumerate([(2, 7.5), (9, 4.5)])
    )
    routing = Measure("findings", 11, other="routing", details={"tests": 90})
    facts = told(replace(with_evidence(parting(), seed=1), measures=(routing, *floors)))
    hidden = in_words(facts)
    assert "The atlas was not fitted again: the numbers are of this one atlas" in hidden
    assert "Routing: 11 found, no more than the 12.000" in hidden
    assert "By step it exceeds that most from layer 1: 9 found, floor 4.500." in hidden
    assert "such a floor is too low" not in hidden

    def but(**changed: float | dict[str, float]) -> str:
        rows = [row | changed for row in facts["evidence"]["routing_floor"]]
        return in_words(facts | {"evidence": facts["evidence"] | {"routing_floor": rows}})

    restless = {"routing": 9, "routing_moved": 0.52, "moved": 0.4}
    assert "But 52% of the documents leave their region there, 40% in a refit" in but(details=restless)
    assert "By step" not in but(value=9.0)


def test_reliability_without_a_floor_is_told_without_it(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    alone = (Measure("reliability", 0.9, 0, details={"halves": 0.82, "floor_high": None}),)
    text = in_words(told(replace(with_evidence(parting(), seed=1), measures=alone)))
    assert "by 0.820 to 0.820 (ICC, by step); of the whole" in text


def test_halves_that_disagree_are_said_to(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    apart = (Measure("reliability", -0.2, 0, details={"halves": -0.1, "floor_high": None}),)
    text = in_words(told(replace(with_evidence(parting(), seed=1), measures=apart)))
    assert "by -0.100 to -0.100 (ICC, by step; below 0 is no agreement); of the whole" in text


def test_where_nothing_was_found_it_says_so(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    graph = with_evidence(parting(), seed=1)
    flows, evidence = graph.connectome.flows, graph.connectome.flows.evidence
    assert evidence is not None
    unnamed = replace(flows, evidence=replace(evidence, finding=0 * evidence.finding))
    text = in_words(told(replace(graph, connectome=replace(graph.connectome, flows=unnamed, avoided=None))))
    assert "No connection is taken by a category more, or less, than by the others by more than chance." in text


def test_whatever_speaks_against_a_study_is_told(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    report = {
        "skipped": {**NOTHING_SKIPPED, "without_text": 3, "without_label": 4, "unmatched_lengths": 5},
        "cut": {"b": 2, "a": 1},
        "max_length": 64,
        "warnings": ["Only one \x1b[31mcategory\nis large."],
        "sinks_left_out": [1, 2, 0],
        "regions_of_one_document": [f"L2/R{i}" for i in range(12)],
        "notes": ["The 3 labels are numbers."],
        "length_explained": [0.5, 0.1, 0.125, 3e-31],
        "length_explained_by_chance": [0.052, 0.052, 0.052, 0.0],  # the last layer has one region
    }
    text = in_words(told(parting(report=report)))
    cautions = text.split("To beware of\n")[1].splitlines()
    assert [line.strip() for line in cautions[:1]] == ["Only one \\x1b[31mcategory is large."]
    for line in (
        "  Texts cut at 64 tokens: 3 (a 1, b 2).",
        "  Rows without text: 3.",
        "  Rows without a label: 4.",
        "  Rows left out to match lengths: 5.",
        "  Attention sinks left out of the means: 3 tokens over all layers.",
        "  Length was not adjusted for.",
    ):
        assert line in cautions
    assert "Regions of one document, which show no more than that document: L2/R0," in text
    assert "and 2 more." in text
    assert "The corpus\n  The 3 labels are numbers.\n" in text
    assert "0.052 by chance" in text
    assert "0.125" in text


def test_how_texts_were_read_is_told_by_category_where_there_is_something_to_tell(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    nothing = {"cut_share": 0.0, "tokens_per_word": 1.25, "sinks_left_out": [0.0, 0.0], "without_tokens": 0}
    report = {
        "max_length": 64,
        "run": {"device": "cpu", "batch_tokens": 4096},
        "axes_error": 8.02e-7,
        "by_category": {"a": nothing, "b": nothing | {"sinks_left_out": [0.5, 1.0]}},
    }
    parameters = json.dumps({"template": "Of {text}\n"})
    text = in_words(told(parting(report=report, parameters=parameters)))
    assert "How it was read: at most 64 tokens, device cpu, batch tokens 4096, axes by iteration" in text
    assert "their variances right to 8e-07, within 'Of {text}" in text
    rows = [line.split() for line in text.split("Documents\n\n")[1].split("\n\n")[0].splitlines()]
    assert rows[0] == ["category", "documents", "tokens", "per", "word", "sinks", "left", "out"]
    assert rows[2:] == [["a", "10", "1.250", "0.000"], ["b", "10", "1.250", "1.500"]]


def test_length_that_is_adjusted_for_is_no_caution(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    by_chance = {"length_explained": [0.05] * 3, "length_explained_by_chance": [0.05] * 3}
    assert "To beware of" not in in_words(told(parting(report=by_chance | {"length_explained_unadjusted": [0.5] * 3})))


def test_categories_that_do_not_differ_are_not_said_to_differ(told: Callable[[StudyGraph], dict[str, Any]]) -> None:
    codes = np.array([[0, 0]] * 4 + [[1, 1]] * 4)
    facts = told(planted_graph("alike", codes=codes, categories=["a", "b"] * 4))
    assert facts["connections"] == []
    assert "No connection is taken by more of one category" in in_words(facts)


@pytest.fixture
def hostile(store: Store, tidy: None) -> StudyGraph:
    labels = [HOSTILE[i % 4] for i in range(60)]
    texts = [f"{HOSTILE[i % len(HOSTILE)]}\x1b[2J" for i in range(60)]
    graph = planted_graph(
        "hostile", categories=labels, texts=texts, seed=77, report=json.dumps({"skipped": NOTHING_SKIPPED})
    )
    store.write(graph)
    return graph


def test_the_command_tells_the_same_in_words_and_as_json_whatever_the_labels(mri: Mri, hostile: StudyGraph) -> None:
    facts = mri("show", "hostile", "--json").done().json
    assert {row["category"] for row in facts["categories"]} == set(HOSTILE[:4])
    text = mri("show", hostile.study.id, "--full").done().out
    assert all(line.isprintable() for line in text.split("\n"))
    assert text == f"{fitted(in_words(facts))}\n"


def test_a_study_of_an_older_versions_results_says_so() -> None:
    for results, older in ((RESULT_VERSION - 1, True), (RESULT_VERSION, False)):
        study = asdict(parting().study) | {"report": {"results": results}}
        assert any("An older version made this study" in line for line in cautions(study)) is older


def test_a_connection_none_of_whose_documents_the_graph_holds_has_no_typical_text(
    told: Callable[[StudyGraph], dict[str, Any]],
) -> None:
    stored = np.zeros(60, dtype=bool)
    stored[0] = True
    for graph in (planted_graph("sparse"), with_evidence(planted_graph("sparse-tested"))):
        facts = told(replace(graph, stored=stored, study=replace(graph.study, documents_stored=1)))
        rows = facts["findings"] or facts["connections"]
        assert None in [row["typical"] for row in rows]
        assert "60 documents (1 of them in the graph)" in in_words(facts)
        assert "The graph holds 1 of the 60 documents: a sample" in in_words(facts)
