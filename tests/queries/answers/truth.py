"""Studies whose every document's way is known, from which the answers are worked out with exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from mri_core.records.annotations import Annotation
from mri_core.records.connectome import Flows
from mri_core.records.graph import Region, StudyGraph
from mri_core.records.ids import local_id, region_id
from mri_core.records.interventions import OPERATIONS, Change, Intervention
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_graph, planted_intervention, with_evidence

Row = tuple[Any, ...]


def keep(store: Store, truth: Truth) -> None:
    """Write the study, and add its measures, what was tried in it, and what readers say of its regions."""
    store.write(truth.graph)
    store.add_measures(truth.graph.study, truth.measures)
    store.add_interventions(truth.graph.study, truth.interventions)
    store.annotate(truth.graph.study, list(truth.annotations.values()))


def _mixed(region: Region, number: int) -> Region:
    """No two regions alike, but for ties in the measures; exemplars in another order than the corpus."""
    return replace(
        region,
        entropy=region.layer / 10 + int(region.name) / 7,
        exemplars=region.exemplars[::-1],
        strength_in=number * 7 % 5,
        strength_out=number * 3 % 4,
        pagerank=(number * 5 % 7) / 8,
        betweenness=(number * 3 % 5) / 6,
        community=number * 2 % 3,
        participation=(number * 2 % 5) / 7,
    )


def _planted_measures(graph: StudyGraph) -> list[Measure]:
    """Of the whole, of categories and of layers, with gaps."""
    names = [category.name for category in graph.categories]
    of_layers = [Measure("degree_by_layer", 1.5 + layer.index, layer.index) for layer in graph.layers[1:]]
    of_one = [Measure("degree_by_layer", 9.0, 0, names[0]), Measure("skew", None, details={"undefined": "too few"})]
    probes = [Measure("probe", 0.5 + i / 9, i, other="full", ci_low=0.4, ci_high=0.9) for i in range(len(graph.layers))]
    probes += [Measure("probe", 0.3 + i / 8, i, other="regions", ci_low=0.2, ci_high=0.8) for i in range(2)]
    probes += [
        Measure("probe", 0.1 + i / 7, i, other=what) for i in (0, 1) for what in ("control", "random_blocks")[i:]
    ]
    probes += [Measure("probe", 0.6, other="words"), Measure("probe", 0.65, other="embeddings")]
    pairs = [Measure("factor", 0.25, category=names[0], other=names[-1], p=0.01, q=0.02)]
    densities = [Measure("density", i / 7, category=name, details={"n": i}) for i, name in enumerate([None, *names])]
    return [*of_layers, *of_one, *probes, *pairs, *densities, *_planted_statistics(graph)]


def _planted_statistics(graph: StudyGraph) -> list[Measure]:
    """What tests and controls leave, with gaps."""
    families = ("connections", "regions", "routing", "parting")
    ways = [{"more": 10 + i, "less": 0} for i in range(3)]  # which way a region parts the categories is not named
    told = [{"tests": 90 + i, "alpha": 0.05, "fdr": '"more": 7'} | way for i, way in enumerate([*ways, {}])]
    found = [Measure("findings", 3.0 + i, other=families[i], details=details) for i, details in enumerate(told)]
    controls = [Measure("control", 0.25 * i, other=f"shuffled {family}") for i, family in enumerate(families[:3])]
    controls += [Measure("control", 7.25, other="random_blocks regions", ci_low=5.0, ci_high=9.0)]
    controls += [Measure("control", 0.5, other="bag_of_words")]
    controls += [
        Measure("control", 0.125 * i, i, other="random_blocks divergence", ci_low=high and 0.0, ci_high=high)
        for i, high in enumerate((None, 0.5))
    ]
    quality = [Measure("atlas_quality", 0.25, i, other="refits", ci_low=0.125, ci_high=0.5) for i in (0, 1)]
    quality += [Measure("atlas_quality", 0.75, 1, other=name) for name in ("unchained", "inertia_over_best")]
    quality += [Measure("atlas_quality", -0.25, 0, other="silhouette")]
    quality += [Measure("atlas_quality", 0.9, 0, other="straightness", details={"unchained": 0.625})]
    floors = [Measure("routing_floor", 0.75 + i, i) for i in range(len(graph.layers) - 1)]
    apart = [Measure("divergence", i / 9, i, ci_low=i / 10, ci_high=i / 8, p=0.01) for i in range(len(graph.layers))]
    factors = [
        Measure("factor", effect, i % 2, "level", f"{name} L{i % 2}/R{i}>x", effect - 0.5, effect + 0.5, q=i / 90)
        for i, (name, effect) in enumerate([("topic", 1.5), ("topic", -2.5), ("topics", 1.5), ("register", 0.25)])
    ]
    return [*found, *controls, *quality, *floors, *apart, *factors, *_planted_comparisons(graph)]


def _planted_comparisons(graph: StudyGraph) -> list[Measure]:
    """What comparisons with other studies leave: intervals of one end, either way, and none."""
    ends = [(0.5, 2.0), (None, -0.25), (1.25, None), (-1.0, 1.0)]
    changed = [
        Measure("changed", low or high, i % 2, None, f"{what} L0/R{i}>L1/R0", low, high, 0.001 * i, 0.01 * i, {"n": i})
        for what in ("connections", "moves")
        for i, (low, high) in enumerate(ends)
    ]
    counted = [Measure("changed", 4, other="connections", details={"tests": 9})]
    names = [category.name for category in graph.categories]
    tested = [
        Measure(
            "replication", 1.5 - i, i % 2, names[i % len(names)], f"L{i % 2}/R0>L{i % 2 + 1}/R{i}", p=i / 80, q=i / 20
        )
        for i in range(4)
    ]
    whole = Measure("replication", 0.75, details={"tests": 4})
    return [*counted, *changed, whole, *tested, *_planted_tokens(graph)]


def _planted_tokens(graph: StudyGraph) -> list[Measure]:
    """Tokens of some regions: words of theirs, others, one with spaces and one of hostile characters, with ties."""
    return [
        Measure("driving_tokens", (i * 3 + j) % 5 / 8, region.layer, other=f"L{region.layer}/R{region.name} {token}",
                ci_low=-0.25, ci_high=0.75, details={"documents": i, "sample": 9, "leads": j > 1})
        for i, region in enumerate(graph.regions[::2])
        for j, token in enumerate([*region.keywords[:1], "of", "two words", "'\\\" }) <b>"])
    ]  # fmt: skip


def _planted_interventions(graph: StudyGraph, pairs: list[tuple[str, str]]) -> list[Intervention]:
    """On regions and on two of three connections, with ties, gaps and changes; every other swap has a weaker one."""
    regions = [f"L{region.layer}/R{region.name}" for region in graph.regions]
    names = [None, *(category.name for category in graph.categories)]
    made = [
        planted_intervention(region, OPERATIONS[i % 2], category=names[i % len(names)], q=(i % 5) / 16, effect=None)
        for i, region in enumerate(regions[::3])
    ]
    for i, (source, target) in enumerate(pairs):
        operation, own = (
            OPERATIONS[i % 3],
            {"towards": target, "category": names[i % len(names)], "effect": 0.5 - i / 8},
        )
        q = None if i % 7 == 5 else (i % 8) / 40
        if operation != "add" or i % 2:
            swapped = {"source": regions[0], "target": source} if operation == "swap" else {}
            made.append(planted_intervention(source, operation, q=q, p=i / 90, **own, **swapped))
        if operation == "swap" and i % 2:
            made.append(
                planted_intervention(
                    source, operation, q=(i % 5) / 30, strength=0.5, **own | {"effect": None if i % 4 == 1 else -0.25}
                )
            )
    return [replace(each, changes=_planted_changes(graph, i)) for i, each in enumerate(made)]


def _planted_annotations(regions: dict[str, Region]) -> dict[str, Annotation]:
    """Of two in three regions, by their ids: a name, a note, or both in turn."""
    chosen = [(key, region) for i, (key, region) in enumerate(regions.items()) if i % 3]
    return {
        key: Annotation(
            f"L{region.layer}/R{region.name}",
            HOSTILE[i % len(HOSTILE)][:80] if i % 3 != 1 else "",
            f"note {i}\nof {key}" if i % 3 else "",
            f"2026-01-{1 + i % 28:02}T00:00:00+00:00",
        )
        for i, (key, region) in enumerate(chosen)
    }


def _planted_changes(graph: StudyGraph, number: int) -> tuple[Change, ...]:
    """Up to three regions."""
    chosen = sorted({(number * step + step) % len(graph.regions) for step in range(number % 4)})
    return tuple(
        Change(
            f"L{region.layer}/R{region.name}",
            region.layer,
            delta := (-1) ** place * ((number + place) % 6) / 8,
            delta - 0.25,
            delta + 0.125,
            place / 64,
            number / 128,
            number / 90,
            place / 40,
        )
        for place, region in enumerate(graph.regions[i] for i in chosen)
    )


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
        mixed = tuple(_mixed(region, number) for number, region in enumerate(graph.regions))
        self.graph: StudyGraph = with_evidence(replace(graph, regions=mixed), seed)
        self.study = graph.study.id
        self.measures = _planted_measures(graph)
        self.beside: dict[str, Truth] = {self.study: self}  # studies of the same store, by id
        self.margins: np.ndarray | None = None  # (documents, layers), where the documents were placed
        self.matches: dict[str, dict[str, tuple[str, float]]] = {}  # of other studies: partner and match of a region
        self.labels = labels
        self.documents = list(graph.documents)
        self.categories = sorted(set(labels))
        self.sizes = Counter(labels)
        self.layers = range(codes.shape[1])
        self.ways = [tuple(region_id(self.study, i, str(c)) for i, c in enumerate(row)) for row in codes]
        regions = self.graph.regions
        self.regions: dict[str, Region] = {region_id(self.study, r.layer, r.name): r for r in regions}
        self.annotations = _planted_annotations(self.regions)
        self.evidence = [*self._evidence(self.graph.connectome.flows), *self._evidence(self.graph.connectome.avoided)]
        self.inside = Counter((r, label) for way, label in self.labelled() for r in way)
        self.taken = Counter((way[i], way[i + 1], label) for way, label in self.labelled() for i in self.layers[:-1])
        self.pairs = sorted({(s, t) for s, t, _ in self.taken})
        local = [(local_id(self.study, s), local_id(self.study, t)) for s, t in self.pairs]
        self.interventions = _planted_interventions(self.graph, local)

    def _evidence(self, flows: Flows | None) -> Iterator[dict[str, Any]]:
        """Each row of what was counted or is avoided, by names."""
        assert flows is not None
        assert flows.evidence is not None
        ids = list(self.regions)
        for i in range(len(flows.source)):
            own = {
                name: float(getattr(flows.evidence, name)[i])
                for name in ("effect", "ci_low", "ci_high", "q", "p", "name_q")
            }
            share = float(np.asarray(flows.stability)[i])
            yield own | {
                "source": ids[flows.source[i]],
                "target": ids[flows.target[i]],
                "category": self.categories[flows.category[i]],
                "weight": int(flows.weight[i]),
                "finding": {1: "more", -1: "less", 0: None}[int(flows.evidence.finding[i])],
                "stability": None if math.isnan(share) else share,
                "routing_q": float(np.asarray(flows.routing_q)[i]),
                "keywords": list(flows.keywords[i]) if flows.keywords else [],
                "named_before": [self.categories[c] for c in flows.evidence.before[i] or ()],
            }

    def labelled(self) -> Iterator[tuple[tuple[str, ...], str]]:
        return zip(self.ways, self.labels, strict=True)

    def told(self, source: str, target: str) -> tuple[str, ...]:
        """The words of a connection; none where it has none, or where nobody takes it."""
        flows, ids = self.graph.connectome.flows, list(self.regions)
        ends = zip(flows.source, flows.target, flows.keywords or [()] * len(flows.source), strict=True)
        return next((own for s, t, own in ends if (ids[s], ids[t]) == (source, target) and own), ())

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
