"""`mri metrics`: measured once, kept, and told with reasons where a measure is not defined."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest

from mri_core.records.graph import Study
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph
from ui.reports.measure_tables import KINDS

pytestmark = pytest.mark.engine


@pytest.fixture
def study(store: Store) -> Iterator[Study]:
    graph = planted_graph("measured", categories=[HOSTILE[i % 3] for i in range(60)])
    store.write(graph)
    yield graph.study
    store.delete(graph.study)


def test_measures_are_those_of_the_stored_graph_and_kept(mri: Mri, store: Store, study: Study) -> None:
    told = mri("metrics", "measured", "--json").done().json
    assert {measure["kind"] for measure in told} == set(KINDS)
    assert {measure["category"] for measure in told} == {None, *HOSTILE[:3]}
    rows = store.read(
        "MATCH (s:Region {study: $id})-[e:FLOWS_TO]->(t) RETURN s.id, t.id, e.category, e.weight", {"id": study.id}
    ).rows
    for category in (None, HOSTILE[1]):
        graph = nx.DiGraph((s, t) for s, t, c, _ in rows if category in (None, c))
        found = {m["kind"]: m["value"] for m in told if m["category"] == category and m["layer"] is None}
        assert found["density"] == pytest.approx(nx.density(graph))
        assert found["mean_strength"] == pytest.approx(
            2 * sum(w for *_, c, w in rows if category in (None, c)) / len(graph)
        )
    assert len(store.measures(study)) == len(told)
    assert store.study("measured").revision == 2


def test_what_is_kept_is_told_again_and_measured_anew_only_if_asked(mri: Mri, store: Store, study: Study) -> None:
    first = mri("metrics", "measured", "--json").done()
    assert mri("metrics", "measured", "--json").done().out == first.out
    assert store.study("measured").revision == 2
    assert mri("metrics", "measured", "--again", "--json").done().out == first.out
    assert store.study("measured").revision == 3
    few = mri("metrics", "measured", "--random-graphs", 2, "--json").done().json
    assert {m["details"]["random_graphs"] for m in few if m["kind"] == "small_worldness"} == {2}


def test_a_category_is_shown_beside_the_whole_with_its_layers(mri: Mri, study: Study) -> None:
    shown = mri("metrics", "measured", "--category", HOSTILE[2], "--quiet").done().out
    assert "By layer, all\n" in shown
    assert "By layer, '}) MATCH (n) DETACH DELETE n //\n" in shown
    assert HOSTILE[1][:9] not in shown
    refused = mri("metrics", "measured", "--category", "none such")
    assert (refused.status, "No category is called" in refused.refusal()) == (2, True)


def test_components_are_measured_by_the_size_of_their_correlations(mri: Mri, store: Store) -> None:
    scores = np.random.default_rng(0).normal(size=(40, 3, 3)).cumsum(axis=1)
    graph = planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    store.write(graph)
    told = mri("metrics", "moving", "--json").done().json
    values = {(m["kind"], m["category"]): m["value"] for m in told if m["layer"] is None}
    assert values["mean_strength", "a"] > 0
    store.delete(graph.study)
