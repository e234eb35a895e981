"""Which connections the graph of the page Scan shows first: what is found, where a study was tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.connectome import Flows
from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from tests.ui.evidence import unfound, weighed
from tests.ui.page import box, opened, words

pytestmark = pytest.mark.engine

SURE, UNSURE, CHANCE = 0.01, 0.1, 0.6  # q of what is found, of every other that is not, and of the rest
Pair = tuple[str, str, str, str]


def found_of(name: str) -> StudyGraph:
    """A study in which few connections are found to differ, whose q alone is below 0.05."""
    graph = weighed(name, seed=24)
    avoided = graph.connectome.avoided
    assert avoided is not None
    flows = replace(graph.connectome, flows=_sure(graph.connectome.flows), avoided=_sure(avoided))
    return replace(graph, connectome=flows)


def _sure(flows: Flows) -> Flows:
    assert flows.evidence is not None
    row = np.arange(len(flows.source))
    finding = np.where(row % 5 == 0, flows.evidence.finding, 0).astype(np.int8)
    q = np.where(finding != 0, SURE, np.where(row % 2, UNSURE, CHANCE))
    return replace(flows, evidence=replace(flows.evidence, q=q, finding=finding))


@pytest.fixture(scope="module")
def graph(store: Store) -> Iterator[StudyGraph]:
    made = found_of("shown-tested")
    nothing = unfound("shown-unfound")
    for each in (made, nothing):
        store.write(each)
    yield made
    for each in (made, nothing):
        store.delete(each.study)


def scan(**address: str) -> AppTest:
    return opened("scan.py", **address)


def drawn(page: AppTest) -> list[Pair]:
    ends = ["from layer", "from region", "to layer", "to region"]
    return [tuple(row) for row in page.dataframe[-1].value[ends].to_numpy().tolist()]  # type: ignore[misc]


def heights(graph: StudyGraph, category: str | None = None) -> dict[Pair, tuple[float, float]]:
    """How often the findings of each connection are found again at the most, and how large one is at the least."""
    found: dict[Pair, tuple[float, float]] = {}
    names = [each.name for each in graph.categories]
    for flows in (graph.connectome.flows, graph.connectome.avoided):
        assert flows is not None
        assert flows.evidence is not None
        for i in np.flatnonzero(flows.evidence.finding):
            if category not in (None, names[flows.category[i]]):
                continue
            ends = [graph.regions[flows.source[i]], graph.regions[flows.target[i]]]
            pair = tuple(word for end in ends for word in (graph.layers[end.layer].name, end.name))
            nearer = flows.evidence.ci_low[i] if flows.evidence.finding[i] > 0 else -flows.evidence.ci_high[i]
            again = np.nan_to_num(np.asarray(flows.stability)[i], nan=-1.0)
            before = found.get(pair, (-1.0, -np.inf))  # type: ignore[arg-type]
            found[pair] = (max(before[0], again), max(before[1], nearer))  # type: ignore[index]
    return found


@pytest.mark.parametrize("category", ["", "plant"])
def test_a_tested_study_opens_with_its_findings_by_stability_and_by_the_nearer_end(
    on_page_store: None, graph: StudyGraph, category: str
) -> None:
    page = scan(study="shown-tested", connections="300", **({"category": category} if category else {}))
    wanted = heights(graph, category or None)
    shown = drawn(page)
    assert set(shown) == set(wanted)
    assert [wanted[pair] for pair in shown] == sorted(wanted.values(), reverse=True)
    assert "by more than chance (q at most 0.05)" in words(page)
    assert "refits find again most often on top" in words(page)
    assert box(page, "Show").value == "findings"


def test_differences_of_shares_can_be_asked_for_and_stand_in_the_address(
    on_page_store: None, graph: StudyGraph
) -> None:
    page = scan(study="shown-tested", connections="300")
    found = len(drawn(page))
    box(page, "Show").select("shares").run()
    assert page.query_params["order"] == "shares"
    spread = page.dataframe[-1].value["difference of shares"].round(9).tolist()
    assert spread == sorted(spread, reverse=True)
    assert len(spread) > found
    assert "chance" not in words(page)
    assert box(page, "Greatest q").disabled


def test_a_greater_q_shows_more_and_says_that_they_may_be_chance(on_page_store: None, graph: StudyGraph) -> None:
    page = scan(study="shown-tested", connections="300")
    found = drawn(page)
    box(page, "Greatest q").select(0.2).run()
    assert page.query_params["most_q"] == "0.2"
    assert drawn(page)[: len(found)] == found
    assert set(page.dataframe[-1].value["q"][len(found) :]) == {UNSURE}
    assert "q at most 0.2, of which those above 0.05 may be chance" in words(page)


def test_only_what_refits_find_again_is_shown_where_that_is_asked_for(on_page_store: None, graph: StudyGraph) -> None:
    page = scan(study="shown-tested", connections="300")
    stable = [share for share in page.dataframe[-1].value["found again"] if share >= 0.8]
    box(page, "Found again").select(0.8).run()
    assert page.query_params["least_stability"] == "0.8"
    assert page.dataframe[-1].value["found again"].tolist() == stable
    assert "found again in at least 80% of the refits" in words(page)
    assert f"{len(stable)} of {len(stable)} connections come back in at least 80%" in words(page)
    assert box(scan(study="shown-unfound"), "Found again").disabled


def test_a_smaller_q_than_any_leaves_nothing_found(on_page_store: None, graph: StudyGraph) -> None:
    assert "differs by more than chance (q at most 0.001)" in words(scan(study="shown-tested", most_q="0.001"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({}, "No connection differs by more than chance (q at most 0.05): "),
        ({"category": "plant"}, "No connection is taken more or less by plant by more than chance"),
        ({"stay": "no"}, "No connection among those chosen differs by more than chance"),
    ],
)
def test_where_nothing_is_found_that_is_said_and_the_largest_differences_are_shown(
    on_page_store: None, graph: StudyGraph, address: dict[str, str], told: str
) -> None:
    page = scan(study="shown-unfound", **address)
    assert told in words(page)
    assert "shown are the largest differences of shares as counted" in words(page)
    spread = page.dataframe[-1].value["difference of shares"].round(9).tolist()
    assert spread
    assert spread == sorted(spread, reverse=True)


def test_a_study_that_was_not_tested_offers_no_findings(on_page_store: None) -> None:
    page = scan(study="page", order="findings")
    assert box(page, "Show").value == "shares"
    assert box(page, "Show").disabled
    assert "chance" not in words(page)
