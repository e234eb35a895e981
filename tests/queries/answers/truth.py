"""Studies whose every document's way is known, from which the answers are worked out with exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from mri_core.records import Region, StudyGraph, region_id
from tests.planted import planted_graph

Row = tuple[Any, ...]


class Truth:
    """A study whose documents' ways are known: `ways[d]` are the regions of document d, layer by layer."""

    def __init__(
        self,
        name: str,
        codes: np.ndarray,
        labels: list[str],
        texts: list[str] | None = None,
        seed: int = 0,
        **properties: object,
    ):
        graph = planted_graph(name, codes=codes, categories=labels, texts=texts, seed=seed, **properties)
        mixed = tuple(  # no two regions alike, and exemplars in another order than the corpus
            replace(r, entropy=r.layer / 10 + int(r.name) / 7, exemplars=r.exemplars[::-1]) for r in graph.regions
        )
        self.graph: StudyGraph = replace(graph, regions=mixed)
        self.study = graph.study.id
        self.beside: dict[str, Truth] = {self.study: self}  # studies of the same store, by id
        self.labels = labels
        self.documents = list(graph.documents)
        self.categories = sorted(set(labels))
        self.sizes = Counter(labels)
        self.layers = range(codes.shape[1])
        self.ways = [tuple(region_id(self.study, i, str(c)) for i, c in enumerate(row)) for row in codes]
        self.regions: dict[str, Region] = {region_id(self.study, r.layer, r.name): r for r in mixed}
        self.inside = Counter((r, label) for way, label in self.labelled() for r in way)
        self.taken = Counter((way[i], way[i + 1], label) for way, label in self.labelled() for i in self.layers[:-1])
        self.pairs = sorted({(s, t) for s, t, _ in self.taken})

    def labelled(self) -> Iterator[tuple[tuple[str, ...], str]]:
        return zip(self.ways, self.labels, strict=True)

    def asked(self, category: str | None) -> list[str]:
        return self.categories if category is None else [category]

    def weight(self, source: str, target: str, category: str | None) -> int:
        return sum(self.taken[source, target, c] for c in self.asked(category))

    def share(self, source: str, target: str, category: str) -> Fraction:
        return Fraction(self.taken[source, target, category], self.sizes[category])

    def layer(self, region: str) -> int:
        return self.regions[region].layer

    def words(self, *regions: str) -> tuple[list[str], ...]:
        return tuple(list(self.regions[r].keywords) for r in regions)

    def leaving(self, layer: int | None) -> list[tuple[str, str]]:
        return [(s, t) for s, t in self.pairs if layer is None or self.layer(s) == layer]


def lift(shares: list[Fraction], index: int) -> Fraction:
    return shares[index] * len(shares) / sum(shares) if any(shares) else Fraction(0)


def entropy(counts: list[int]) -> float:
    """In nats."""
    return -sum(n / sum(counts) * math.log(n / sum(counts)) for n in counts if n)


def region_profile(truth: Truth, region: str) -> list[Row]:
    shares = [Fraction(truth.inside[region, c], truth.sizes[c]) for c in truth.categories]
    rows = [(c, truth.inside[region, c], shares[i], lift(shares, i)) for i, c in enumerate(truth.categories)]
    return sorted(rows, key=lambda row: (-row[2], row[0]))
