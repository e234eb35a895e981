from __future__ import annotations

import json
import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from mri_core.metrics import FlowGraph, flow_graph, measures, region_metrics
from mri_core.records.measures import Measure
from tests.mri_core.metrics.graphs import built, layered_graphs, networkx_graph, planted
from tests.planted import planted_graph


def by_kind(found: list[Measure]) -> dict[str, Measure]:
    return {m.kind if m.layer is None else f"{m.kind}/{m.layer}": m for m in found}


def close(measure: Measure, expected: float) -> None:
    if not math.isfinite(expected):
        assert measure.value is None, measure
        assert measure.details["undefined"]
    else:
        assert measure.value == pytest.approx(expected, abs=1e-9), measure


def check_plain(graph: FlowGraph) -> None:
    """Moments, density, centres, centrality and projections against pandas and networkx."""
    found, other = by_kind(measures(graph, None, 0, 0)), networkx_graph(graph)
    undirected = nx.Graph(other)
    for name, weight in (("degree", None), ("strength", "weight")):
        values = pd.Series([v for _, v in other.degree(weight=weight)], dtype=float)
        close(found[f"mean_{name}"], values.mean())
        close(found[f"var_{name}"], values.var())
        equal = values.nunique() == 1
        close(found[f"skew_{name}"], math.nan if equal else values.skew())
        close(found[f"kurt_{name}"], math.nan if equal else values.kurt())
    leaving = [other.out_degree(s, weight="weight") for s, _ in other.edges]
    coming = [other.in_degree(t, weight="weight") for _, t in other.edges]
    flat = len(set(leaving)) == 1 or len(set(coming)) == 1
    close(found["assortativity"], math.nan if flat else np.corrcoef(leaving, coming)[0, 1])
    close(found["density"], nx.density(other))
    sizes = [int((graph.layer == layer).sum()) for layer in range(graph.layers)]
    close(found["layered_density"], other.number_of_edges() / sum(a * b for a, b in pairwise(sizes)))
    close(found["center_of_mass"], sum(n * (i - (graph.layers - 1) / 2) for i, n in enumerate(sizes)) / sum(sizes))
    for layer in range(graph.layers):
        degrees = pd.Series([d for n, d in other.degree if other.nodes[n]["layer"] == layer], dtype=float)
        close(found[f"degree_by_layer/{layer}"], degrees.mean())
        spread = found[f"degree_by_layer/{layer}"].details["var"]
        assert spread == pytest.approx(degrees.var()) if len(degrees) > 1 else spread is None
    regions = region_metrics(graph, 0)
    sets = [set(np.flatnonzero(regions.community == c).tolist()) for c in range(regions.community.max() + 1)]
    close(found["modularity"], nx.community.modularity(undirected, sets))
    close(found["communities"], len(sets))
    passing = np.array(list(nx.betweenness_centrality(other, weight="length").values()))
    close(found["mean_betweenness"], passing.mean())
    close(found["max_betweenness"], passing.max())
    if len(passing) > 2:
        close(found["betweenness_centralisation"], np.sum(passing.max() - passing) / (len(passing) - 1))
    for side in (0, 1):
        check_projection(found, f"projection_{('even', 'odd')[side]}", undirected, graph.layer % 2 == side)


def check_projection(found: dict[str, Measure], prefix: str, graph: nx.Graph, chosen: np.ndarray) -> None:
    projected = nx.bipartite.collaboration_weighted_projected_graph(graph, np.flatnonzero(chosen).tolist())
    degrees = pd.Series([d for _, d in projected.degree], dtype=float)
    strengths = pd.Series([d for _, d in projected.degree(weight="weight")], dtype=float)
    close(found[f"{prefix}_mean_degree"], degrees.mean())
    close(found[f"{prefix}_var_degree"], degrees.var())
    close(found[f"{prefix}_mean_strength"], strengths.mean())
    close(found[f"{prefix}_var_strength"], strengths.var())
    close(found[f"{prefix}_density"], nx.density(projected) if len(projected) > 1 else math.nan)
    check_shape(found, prefix, "", projected)


def check_shape(found: dict[str, Measure], prefix: str, suffix: str, projected: nx.Graph) -> None:
    for _, _, tie in projected.edges(data=True):
        tie["length"] = 1 / tie["weight"]
    joined = projected.number_of_edges() > 0
    clustering = nx.average_clustering(projected, weight="weight") if joined else math.nan
    close(found[f"{prefix}_average_clustering{suffix}"], clustering)
    whole = len(projected) > 1 and nx.is_connected(projected)
    length = nx.average_shortest_path_length(projected, weight="length") if whole else math.nan
    close(found[f"{prefix}_average_shortest_path{suffix}"], length)


@settings(max_examples=40, deadline=None)
@given(layered_graphs())
def test_measures_agree_with_networkx_and_pandas_on_random_graphs(graph):
    check_plain(graph)


@settings(max_examples=25, deadline=None)
@given(layered_graphs())
def test_projections_of_neighbouring_layers_agree_with_networkx(graph):
    found, other = by_kind(measures(graph, None, 0, 0)), networkx_graph(graph)
    for layer in range(graph.layers):
        members = [n for n, at in other.nodes(data="layer") if at == layer]
        for side, step in (("next", 1), ("previous", -1)):
            if not 0 <= layer + step < graph.layers:
                assert f"projection_{side}_average_clustering/{layer}" not in found
                continue
            block = nx.Graph(other.subgraph([n for n, at in other.nodes(data="layer") if at in (layer, layer + step)]))
            projected = nx.bipartite.collaboration_weighted_projected_graph(block, members)
            check_shape(found, f"projection_{side}", f"/{layer}", projected)


