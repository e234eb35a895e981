from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from mri_core.metrics.random_graphs import compare, four_cycles, path_length, randomised
from mri_core.metrics.values import Undefined
from tests.mri_core.metrics.graphs import built, layered_graphs, networkx_graph, planted


@settings(max_examples=30, deadline=None)
@given(layered_graphs())
def test_random_graphs_keep_layers_and_degrees_and_join_no_pair_twice(graph):
    for other in randomised(graph, 0, 2):
        np.testing.assert_array_equal(graph.layer[other.target], graph.layer[other.source] + 1)
        count = len(graph.layer)
        np.testing.assert_array_equal(np.bincount(other.source, minlength=count),
                                      np.bincount(graph.source, minlength=count))  # fmt: skip
        np.testing.assert_array_equal(np.bincount(other.target, minlength=count),
                                      np.bincount(graph.target, minlength=count))  # fmt: skip
        assert len(set(zip(other.source.tolist(), other.target.tolist(), strict=True))) == len(graph.source)


def test_random_graphs_differ_from_the_graph_and_from_each_other_and_come_again_with_the_seed():
    graph = planted()
    random.seed(1)
    state = random.getstate()
    pairs = [frozenset(zip(o.source, o.target, strict=True)) for o in randomised(graph, 3, 3)]
    again = [frozenset(zip(o.source, o.target, strict=True)) for o in randomised(graph, 3, 3)]
    assert pairs == again
    assert len({*pairs, frozenset(zip(graph.source, graph.target, strict=True))}) == 4
    assert random.getstate() == state


@settings(max_examples=40, deadline=None)
@given(layered_graphs())
def test_clustering_by_cycles_of_four_and_path_length_agree_with_networkx(graph):
    other = nx.Graph(networkx_graph(graph))
    found = four_cycles(graph)
    closed = 0.0 if isinstance(found, Undefined) else found
    assert closed == pytest.approx(nx.bipartite.robins_alexander_clustering(other))
    assert path_length(graph) == pytest.approx(1 / nx.global_efficiency(other))


def test_the_rich_club_counts_as_networkx_does():
    graph = planted(3)
    found = compare(graph, 0, 4)["rich_club"]
    threshold = int(found.details["degree_above"])
    own = nx.rich_club_coefficient(nx.Graph(networkx_graph(graph)), normalized=False)[threshold]
    others = [nx.rich_club_coefficient(nx.Graph(networkx_graph(o)), normalized=False)[threshold]
              for o in randomised(graph, 0, 4)]  # fmt: skip
    assert found.value == pytest.approx(own / np.mean(others))


def test_hubs_that_prefer_each_other_are_a_rich_club():
    rows = [((0, i), (1, j), 1) for i in range(3) for j in range(3)]
    rows += [((0, h), (1, 3 + 8 * h + i), 1) for h in range(3) for i in range(8)]
    rows += [((0, 3 + 8 * h + i), (1, h), 1) for h in range(3) for i in range(8)]
    rows += [((0, 3 + i), (1, 3 + (i + step) % 24), 1) for i in range(24) for step in (1, 2, 3, 4)]
    found = compare(built(*rows), 0, 10)["rich_club"]
    assert found.details["regions"] == 6
    assert found.value > 1.2


def test_separate_crowds_joined_by_few_connections_are_a_small_world():
    inner = [(i, j) for i in range(4) for j in range(4)]
    crowds = [(layer, 4 * crowd) for layer in range(3) for crowd in range(6)]
    rows = [((layer, c + i), (layer + 1, c + j), 1) for layer, c in crowds for i, j in inner if (i + j + layer) % 4]
    rows += [((layer, 4 * c), (layer + 1, 4 * ((c + layer + 1) % 6)), 1) for layer in range(3) for c in range(6)]
    found = compare(built(*rows), 0, 10)["small_worldness"]
    assert (
        found.details["clustering"]
        > found.details["random_clustering_mean"] + 3 * found.details["random_clustering_sd"]
    )
    assert found.value > 1.2


def test_without_random_graphs_there_is_nothing_to_compare_with():
    assert all(isinstance(found.value, Undefined) for found in compare(planted(), 0, 0).values())
