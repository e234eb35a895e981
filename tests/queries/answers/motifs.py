"""Questions about patterns of a few regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise, permutations

import networkx as nx

from tests.queries.answers.truth import Row, Truth


def triangles(
    truth: Truth, category: str | None = None, layer: int | None = None, least: int = 2, limit: int = 50
) -> list[Row]:
    ways = [way for way, label in truth.labelled() if label in truth.asked(category)]
    rows: list[Row] = []
    for start in truth.layers[:-2]:
        if layer not in (None, start):
            continue
        together = Counter(way[start : start + 3] for way in ways)
        skipping = Counter((way[start], way[start + 2]) for way in ways)
        for (a, b, c), documents in together.items():
            inside = sum(truth.inside[b, name] for name in truth.asked(category))
            expected = Fraction(truth.weight(a, b, category) * truth.weight(b, c, category), inside)
            counted = (documents, skipping[a, c], expected, documents - expected, documents / expected)
            if documents >= least:
                rows.append((a, b, c, start, *counted, *truth.words(a, b, c)))
    return sorted(rows, key=lambda row: (-row[7], row[3], *row[:3]))[:limit]


def chains(truth: Truth, category: str | None = None, least: int = 2, limit: int = 50) -> list[Row]:
    graph = nx.DiGraph(pair for pair in truth.pairs if truth.weight(*pair, category))
    alone = nx.DiGraph((s, t) for s, t in graph.edges if graph.out_degree(s) == graph.in_degree(t) == 1)
    runs = [list(nx.topological_sort(alone.subgraph(part))) for part in nx.weakly_connected_components(alone)]
    told = [
        (run[0], len(run) - 1, truth.weight(run[0], run[1], category), list(pairwise(run)))
        for run in runs
        if len(run) > least
    ]
    return [
        (*chain, truth.layer(s), s, t, *truth.words(s, t))
        for *chain, steps in sorted(told, key=lambda chain: (-chain[1], -chain[2], chain[0]))[:limit]
        for s, t in steps
    ]


def reciprocal_specialisation(
    truth: Truth,
    category: str,
    versus: str,
    layer: int | None = None,
    least_difference: float = 0.05,
    limit: int = 50,
) -> list[Row]:
    rows: list[Row] = []
    for index in sorted({truth.layer(s) for s, _ in truth.leaving(layer)}):
        sources, targets = ([r for r in truth.regions if truth.layer(r) == at] for at in (index, index + 1))
        for one, two in combinations(sorted(sources), 2):
            for first, second in permutations(targets, 2):
                ends = [(one, first), (two, second), (one, second), (two, first)]
                straight, straight_too, crossed, crossed_too = differences = [
                    truth.share(*pair, category) - truth.share(*pair, versus) for pair in ends
                ]
                score = min(straight, straight_too, -crossed, -crossed_too)
                if score > 0 and score >= Fraction(str(least_difference)):
                    rows.append((index, one, two, first, second, score, *differences))
    return sorted(rows, key=lambda row: (-row[5], *row[:5]))[:limit]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "triangles": triangles,
    "chains": chains,
    "reciprocal-specialisation": reciprocal_specialisation,
}
