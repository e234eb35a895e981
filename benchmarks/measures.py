"""All graph measures of a study against igraph alone, called for the same quantities on the same graph.

Prints one JSON object: seconds of both, taken in turns, and their ratio. Documents drift over a grid of two dimensions,
as texts do from layer to layer. igraph alone has no random layered graphs; they are made from its `rewire`, step by
step, and of clustering it counts its own kind (Barrat's).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import igraph
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from mri_core.connectome.counting import build_connectome
from mri_core.metrics import RANDOM_GRAPHS, FlowGraph, flow_graph, measures
from mri_core.metrics.projections import SOURCES
from mri_core.metrics.random_graphs import SWAPS


def drifting(documents: int, layers: int, resolution: int) -> FlowGraph:
    """The graph of documents that move on a grid, a little from layer to layer."""
    generator = np.random.default_rng(0)
    place = generator.normal(size=(documents, 2))
    codes = np.empty((documents, layers), dtype=np.int64)
    for layer in range(layers):
        place = 0.6 * place + 0.8 * generator.normal(size=place.shape) if layer else place
        cell = (place - place.min(axis=0)) / np.ptp(place, axis=0) * resolution
        codes[:, layer] = np.minimum(cell.astype(int), resolution - 1) @ (resolution, 1)
    return flow_graph(build_connectome(codes, generator.integers(4, size=documents), 4))


def alone(graph: FlowGraph) -> None:
    """The same quantities by igraph, called plainly."""
    edges = np.column_stack([graph.source, graph.target])
    weight = np.abs(graph.weight)
    directed = igraph.Graph(n=len(graph.layer), edges=edges, directed=True)
    undirected = directed.as_undirected(mode="each")
    directed.degree(), directed.strength(weights=weight.tolist())
    directed.pagerank(weights=weight.tolist())
    directed.betweenness(weights=(1 / weight).tolist())
    directed.assortativity_degree()
    undirected.community_leiden("modularity", weights=weight.tolist(), n_iterations=-1).modularity  # noqa: B018
    for projection in undirected.bipartite_projection(types=(graph.layer % 2 == 0).tolist()):
        shape(projection)
    steps = [edges[graph.layer[graph.source] == layer] for layer in range(graph.layers - 1)]
    for step in steps:
        joined, numbers = part(step, directed=False)
        for projection in joined.bipartite_projection(types=(graph.layer[numbers] % 2 == 0).tolist()):
            shape(projection)
    undirected.path_length_hist()
    for _ in range(RANDOM_GRAPHS):
        igraph.Graph(n=len(graph.layer), edges=np.concatenate([rewired(step) for step in steps])).path_length_hist()


def part(step: np.ndarray, *, directed: bool) -> tuple[igraph.Graph, np.ndarray]:
    """A graph of these connections alone, and what its regions are."""
    numbers, ends = np.unique(step, return_inverse=True)
    return igraph.Graph(n=len(numbers), edges=ends.reshape(-1, 2), directed=directed), numbers


def rewired(step: np.ndarray) -> np.ndarray:
    """The connections of one step, swapped."""
    graph, numbers = part(step, directed=True)
    graph.rewire(n=SWAPS * len(step))
    return numbers[np.array(graph.get_edgelist())]


def shape(projection: igraph.Graph) -> None:
    """Degrees, strengths, clustering and path length of a projection."""
    projection.degree(), projection.strength(weights="weight")
    projection.transitivity_avglocal_undirected(mode="zero", weights="weight")
    sources = range(min(SOURCES, projection.vcount()))
    projection.distances(source=sources, weights=[1 / weight for weight in projection.es["weight"]])


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--layers", type=int, default=13)
    parser.add_argument("--resolution", type=int, default=20)
    parser.add_argument("--turns", type=int, default=3)
    choice = parser.parse_args()
    graph = drifting(choice.documents, choice.layers, choice.resolution)
    pairs = [(seconds(lambda: measures(graph, None, 0)), seconds(lambda: alone(graph))) for _ in range(choice.turns)]
    ours, theirs = np.median(pairs, axis=0)
    result = {"benchmark": "measures", **vars(choice), "regions": len(graph.layer), "connections": len(graph.source)}
    ratios = [round(float(own / other), 2) for own, other in pairs]
    print(json.dumps({**result, "seconds": round(ours, 2), "igraph": round(theirs, 2), "ratios": ratios}))


if __name__ == "__main__":
    main()
