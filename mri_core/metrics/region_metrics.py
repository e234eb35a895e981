"""Metrics of each region of a layered graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mri_core.metrics.flow_graph import FlowGraph
from mri_core.metrics.randomness import seeded

DAMPING = 0.85


@dataclass(frozen=True)
class RegionMetrics:
    """One value per region, in the graph's order; all of them use |weight|.

    Attributes:
        strength_in, strength_out: sum of |weight| of incoming and outgoing connections.
        pagerank: weighted and directed, damping 0.85; adds up to 1 (Brin and Page 1998).
        betweenness: share of the shortest directed paths between two other regions that pass here, where a connection
            is 1 / |weight| long; divided by (n − 1)(n − 2) as networkx does (Freeman 1977, Rubinov and Sporns 2010).
        community: number of its community, 0 the largest.
        participation: 1 − Σ (strength to a community / strength)²: 0 if all its connections stay within one
            community (Guimerà and Amaral 2005, with strengths).
    """

    strength_in: np.ndarray
    strength_out: np.ndarray
    pagerank: np.ndarray
    betweenness: np.ndarray
    community: np.ndarray
    participation: np.ndarray


def region_metrics(graph: FlowGraph, seed: int) -> RegionMetrics:
    """All of a graph's regions; the same seed gives the same communities."""
    count = len(graph.layer)
    community = communities(graph, seed)
    return RegionMetrics(
        strength_in=np.bincount(graph.target, graph.magnitude, count),
        strength_out=np.bincount(graph.source, graph.magnitude, count),
        pagerank=np.array(graph.directed.pagerank(damping=DAMPING, weights="weight")),
        betweenness=betweenness(graph),
        community=community,
        participation=participation(graph, community),
    )


def betweenness(graph: FlowGraph) -> np.ndarray:
    """(regions,) normalised; 0 if there are no two other regions."""
    count = len(graph.layer)
    passing = np.array(graph.directed.betweenness(directed=True, weights="length"))
    return passing / max((count - 1) * (count - 2), 1)


def communities(graph: FlowGraph, seed: int) -> np.ndarray:
    """(regions,) community of each, of the largest modularity that Leiden finds; numbered by falling size.

    Directions are left out (Traag, Waltman and van Eck 2019).
    """
    with seeded(seed):
        found = graph.undirected.community_leiden("modularity", weights="weight", n_iterations=-1)
    _, first, number, size = np.unique(found.membership, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(len(size))
    return rank[number]


def participation(graph: FlowGraph, community: np.ndarray) -> np.ndarray:
    """(regions,) participation coefficient: how evenly a region's strength is spread over the communities."""
    ends = np.concatenate([graph.source, graph.target])
    others = np.concatenate([graph.target, graph.source])
    count = int(community.max()) + 1
    cell, row = np.unique(ends * count + community[others], return_inverse=True)
    share = np.bincount(row, np.tile(graph.magnitude, 2)) / graph.strength[cell // count]
    return np.maximum(1 - np.bincount(cell // count, share**2, len(graph.layer)), 0)
