"""The layered graph compared with random ones in which every region keeps its in- and out-degree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import igraph
import numpy as np
from scipy import sparse

from mri_core.metrics.flow_graph import FlowGraph
from mri_core.metrics.projections import adjacency
from mri_core.metrics.randomness import seeded
from mri_core.metrics.values import Undefined

SWAPS = 10  # tried for each connection
RICH = 90  # percentile of the degree above which a region is rich


@dataclass(frozen=True)
class Comparison:
    """A value compared with those of random graphs, with the details to judge it."""

    value: float | Undefined
    details: dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """The compared properties of a graph: clustering, path length, and number of connections between rich regions."""

    clustering: float | Undefined
    path_length: float
    rich_connections: int


def compare(graph: FlowGraph, seed: int, random_graphs: int) -> dict[str, Comparison]:
    """Rich club and small-worldness compared with so many random graphs, by name."""
    own = _shape(graph)
    others = [_shape(other) for other in randomised(graph, seed, random_graphs)]
    return {"rich_club": _rich_club(graph, own, others), "small_worldness": _small_worldness(own, others)}


def randomised(graph: FlowGraph, seed: int, count: int) -> list[FlowGraph]:
    """Graphs with the same layers and degrees: the ends of two connections of the same step are swapped, many times.

    Maslov and Sneppen (2002), within each pair of neighbouring layers. Their weights are all 1.
    """
    step = graph.layer[graph.source]
    steps = [step == layer for layer in np.unique(step)]
    with seeded(seed):
        return [_rewired(graph, steps) for _ in range(count)]


def four_cycles(graph: FlowGraph) -> float | Undefined:
    """Clustering of a graph without triangles: the share of paths of three connections that close to a cycle of four.

    4 × cycles of four / paths of three (Robins and Alexander 2004); a layered graph is bipartite, even against odd
    layers, so that triangles, and with them the usual clustering, do not occur.
    """
    paths = float(np.sum((graph.degree[graph.source] - 1) * (graph.degree[graph.target] - 1)))
    if paths == 0:
        return Undefined("no path has three connections")
    joined = adjacency(graph)[graph.layer % 2 == 0]
    shared = sparse.triu(joined @ joined.T, k=1).data
    return 4 * float(np.sum(shared * (shared - 1) / 2)) / paths


def path_length(graph: FlowGraph) -> float:
    """Harmonic mean of the steps between two regions, without direction: unreachable regions are infinitely far.

    It is 1 / global efficiency (Latora and Marchiori 2001), and so defined for a disconnected graph as well.
    """
    histogram = graph.undirected.path_length_hist(directed=False)
    pairs = len(graph.layer) * (len(graph.layer) - 1) / 2
    return pairs / sum(number / length for length, _, number in histogram.bins())


def _rewired(graph: FlowGraph, steps: list[np.ndarray]) -> FlowGraph:
    source, target = np.concatenate([_swapped(graph, chosen) for chosen in steps], axis=1)
    return replace(graph, source=source, target=target, weight=np.ones(len(source)))


def _swapped(graph: FlowGraph, chosen: np.ndarray) -> np.ndarray:
    """(2, connections) sources and targets of one step."""
    regions, ends = np.unique([graph.source[chosen], graph.target[chosen]], return_inverse=True)
    edges = ends.reshape(2, -1).T
    step = igraph.Graph(n=len(regions), edges=edges, directed=True)
    step.rewire(n=SWAPS * len(edges))
    return regions[np.array(step.get_edgelist()).T]


def _shape(graph: FlowGraph) -> Shape:
    rich = graph.degree > np.percentile(graph.degree, RICH)
    return Shape(four_cycles(graph), path_length(graph), int(np.sum(rich[graph.source] & rich[graph.target])))


def _rich_club(graph: FlowGraph, own: Shape, others: list[Shape]) -> Comparison:
    """φ over the mean φ of random graphs: as degrees are the same, so are the possible connections (Colizza 2006)."""
    threshold = float(np.percentile(graph.degree, RICH))
    details = {
        "degree_above": threshold,
        "regions": int(np.sum(graph.degree > threshold)),
        "connections": own.rich_connections,
        **_spread("random", [shape.rich_connections for shape in others]),
    }
    if not others:
        return Comparison(Undefined("no random graphs were made"), details)
    if not details["random_mean"]:
        return Comparison(Undefined("no random graph joins two rich regions"), details)
    return Comparison(own.rich_connections / details["random_mean"], details)


def _small_worldness(own: Shape, others: list[Shape]) -> Comparison:
    """(clustering / random clustering) / (path length / random path length) (Humphries and Gurney 2008)."""
    clusterings = [shape.clustering for shape in others if not isinstance(shape.clustering, Undefined)]
    details = {"path_length": own.path_length, **_spread("random_path_length", [s.path_length for s in others])}
    if isinstance(own.clustering, Undefined):
        return Comparison(own.clustering, details)
    details = {"clustering": own.clustering, **details, **_spread("random_clustering", clusterings)}
    if not others:
        return Comparison(Undefined("no random graphs were made"), details)
    if not details["random_clustering_mean"]:
        return Comparison(Undefined("no random graph has a cycle of four"), details)
    closer = own.path_length / details["random_path_length_mean"]
    return Comparison(own.clustering / details["random_clustering_mean"] / closer, details)


def _spread(name: str, values: list[Any]) -> dict[str, Any]:
    """Mean and standard deviation of the random graphs' values; None if there are too few."""
    return {
        f"{name}_mean": float(np.mean(values)) if values else None,
        f"{name}_sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "random_graphs": len(values),
    }
