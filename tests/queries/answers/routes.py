"""Questions about routes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise

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


def chains(truth: Truth, category: str) -> Iterator[tuple[str, ...]]:
    """Every chain of connections from the first layer to the last that documents of the category take."""
    after: dict[str, list[str]] = {}
    for s, t in truth.pairs:
        if truth.taken[s, t, category]:
            after.setdefault(s, []).append(t)

    def onwards(way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if len(way) == len(truth.layers):
            yield way
        for region in after.get(way[-1], []):
            yield from onwards((*way, region))

    for region in truth.regions:
        if truth.layer(region) == 0 and truth.inside[region, category]:
            yield from onwards((region,))


def route_of_document(truth: Truth, document: str) -> list[Row]:
    ordinal = int(document.rpartition("D")[2])
    return _steps(truth, truth.ways[ordinal], truth.labels[ordinal])


def routes_through_region(truth: Truth, region: str, category: str, routes: int = 3) -> list[Row]:
    found: list[tuple[Fraction, tuple[str, ...]]] = []
    for way in chains(truth, category):
        if region in way:
            probability = math.prod((row[5] for row in _steps(truth, way, category)), start=Fraction(1))
            found.append((-probability, way[::-1]))
    return [
        (number, *step, -probability)
        for number, (probability, way) in enumerate(sorted(found)[:routes], 1)
        for step in _steps(truth, way[::-1], category)
    ]


def _steps(truth: Truth, way: tuple[str, ...], category: str) -> list[Row]:
    """The steps of a way with the documents that take them, the first being that these begin there."""
    weights = [truth.inside[way[0], category], *(truth.taken[s, t, category] for s, t in pairwise(way))]
    before = [truth.sizes[category], *(truth.inside[s, category] for s in way)]
    return [
        (layer, r, *truth.words(r), n, Fraction(n, truth.sizes[category]), Fraction(n, leaving))
        for layer, (r, n, leaving) in enumerate(zip(way, weights, before, strict=False))
    ]


def routes_of_both(
    truth: Truth, category: str, versus: str, without: str | None = None, least: int = 2, limit: int = 100
) -> list[Row]:
    both = [pair for pair in truth.pairs if truth.taken[*pair, category] and truth.taken[*pair, versus]]
    graph = nx.DiGraph([pair for pair in both if without is None or not truth.taken[*pair, without]])
    rows: list[Row] = []
    for s, t in graph.edges:
        before = nx.dag_longest_path_length(graph.subgraph(nx.ancestors(graph, s) | {s}))
        after = nx.dag_longest_path_length(graph.subgraph(nx.descendants(graph, t) | {t}))
        if before + 1 + after >= least:
            shares = [truth.share(s, t, c) for c in (category, versus)]
            weights = [truth.taken[s, t, c] for c in (category, versus)]
            rows.append((s, t, truth.layer(s), before + 1 + after, *shares, *weights, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-row[3], -min(row[4:6]), row[2], *row[:2]))[:limit]


def partings(truth: Truth, category: str, versus: str, least_change: float = 0.1) -> list[Row]:
    rows: list[Row] = []
    last: Fraction | None = None
    for layer in truth.layers:
        regions = sorted(r for r in truth.regions if truth.layer(r) == layer)
        one, other = ({r: Fraction(truth.inside[r, c], truth.sizes[c]) for r in regions} for c in (category, versus))
        overlap = 1 - sum((abs(one[r] - other[r]) for r in regions), Fraction(0)) / 2
        change = None if last is None else overlap - last
        event = ("part" if change < 0 else "meet") if change and abs(change) >= least_change - 1e-12 else ""
        tops = [
            _most({r: min(one[r], other[r]) for r in regions}),
            _most({r: one[r] - other[r] for r in regions}),
            _most({r: other[r] - one[r] for r in regions}),
        ]
        words = [None if r is None else truth.words(r)[0] for r in tops]
        rows.append((layer, truth.graph.layers[layer].name, overlap, change, event, *tops, *words))
        last = overlap
    return rows


def _most(values: dict[str, Fraction]) -> str | None:
    """The region of the largest value, where it is above 0; the first of equals."""
    region, value = Counter(values).most_common(1)[0]
    return region if value > 0 else None


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "route-of-document": route_of_document,
    "routes-of-both": routes_of_both,
    "routes-through-region": routes_through_region,
    "partings": partings,
}
