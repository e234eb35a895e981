"""The page Trust on a real store: headlines beside their controls, warnings, what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.graph import StudyGraph
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes
from tests.ui.evidence import placed, weighed
from tests.ui.page import box, opened, words
from ui.reports.trust import checks, headlines, nothing_told
from ui.wording.found_again import Counts

OF = planted_graph("of-documents").study
REPORT = {"length_explained": [0.1, 0.5, 0.1, 0.1], "length_explained_by_chance": [0.05] * 4, "warnings": [HOSTILE[1]]}


@pytest.fixture(scope="module")
def weighed_graph(store: Store) -> Iterator[StudyGraph]:
    """A study with evidence."""
    graph = weighed("trusted", report=json.dumps(REPORT))
    store.write(graph)
    yield graph
    store.delete(graph.study)


def trust(**address: str) -> AppTest:
    return opened("trust.py", **{"study": "trusted"} | address)


def control(family: str, findings: int, **controls: float | None) -> dict[str, object]:
    row = {"family": family, "findings": findings, "tests": 100}
    absent = ("random_blocks", "random_blocks_low", "random_blocks_high", "shuffled", "routing_floor", "in_sample")
    return row | dict.fromkeys(absent) | controls


def test_a_study_of_an_upload_is_told_to_need_its_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path))
    for corpus, told in ((tmp_path / "scans" / "a1" / "corpus" / "c.csv", True), (tmp_path / "c.csv", False)):
        study = planted_graph("sent", parameters=json.dumps({"corpus": str(corpus)})).study
        probes = next(check for check in checks(study, []) if check.name == "probes")
        assert probes.command == "mri probe sent"
        assert ("uploaded, and deleted after the scan" in probes.told) is told


def test_of_an_atlas_of_a_sample_the_sample_s_findings_stand_beside_the_controls() -> None:
    again = Counts(findings=0, stays=0, moves=0, refitted=0, often=0, seldom=0)
    rows = [control("connections", 61, in_sample=5, random_blocks=6, shuffled=0.4)]
    (line,) = headlines(OF, rows, again)
    assert line == (
        "61 (in the sample that refits and controls are run on 5) of 100 connections differ between the categories; "
        "6 also with random blocks; 0.4 on average with shuffled labels. That is no more than a control gives."
    )


def test_a_headline_stands_beside_its_controls() -> None:
    rows = [
        control("routing", 5, random_blocks=0, shuffled=0.1, routing_floor=6.5),
        control("connections", 61, random_blocks=54.2, random_blocks_low=48.0, random_blocks_high=59.0, shuffled=0.4),
        control("regions", 7),
    ]
    again = Counts(findings=124, stays=89, moves=35, refitted=124, often=13, seldom=83)
    assert headlines(OF, rows, again) == [
        "61 of 100 connections differ between the categories; 54.2 (48 to 59) also with random blocks; "
        "0.4 on average with shuffled labels. 13 of 124 named findings (a connection with a category) come back in at "
        "least 80% of the refits, 83 in fewer than half; 89 stay in their region from layer to layer, 35 move.",
        "7 of 100 regions light up differently.",
        "5 of 100 connections differ among the documents already in their source region; 0 also with random blocks; "
        "0.1 on average with shuffled labels; 6.5 on average between layers and their own refits. "
        "That is no more than a control gives.",
    ]


@pytest.mark.parametrize(
    ("p", "told"),
    [(1 / 21, "It is beyond its floor: p = 0.048."), (0.19, "That it is beyond its floor is not shown: p = 0.190.")],
)
def test_a_headline_has_its_range_over_atlases_and_routing_a_test_beyond_its_floor(p: float, told: str) -> None:
    again = Counts(findings=0, stays=0, moves=0, refitted=0, often=0, seldom=0)
    floor = Measure("atlas_spread", 9, None, None, "routing_floor", 2, 15, p=p, details={"refits": 20})
    routing = Measure("atlas_spread", 20, None, None, "routing", 13, 47, details={"refits": 20})
    assert headlines(OF, [control("routing", 24, routing_floor=10.05)], again, [floor, routing]) == [
        "24 (13 to 47 by 20 refitted atlases) of 100 connections differ among the documents already in their source "
        f"region; 10.1 (2 to 15 by 20 refitted atlases) on average between layers and their own refits. {told}"
    ]


def test_what_is_found_stands_beside_what_nothing_gives(weighed_graph: StudyGraph, on_page_store: None) -> None:
    page = trust()
    assert "40 of 90 connections differ between the categories; 11 (8 to 14) also with random blocks; 0.2 on" in words(
        page
    )
    table = page.dataframe[0].value.set_index("family")
    assert table.loc["connections", "found"] == 40
    assert table.loc["connections", "with shuffled labels, mean"] == 0.25
    assert table.loc["routing", "routing floor"] == 9


def test_stability_is_counted_by_the_share_of_refits(weighed_graph: StudyGraph, on_page_store: None) -> None:
    flows, avoided = weighed_graph.connectome.flows, weighed_graph.connectome.avoided
    assert avoided is not None
    shares = np.concatenate([part.stability[part.evidence.finding != 0] for part in (flows, avoided)])
    values, counts = np.unique(shares[~np.isnan(shares)], return_counts=True)
    page = trust()
    table = next(t.value for t in page.dataframe if "found again" in t.value)
    assert table["found again"].tolist() == pytest.approx(values.tolist())
    assert table["findings"].tolist() == counts.tolist()
    assert f"of {counts.sum()} findings come back" in words(page)


def test_layers_show_reliability_routing_length_and_variance(weighed_graph: StudyGraph, on_page_store: None) -> None:
    page = trust()
    table = page.dataframe[-1].value
    halves = table["Reliability by step: between halves (ICC(A,1))"]
    assert halves[:3].tolist() == [0.8] * 3
    assert table["Routing by step: to its own refit (floor) (findings)"][:3].tolist() == [3.0] * 3
    assert (
        table["Text length explained by the regions: as analysed (eta squared)"].tolist() == REPORT["length_explained"]
    )
    assert len(page.get("vega_lite_chart")) == 5


def test_what_speaks_against_a_study_is_told_in_words(weighed_graph: StudyGraph, on_page_store: None) -> None:
    page = trust()
    assert "Length was not adjusted for." in words(page)
    assert "Few documents: animal (20), mineral (20), plant (20)." in words(page)
    assert HOSTILE[1] in words(page)
    assert not any(HOSTILE[1] in element.value for element in (*page.markdown, *page.caption))


def test_what_the_scan_warned_of_and_layers_of_one_region_are_told(store: Store, on_page_store: None) -> None:
    codes = random_codes(60, 4, 3, 5)
    codes[:, 2] = 0
    warned = json.dumps({"warnings": ["The categories are unbalanced: 'many' has 4.0 times the documents of 'rare'."]})
    labels = ["many"] * 48 + ["rare"] * 12
    graph = planted_graph("trust-lame", codes=codes, categories=labels, seed=31, report=warned)
    store.write(graph)
    try:
        page = trust(study="trust-lame")
        assert words(page).count("unbalanced") == 1
        assert "One region only, which separates no categories: block 2." in words(page)
        assert "Nothing was tested in this study" in words(page)
    finally:
        store.delete(graph.study)


def test_confounds_are_told_beside_chance(weighed_graph: StudyGraph, on_page_store: None) -> None:
    tables = [table.value for table in trust().dataframe]
    found = next(table for table in tables if "confound" in table).set_index("confound")
    length = found.loc["text length explained by category (eta squared)"]
    assert (length["value"], length["by chance"]) == (0.3, 0.04)
    assert found["value"].tolist() == [0.3, 2.5]


def test_a_study_without_tests_says_so(on_page_store: None) -> None:
    page = trust(study="page")
    assert "Nothing was tested in this study" in words(page)
    assert not any("confound" in table.value for table in page.dataframe)


def test_what_is_not_worked_out_yet_has_its_command(weighed_graph: StudyGraph, on_page_store: None) -> None:
    assert [code.value for code in trust().code] == ["mri probe trusted"]
    commands = [code.value for code in trust(study="page").code]
    assert commands[0] == "mri probe page"
    assert [command.split()[-1] for command in commands[1:]] == ["--controls", "20"]


def test_what_did_not_run_is_not_checked_and_speaks_for_nothing(on_page_store: None) -> None:
    bare = planted_graph("bare").study
    told = nothing_told(checks(bare, []))
    assert told == "Not checked: tests, confounds, probes, controls, refits."
    held = [Measure("control", 0.1, other="shuffled connections"), Measure("probe", 0.5, 0, other="full")]
    told = nothing_told(checks(bare, held))
    assert told.startswith("Nothing speaks against this study in what was checked (probes, controls). Not checked:")
    (controls,) = (check for check in checks(bare, held) if check.name == "controls")
    assert controls.left_out == "random blocks, token embeddings, a bag of words"
    page = trust(study="page")
    assert words(page).count("Not checked: ") == 5
    assert "Nothing is known that speaks against" not in words(page)


def test_components_have_no_refits_to_ask_for(store: Store, on_page_store: None) -> None:
    scores = np.random.default_rng(3).normal(size=(12, 3, 2))
    graph = planted_components("trust-moving", scores=scores, categories=["a", "b", "c"] * 4, seed=32)
    store.write(graph)
    try:
        assert not any("refits" in code.value for code in trust(study="trust-moving").code)
    finally:
        store.delete(graph.study)


def test_the_study_is_chosen_in_the_address(weighed_graph: StudyGraph, on_page_store: None) -> None:
    page = trust()
    box(page, "Study").select("page").run()
    assert page.query_params["study"] == "page"
    assert "No study is called 'nobody'" in words(trust(study="nobody"))


@pytest.fixture(scope="module")
def placed_graph(store: Store) -> Iterator[StudyGraph]:
    """A study in another one's atlas."""
    graph = placed("trust-placed")
    store.write(graph)
    yield graph
    store.delete(graph.study)


