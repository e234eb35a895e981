"""Layered graphs for the tests of measures, and the same in networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from mri_core.metrics import FlowGraph, flow_graph, layered_graph
from tests.planted import planted_graph, random_codes


def built(*rows: tuple[tuple[int, int], tuple[int, int], float], layers: int | None = None) -> FlowGraph:
    """A graph from rows of ((layer, region), (layer, region), weight)."""
    names = sorted({end for source, target, _ in rows for end in (source, target)})
    layer = np.array([name[0] for name in names])
    source, target = (np.array([names.index(row[side]) for row in rows]) for side in (0, 1))
    return layered_graph(layer, source, target, np.array([row[2] for row in rows]), layers or int(layer.max()) + 1)


def planted(seed: int = 0) -> FlowGraph:
    """The whole of a planted study of 5 layers, about 8 regions each."""
    return flow_graph(planted_graph(codes=random_codes(150, 5, 8, seed)).connectome)


def networkx_graph(graph: FlowGraph) -> nx.DiGraph:
    """The same graph in networkx, with `weight` |weight| and `length` its inverse."""
    other = nx.DiGraph()
    other.add_nodes_from((i, {"layer": int(layer)}) for i, layer in enumerate(graph.layer))
    for source, target, weight in zip(graph.source.tolist(), graph.target.tolist(), graph.weight.tolist(), strict=True):
        other.add_edge(source, target, weight=abs(weight), length=1 / abs(weight))
    return other


@st.composite
def layered_graphs(draw: st.DrawFn) -> FlowGraph:
    """Two to four layers of one to five regions; weights are powers of two, so that equal paths are exactly equal."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    possible = [
        ((layer, i), (layer + 1, j))
        for layer in range(len(sizes) - 1)
        for i in range(sizes[layer])
        for j in range(sizes[layer + 1])
    ]
    chosen = draw(st.lists(st.sampled_from(possible), min_size=1, unique=True))
    weights = draw(
        st.lists(st.sampled_from([-2.0, -0.5, 0.5, 1.0, 2.0, 4.0]), min_size=len(chosen), max_size=len(chosen))
    )
    return built(*((*pair, weight) for pair, weight in zip(chosen, weights, strict=True)), layers=len(sizes))
