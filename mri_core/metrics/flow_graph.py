"""The layered graph that is measured: regions by layer, and one weighted connection per pair of regions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import igraph
import numpy as np

from mri_core.records.connectome import Connectome


@dataclass(frozen=True)
class FlowGraph:
    """The connections of one category, or of all, between regions of neighbouring layers.

    Attributes:
        layers: number of layers of the study; a layer may have no region here.
        layer: (regions,) layer of each region; every region has a connection.
        source, target: (connections,) indices of regions; a pair of regions has one row at most.
        weight: (connections,) documents, or Spearman's rho, which may be negative. Never 0.
        region: (regions,) index of each region in its source: the connectome, or the caller's rows.
    """

    layers: int
    layer: np.ndarray
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    region: np.ndarray

    @cached_property
    def magnitude(self) -> np.ndarray:
        """|weight|: the strength of a connection, whatever its sign. All weighted measures use it."""
        return np.abs(self.weight).astype(np.float64)

    @cached_property
    def directed(self) -> igraph.Graph:
        """For igraph, with `weight` and `length` on its connections."""
        graph = igraph.Graph(n=len(self.layer), edges=np.column_stack([self.source, self.target]), directed=True)
        graph.es["weight"], graph.es["length"] = self.magnitude.tolist(), (1 / self.magnitude).tolist()
        return graph

    @cached_property
    def undirected(self) -> igraph.Graph:
        """The same without direction."""
        return self.directed.as_undirected(mode="each")

    @cached_property
    def degree(self) -> np.ndarray:
        """(regions,) connections in and out."""
        return self.total(np.ones_like(self.source))

    @cached_property
    def strength(self) -> np.ndarray:
        """(regions,) sum of |weight| in and out."""
        return self.total(self.magnitude)

    def total(self, values: np.ndarray) -> np.ndarray:
        """(regions,) sum of the connections' values in and out."""
        count = len(self.layer)
        return np.bincount(self.source, values, count) + np.bincount(self.target, values, count)


def flow_graph(connectome: Connectome, category: int | None = None) -> FlowGraph:
    """The graph of one category (its index), or of all of them together.

    In the graph of all, a connection's weight is the sum of its categories' |weight|: documents add up, and
    correlations of different sign do not cancel.
    """
    flows = connectome.flows
    kept = slice(None) if category is None else flows.category == category
    weight = np.abs(flows.weight) if category is None else flows.weight[kept]
    layers = int(connectome.region_layer.max()) + 1
    return layered_graph(connectome.region_layer, flows.source[kept], flows.target[kept], weight, layers)


def layered_graph(
    layer: np.ndarray, source: np.ndarray, target: np.ndarray, weight: np.ndarray, layers: int
) -> FlowGraph:
    """A graph from rows of connections: rows of the same pair are added up, regions without a connection left out.

    Args:
        layer: (regions,) layer of each region.
        source, target: (rows,) indices of regions.
        weight: (rows,) their weights; rows of weight 0 are not connections.
        layers: number of layers of the study.
    """
    pair, row = np.unique(source.astype(np.int64) * len(layer) + target, return_inverse=True)
    total = np.bincount(row, weight, len(pair))
    pair, total = pair[total != 0], total[total != 0]
    ends = np.stack([pair // max(len(layer), 1), pair % max(len(layer), 1)])
    region, index = np.unique(ends, return_inverse=True)
    start, end = index.reshape(ends.shape)
    return FlowGraph(layers, np.asarray(layer)[region], start, end, total, region)