@pytest.mark.parametrize("category", [None, 0, 2])
def test_the_graph_of_a_category_has_its_connections_and_the_whole_has_their_sums(category):
    connectome = planted_graph().connectome
    graph = flow_graph(connectome, category)
    flows = connectome.flows
    expected: dict[tuple[int, int], float] = {}
    for s, t, c, w in zip(flows.source, flows.target, flows.category, flows.weight, strict=True):
        if category in (None, c):
            expected[s, t] = expected.get((s, t), 0) + w
    rows = zip(graph.region[graph.source], graph.region[graph.target], graph.weight, strict=True)
    assert {(s, t): w for s, t, w in rows} == expected
    np.testing.assert_array_equal(graph.layer, connectome.region_layer[graph.region])
    assert sorted({i for pair in expected for i in pair}) == graph.region.tolist()


def test_measures_of_a_planted_study_agree_with_networkx_and_pandas():
    check_plain(planted())


def test_paths_from_a_sample_of_many_regions_are_as_long_as_from_all(monkeypatch):
    graph = planted()
    exact = by_kind(measures(graph, None, 0, 0))["projection_even_average_shortest_path"].value
    monkeypatch.setattr("mri_core.metrics.projections.SOURCES", 15)
    sampled = by_kind(measures(graph, None, 0, 0))["projection_even_average_shortest_path"].value
    assert sampled != exact
    assert sampled == pytest.approx(exact, rel=0.15)


def test_projections_and_assortativity_of_a_planted_study_agree_with_networkx():
    graph = planted(1)
    found, other = by_kind(measures(graph, None, 0, 0)), networkx_graph(graph)
    close(found["assortativity"], nx.degree_assortativity_coefficient(other, weight="weight"))
    even = nx.bipartite.collaboration_weighted_projected_graph(
        nx.Graph(other), np.flatnonzero(graph.layer % 2 == 0).tolist()
    )
    strength = dict(even.degree(weight="weight"))
    ends = np.array([[strength[a], strength[b]] for u, v in even.edges for a, b in ((u, v), (v, u))])
    close(found["projection_even_assortativity"], np.corrcoef(ends.T)[0, 1])


def test_the_sign_of_a_correlation_plays_no_part_in_the_measures():
    rows = [((0, 0), (1, 0), 0.5), ((0, 0), (1, 1), 0.25), ((0, 1), (1, 1), 1.0), ((1, 1), (2, 0), 0.5)]
    negative = [(*ends, -weight) for *ends, weight in rows]
    assert measures(built(*rows), None, 0, 3) == measures(built(*negative), None, 0, 3)  # type: ignore[arg-type]


def test_correlations_of_different_sign_do_not_cancel_in_the_whole():
    connectome = planted_graph().connectome
    signs = np.where(connectome.flows.category == 0, -1, 1)
    flipped = type(connectome.flows)(**{**vars(connectome.flows), "weight": connectome.flows.weight * signs})
    whole = flow_graph(type(connectome)(**{**vars(connectome), "flows": flipped}))
    np.testing.assert_array_equal(whole.weight, flow_graph(connectome).weight)


EDGE_CASES = {
    "one connection": built(((0, 0), (1, 0), 1)),
    "one region a layer": built(((0, 0), (1, 0), 2), ((1, 0), (2, 0), 2)),
    "in pieces": built(((0, 0), (1, 0), 1), ((2, 1), (3, 1), 4), layers=5),
    "complete, all alike": built(*(((0, i), (1, j), 1) for i in range(3) for j in range(3))),
    "no connection": flow_graph(planted_graph().connectome, category=99),
}


@pytest.mark.parametrize("name", EDGE_CASES)
def test_what_is_undefined_is_none_with_a_reason_and_nothing_is_nan_or_infinite(name):
    for measure in measures(EDGE_CASES[name], "c", 0, 2):
        assert measure.category == "c"
        assert (measure.value is None) == ("undefined" in measure.details)
        assert measure.value is None or math.isfinite(measure.value)
        json.dumps(dict(measure.details), allow_nan=False)


def test_one_connection_has_no_skewness_no_assortativity_and_no_small_world():
    found = by_kind(measures(EDGE_CASES["one connection"], None, 0, 2))
    undefined = ("skew_degree", "kurt_strength", "assortativity", "center_of_strength", "rich_club", "small_worldness")
    assert [found[kind].value for kind in undefined] == [None] * 6
    assert found["mean_degree"].value == 1


def test_regions_alike_have_variance_0_and_no_skewness():
    found = by_kind(measures(EDGE_CASES["complete, all alike"], None, 0, 2))
    assert found["var_degree"].value == 0
    assert found["skew_degree"].details["undefined"] == "all regions are equal"


def test_a_graph_in_pieces_has_no_path_length():
    found = by_kind(measures(EDGE_CASES["in pieces"], None, 0, 2))
    assert found["projection_even_average_shortest_path"].details["undefined"] == "the projection is in pieces"
    assert found["degree_by_layer/4"].details["undefined"] == "there is no region"


def test_the_centre_of_strength_is_the_spread_of_each_layer_times_its_distance_from_the_middle():
    graph = planted(4)
    strength = pd.Series([d for _, d in networkx_graph(graph).degree(weight="weight")])
    spread = strength.groupby(graph.layer).std()
    expected = sum(spread[layer] * (layer - 2) for layer in range(5))
    close(by_kind(measures(graph, None, 0, 0))["center_of_strength"], expected)