def test_a_study_in_another_ones_atlas_is_told_how_well_that_fits(
    placed_graph: StudyGraph, on_page_store: None
) -> None:
    page = trust(study="trust-placed")
    told = "In the atlas of frozen. From layer 2 on the atlas of frozen does not describe these documents: up to 50%"
    assert told in words(page)
    tables = [table.value for table in page.dataframe]
    fit = next(table for table in tables if "Distance from the regions (times)" in table)
    assert fit["Distance from the regions (times)"].tolist() == [1.01, 1.02, 1.3, 1.5]
    assert fit["Documents beyond the 99th percentile (share)"].tolist() == [0.01, 0.02, 0.3, 0.5]


def test_a_confirmation_is_shown_with_every_finding_that_was_tested(
    placed_graph: StudyGraph, on_page_store: None
) -> None:
    page = trust(study="trust-placed")
    told = "2 of 3 findings of frozen replicate here. Effects are 0.710 times as large as they were (0.500 to 0.930)."
    assert told in words(page)
    found = next(table.value for table in page.dataframe if "replicates" in table.value)
    assert found["replicates"].tolist() == [True, True, False]
    assert found["effect here"].tolist() == [1.9, 1.2, 0.1]
    assert found["from"][0] == "R0: word0, layer0"
    assert found["to"][2] == "L3/R9"  # no document is there
    assert "**Replication**" not in [text.value for text in trust(study="page").markdown]


def test_a_frozen_atlas_has_no_refits_to_ask_for(placed_graph: StudyGraph, on_page_store: None) -> None:
    assert not any("--refits" in code.value for code in trust(study="trust-placed").code)
