"""All measures of one layered graph."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from mri_core.metrics.flow_graph import FlowGraph
from mri_core.metrics.projections import adjacency, project, projection_measures, shape_measures
from mri_core.metrics.random_graphs import compare
from mri_core.metrics.region_metrics import RegionMetrics, region_metrics
from mri_core.metrics.values import Undefined, correlation, kurtosis, mean, measured, skewness, variance
from mri_core.records.measures import Measure

RANDOM_GRAPHS = 10
MOMENTS = {"mean": mean, "var": variance, "skew": skewness, "kurt": kurtosis}


def measures(
    graph: FlowGraph,
    category: str | None,
    seed: int,
    random_graphs: int = RANDOM_GRAPHS,
    regions: RegionMetrics | None = None,
) -> list[Measure]:
    """All measures of a category's graph, or of the whole (`category` None).

    All weighted measures use |weight|. Measures of LLM-MRI 0.2.1 have the same name here and the same value, with these
    exceptions: `center_of_mass` counts from the middle of the existing layers (there from one half before it);
    `center_of_strength` leaves out layers with fewer than two regions (there it is always NaN); projections are
    undirected (there they fail) and their paths treat a strong join as short (there as long).

    Args:
        graph: of the category or the whole, with at least one connection.
        category: its name, which is set on every measure.
        seed: of communities, random graphs and sampled paths.
        random_graphs: how many to compare with; with 0 rich club and small-worldness are undefined.
        regions: result of `region_metrics` for this graph, if already computed.
    """
    if len(graph.source) == 0:
        return [measured("density", Undefined("there is no connection"), category)]
    regions = regions or region_metrics(graph, seed)
    named = {**_moments(graph), **_whole(graph), **_centrality(graph, regions), **_sides(graph, seed)}
    compared = compare(graph, seed, random_graphs)
    return [
        *(measured(kind, value, category) for kind, value in named.items()),
        *(measured(kind, found.value, category, details=found.details) for kind, found in compared.items()),
        *(_degree_of_layer(graph, layer, category) for layer in range(graph.layers)),
        *_neighbours(graph, category, seed),
    ]


def centre_of_strength(graph: FlowGraph) -> float | Undefined:
    """Sum over layers of the standard deviation of their regions' strengths × the layer from the middle one.

    Positive if later layers distribute their strength more unevenly. Layers with one region or none are left out.
    """
    middle = (graph.layers - 1) / 2
    spreads = {layer: variance(graph.strength[graph.layer == layer]) for layer in range(graph.layers)}
    parts = [v**0.5 * (layer - middle) for layer, v in spreads.items() if not isinstance(v, Undefined)]
    return sum(parts) if parts else Undefined("no layer has 2 regions")


def assortativity(graph: FlowGraph) -> float | Undefined:
    """Correlation over connections of the source's strength out and the target's strength in (Newman 2003).

    As networkx' `degree_assortativity_coefficient(weight="weight")` of a directed graph.
    """
    count = len(graph.layer)
    leaving = np.bincount(graph.source, graph.magnitude, count)
    coming = np.bincount(graph.target, graph.magnitude, count)
    found = graph.directed.assortativity(leaving.tolist(), coming.tolist(), directed=True)
    return correlation(found, leaving[graph.source], coming[graph.target])


def _moments(graph: FlowGraph) -> dict[str, float | Undefined]:
    of = {"degree": graph.degree, "strength": graph.strength}
    return {f"{moment}_{name}": find(values) for name, values in of.items() for moment, find in MOMENTS.items()}


def _whole(graph: FlowGraph) -> dict[str, float | Undefined]:
    count, connections = len(graph.layer), len(graph.source)
    sizes = np.bincount(graph.layer, minlength=graph.layers)
    return {
        "assortativity": assortativity(graph),
        "density": connections / (count * (count - 1)),
        "layered_density": connections / sum(int(before * after) for before, after in pairwise(sizes)),
        "center_of_mass": float(graph.layer.mean()) - (graph.layers - 1) / 2,
        "center_of_strength": centre_of_strength(graph),
    }


def _centrality(graph: FlowGraph, regions: RegionMetrics) -> dict[str, float | Undefined]:
    count = len(graph.layer)
    largest = float(regions.betweenness.max())
    centralisation = float(np.sum(largest - regions.betweenness)) / (count - 1)
    return {
        "modularity": graph.undirected.modularity(regions.community.tolist(), weights="weight"),
        "communities": int(regions.community.max()) + 1,
        "mean_participation": mean(regions.participation),
        "mean_betweenness": mean(regions.betweenness),
        "max_betweenness": largest,
        "betweenness_centralisation": centralisation if count > 2 else Undefined("it needs 3 regions"),
    }


def _sides(graph: FlowGraph, seed: int) -> dict[str, float | Undefined]:
    """The peer's projections on the even and on the odd layers."""
    joined = adjacency(graph)
    found: dict[str, float | Undefined] = {}
    for side, rest in (("even", 0), ("odd", 1)):
        values = projection_measures(project(joined[graph.layer % 2 == rest]), seed)
        found |= {f"projection_{side}_{name}": value for name, value in values.items()}
    return found


def _degree_of_layer(graph: FlowGraph, layer: int, category: str | None) -> Measure:
    degree = graph.degree[graph.layer == layer]
    spread = variance(degree)
    details = {"regions": len(degree), "var": None if isinstance(spread, Undefined) else spread}
    return measured("degree_by_layer", mean(degree), category, layer, details)


def _neighbours(graph: FlowGraph, category: str | None, seed: int) -> list[Measure]:
    """Each layer's regions joined by their shared neighbours in the next layer, and in the one before."""
    joined = adjacency(graph)
    found = []
    for side, step in (("next", 1), ("previous", -1)):
        for layer in range(max(0, -step), graph.layers - max(0, step)):
            block = joined[graph.layer == layer][:, graph.layer == layer + step]
            values = shape_measures(project(block), seed)
            found += [measured(f"projection_{side}_{name}", value, category, layer) for name, value in values.items()]
    return found
