"""Projections of the layered graph: regions joined by shared neighbours in the neighbouring layers."""

from __future__ import annotations

from dataclasses import dataclass

import igraph
import numpy as np
from scipy import sparse

from mri_core.metrics.flow_graph import FlowGraph
from mri_core.metrics.values import Undefined, correlation, mean, variance

SOURCES = 300  # most regions from which paths are computed: all of 2,500 take a minute


@dataclass(frozen=True)
class Projection:
    """An undirected weighted graph on the regions of one side, as a symmetric matrix with an empty diagonal."""

    weights: sparse.csr_array

    @property
    def degree(self) -> np.ndarray:
        """(regions,) neighbours of each."""
        return np.diff(self.weights.indptr)

    @property
    def strength(self) -> np.ndarray:
        """(regions,) sum of weights of each."""
        return self.weights.sum(axis=1)


def adjacency(graph: FlowGraph) -> sparse.csr_array:
    """(regions, regions) 1 if two regions are connected, in both directions."""
    ends = np.concatenate([graph.source, graph.target]), np.concatenate([graph.target, graph.source])
    return sparse.csr_array((np.ones(len(ends[0])), ends), shape=(len(graph.layer), len(graph.layer)))


def project(joined: sparse.csr_array) -> Projection:
    """Rows joined by the columns that they share, each column with weight 1 / (its degree − 1) (Newman 2001).

    That is networkx' `collaboration_weighted_projected_graph`; the connections' own weights are not used.
    """
    degree = joined.sum(axis=0)
    shared = joined[:, degree > 1]
    weights = sparse.csr_array(shared.multiply(1 / (degree[degree > 1] - 1)) @ shared.T)
    weights = sparse.csr_array(weights - sparse.diags_array(weights.diagonal()))
    weights.eliminate_zeros()
    return Projection(weights)


def projection_measures(projection: Projection, seed: int) -> dict[str, float | Undefined]:
    """The peer's measures of a projection, by name."""
    degree, strength = projection.degree, projection.strength
    count = len(degree)
    upper = sparse.triu(projection.weights).tocoo()
    return {
        "mean_degree": mean(degree),
        "var_degree": variance(degree),
        "mean_strength": mean(strength),
        "var_strength": variance(strength),
        **shape_measures(projection, seed),
        "assortativity": _assortativity(_as_graph(projection), strength, upper),
        "density": len(upper.data) / (count * (count - 1) / 2) if count > 1 else Undefined("a density needs 2 regions"),
    }


def shape_measures(projection: Projection, seed: int) -> dict[str, float | Undefined]:
    """Clustering and path length, by name."""
    return {
        "average_clustering": average_clustering(projection),
        "average_shortest_path": average_shortest_path(projection, seed),
    }


def average_clustering(projection: Projection) -> float | Undefined:
    """The mean over regions of the weighted clustering of Onnela et al. (2005), 0 for fewer than two neighbours."""
    if len(projection.degree) == 0:
        return Undefined("there is no region")
    if projection.weights.nnz == 0:
        return Undefined("no two regions are joined")
    roots = projection.weights.copy()
    roots.data = np.cbrt(roots.data / roots.data.max())
    triangles = (roots @ roots).multiply(roots).sum(axis=1)
    pairs = projection.degree * (projection.degree - 1.0)
    return float(np.mean(np.divide(triangles, pairs, out=np.zeros(len(pairs)), where=pairs > 0)))


def average_shortest_path(projection: Projection, seed: int) -> float | Undefined:
    """Mean length of the shortest paths between two regions, with a join 1 / weight long.

    With more than `SOURCES` regions, from a seeded sample of so many to all others.
    """
    count = len(projection.degree)
    if count < 2:
        return Undefined("a path needs 2 regions")
    graph = _as_graph(projection)
    if not graph.is_connected():
        return Undefined("the projection is in pieces")
    sample = np.random.default_rng(seed).permutation(count)[:SOURCES]
    lengths = graph.distances(source=sorted(sample.tolist()), weights="length")
    return float(np.sum(lengths) / (len(sample) * (count - 1)))


def _as_graph(projection: Projection) -> igraph.Graph:
    upper = sparse.triu(projection.weights).tocoo()
    graph = igraph.Graph(n=len(projection.degree), edges=np.column_stack(upper.coords))
    graph.es["length"] = (1 / upper.data).tolist()
    return graph


def _assortativity(graph: igraph.Graph, strength: np.ndarray, upper: sparse.coo_array) -> float | Undefined:
    if len(upper.data) == 0:
        return Undefined("no two regions are joined")
    return correlation(graph.assortativity(strength.tolist(), directed=False), strength[np.concatenate(upper.coords)])
