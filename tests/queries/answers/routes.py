"""Questions about routes."""

from __future__ import annotations

import math
from collections.abc import Callable

import networkx as nx

from tests.queries.answers.truth import Row, Truth


def strongest_route_cost(truth: Truth, category: str) -> float:
    """Minus the log of the best route's probability, by Dijkstra's algorithm."""
    graph = nx.DiGraph()
    for region in truth.regions:
        if n := truth.inside[region, category]:
            if truth.layer(region) == 0:
                graph.add_edge("start", region, cost=-math.log(n / truth.sizes[category]))
            if truth.layer(region) == truth.layers[-1]:
                graph.add_edge(region, "end", cost=0.0)
    for s, t in truth.pairs:
        if n := truth.taken[s, t, category]:
            graph.add_edge(s, t, cost=-math.log(n / truth.inside[s, category]))
    return float(nx.dijkstra_path_length(graph, "start", "end", weight="cost"))


ANSWERS: dict[str, Callable[..., list[Row]]] = {}
