from __future__ import annotations

import random

import networkx as nx
import numpy as np
from hypothesis import given, settings

from mri_core.metrics import FlowGraph, region_metrics
from mri_core.metrics.region_metrics import communities, participation
from tests.mri_core.metrics.graphs import built, layered_graphs, networkx_graph, planted


def check_against_networkx(graph: FlowGraph) -> None:
    found, other = region_metrics(graph, 0), networkx_graph(graph)
    count = range(len(graph.layer))
    ranks, passing = nx.pagerank(other, 0.85, tol=1e-12), nx.betweenness_centrality(other, weight="length")
    np.testing.assert_allclose(found.strength_in, [other.in_degree(i, weight="weight") for i in count])
    np.testing.assert_allclose(found.strength_out, [other.out_degree(i, weight="weight") for i in count])
    np.testing.assert_allclose(found.pagerank, [ranks[i] for i in count], atol=1e-9)
    np.testing.assert_allclose(found.betweenness, [passing[i] for i in count], atol=1e-12)
    by_hand = []
    for i in count:
        to = np.zeros(found.community.max() + 1)
        for neighbour, ties in nx.Graph(other)[i].items():
            to[found.community[neighbour]] += ties["weight"]
        by_hand.append(1 - np.sum((to / to.sum()) ** 2))
    np.testing.assert_allclose(found.participation, by_hand, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(layered_graphs())
def test_metrics_of_regions_agree_with_networkx_on_random_graphs(graph):
    check_against_networkx(graph)


def test_metrics_of_regions_agree_with_networkx_on_a_chain_with_a_bridge():
    check_against_networkx(built(((0, 0), (1, 0), 3), ((0, 1), (1, 0), 1), ((1, 0), (2, 0), 4), ((2, 0), (3, 1), 4)))


def test_two_streams_joined_by_one_weak_connection_are_two_communities():
    streams = [((layer, 2 * s + i), (layer + 1, 2 * s + j), 10 - s)
               for layer in range(3) for s in (0, 1) for i in (0, 1) for j in (0, 1)]  # fmt: skip
    graph = built(*streams, ((0, 0), (1, 2), 1))
    community = communities(graph, 0)
    assert sorted(np.bincount(community)) == [8, 8]
    assert (participation(graph, community) > 0).sum() == 2


def test_communities_are_numbered_by_falling_size():
    graph = built(((0, 0), (1, 0), 5), ((0, 1), (1, 1), 5), ((0, 1), (1, 2), 5), ((0, 2), (1, 2), 5))
    assert np.all(np.diff(np.bincount(communities(graph, 3))) <= 0)


def test_a_seed_gives_the_same_communities_and_leaves_the_global_random_state_as_it_was():
    graph = planted()
    random.seed(5)
    state = random.getstate()
    first, again = communities(graph, 7), communities(graph, 7)
    assert random.getstate() == state
    np.testing.assert_array_equal(first, again)


def test_communities_are_as_modular_as_networkx_louvain_finds_them():
    graph = planted(2)
    other = nx.Graph(networkx_graph(graph))
    community = communities(graph, 0)
    sets = [set(np.flatnonzero(community == c).tolist()) for c in range(community.max() + 1)]
    rival = nx.community.louvain_communities(other, seed=0)
    assert nx.community.modularity(other, sets) >= nx.community.modularity(other, rival) - 0.01
