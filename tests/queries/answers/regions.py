"""Questions about regions."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx

from tests.queries.answers.truth import Row, Truth, region_profile


def regions(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for key, r in truth.regions.items():
        if (layer is not None and r.layer != layer) or (category and not truth.inside[key, category]):
            continue
        documents = sum(truth.inside[key, c] for c in truth.categories)
        own = (r.x, r.y, documents, r.dominant_category, r.entropy, list(r.keywords), list(r.exemplars))
        profile = {row[0]: row[2:] for row in region_profile(truth, key)}
        rows.append((key, r.layer, r.name, *own, *(profile[category] if category else (None, None))))
    return sorted(rows, key=lambda row: (-(row[10] or 0), row[1], -row[5], row[0]))[:limit]


def hubs(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 20) -> list[Row]:
    graph = nx.DiGraph()
    for s, t in truth.pairs:
        if weight := truth.weight(s, t, category):
            graph.add_edge(s, t, weight=weight)
    rows = []
    for region in graph:
        if layer in (None, truth.layer(region)):
            arriving, leaving = graph.in_degree(region, "weight"), graph.out_degree(region, "weight")
            degrees = (graph.in_degree(region), graph.out_degree(region))
            place = (region, truth.layer(region), *truth.words(region))
            rows.append((*place, arriving + leaving, arriving, leaving, *degrees))
    return sorted(rows, key=lambda row: (-row[3], -row[6] - row[7], row[1], row[0]))[:limit]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "regions": regions,
    "region-profile": region_profile,
    "hubs": hubs,
}
