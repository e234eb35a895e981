"""The largest component against networkx, its p against all arrangements, and what it finds by chance."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from mri_core.statistics.nbs import network_statistics
from tests.planted import random_codes


def by_hand(codes, labels, threshold):
    """(value, category, sign, connections) of the largest component, by plain loops and networkx."""
    documents, best = len(labels), (0.0, None, 0, set())
    for category in range(labels.max() + 1):
        for sign in (1, -1):
            graph = nx.Graph()
            for step in range(codes.shape[1] - 1):
                for source, target in set(zip(codes[:, step].tolist(), codes[:, step + 1].tolist(), strict=True)):
                    taken = (codes[:, step] == source) & (codes[:, step + 1] == target)
                    null = hypergeom(documents, int(taken.sum()), int((labels == category).sum()))
                    z = (np.sum(taken & (labels == category)) - null.mean()) / max(null.std(), 1e-300)
                    if sign * z > threshold:
                        graph.add_edge((step, source), (step + 1, target), over=abs(z) - threshold)
            for nodes in nx.connected_components(graph):
                edges = graph.subgraph(nodes).edges(data="over")
                value = sum(over for *_, over in edges)
                if value > best[0] + 1e-9:
                    ends = {(min(a, b)[0], min(a, b)[1], max(a, b)[1]) for a, b, _ in edges}
                    best = (value, category, sign, ends)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_largest_component_is_that_of_networkx(seed):
    generator = np.random.default_rng(seed)
    codes, labels = random_codes(80, 4, 5, seed), generator.integers(3, size=80)
    for found in network_statistics(codes, labels, 3, seed, permutations=1, thresholds=(1.0, 1.5)):
        value, category, sign, ends = by_hand(codes, labels, found.threshold)
        assert found.value == pytest.approx(value)
        assert (found.category, found.sign) == (category, sign)
        own = {tuple(row) for row in np.stack([found.step, found.source, found.target], axis=1).tolist()}
        assert own == ends


def test_p_is_that_of_all_arrangements():
    codes = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 1, 1]])
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    value = by_hand(codes, labels, 0.5)[0]
    arranged = [np.isin(np.arange(8), ones).astype(int) for ones in combinations(range(8), 4)]
    expected = np.mean([by_hand(codes, own, 0.5)[0] >= value - 1e-9 for own in arranged])
    (found,) = network_statistics(codes, labels, 2, 0, permutations=3_000, thresholds=(0.5,))
    assert found.p == pytest.approx(expected, abs=0.04)


def test_a_planted_path_is_found_with_its_category_and_sign():
    codes, labels = random_codes(300, 5, 6, 0), np.repeat([0, 1, 2], 100)
    codes[100:140] = [3, 1, 4, 1, 5]
    for found in network_statistics(codes, labels, 3, 0, permutations=200):
        assert found.p == pytest.approx(1 / 201)
        assert (found.category, found.sign) == (1, 1)
        path = {(0, 3, 1), (1, 1, 4), (2, 4, 1), (3, 1, 5)}
        assert path <= {tuple(row) for row in np.stack([found.step, found.source, found.target], axis=1).tolist()}


def test_where_no_connection_passes_there_is_no_network_and_no_evidence():
    codes, labels = random_codes(30, 3, 3, 0), np.tile([0, 1], 15)
    (found,) = network_statistics(codes, labels, 2, 0, permutations=20, thresholds=(50.0,))
    assert (found.value, found.p, found.category, len(found.step)) == (0, 1, None, 0)


def test_networks_are_found_no_more_often_than_alpha_where_labels_mean_nothing():
    chances = []
    for seed in range(150):
        labels = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], 20))
        (found,) = network_statistics(random_codes(60, 3, 4, seed), labels, 3, seed, permutations=39, thresholds=(2.0,))
        chances.append(found.p)
    for alpha in (0.05, 0.1, 0.25):
        assert np.sum(np.array(chances) <= alpha) <= binom.ppf(0.999, 150, alpha)
