"""Studies whose evidence is known, for the pages that show it."""

from __future__ import annotations

import json
from dataclasses import replace

from mri_core.records.graph import StudyGraph
from mri_core.records.interventions import Change, Intervention
from mri_core.records.measures import Measure
from tests.planted import HOSTILE, planted_graph, planted_intervention, random_codes, with_evidence

DIVERGENCE = (0.1, 0.2, 0.4, 0.3)  # of the layers
BLOCKS = (0.1, 0.15, 0.1, 0.05)  # the same with random blocks
COMPONENT = (("L0/R0", "L1/R0"), ("L1/R0", "L2/R0"))


def weighed(name: str, seed: int = 21, **properties: object) -> StudyGraph:
    """A study of three categories with findings, layers apart, a component and controls."""
    graph = with_evidence(planted_graph(name, codes=random_codes(60, 4, 3, seed), seed=seed, **properties), seed)
    return replace(graph, measures=measures(found=40))


def hostile(name: str, seed: int = 23) -> StudyGraph:
    """As `weighed`, with every name and word hostile."""
    graph = weighed(name, seed, corpus_hash="1" * 64, model=HOSTILE[6], corpus=HOSTILE[7])
    names = HOSTILE[1], HOSTILE[6], HOSTILE[7]
    return replace(
        graph,
        categories=tuple(replace(own, name=new) for own, new in zip(graph.categories, names, strict=True)),
        regions=tuple(replace(region, keywords=tuple(HOSTILE)) for region in graph.regions),
        documents=[
            replace(d, category=names[d.ordinal % 3], text=HOSTILE[d.ordinal % 8], title=HOSTILE[d.ordinal % 8])
            for d in graph.documents
        ],
    )


def tried(category: str = "plant") -> list[Intervention]:
    """Of a study as `weighed` makes it: an erasure with an effect, a swap on a connection and an addition without."""
    path = [
        {
            "layer": layer,
            "region": f"L{layer}/R1",
            "before": 0.75,
            "change": change,
            "ci_low": change - 0.125,
            "ci_high": change + 0.125,
            "control_mean": 0.0,
            "control_least": -0.125,
            "control_most": 0.125,
            "p": 0.01,
            "counts": layer > 1,
        }
        for layer, change in ((1, -0.75), (2, -0.5), (3, -0.25))
    ]
    curve = [
        {"strength": strength, "changes": [-0.75 * strength] * 3, "displacement": 0.5, "probability": -0.25 * strength}
        for strength in (0.25, 0.5, 0.75, 1.0)
    ]
    changes = (
        Change("L2/R1", 2, -0.5, -0.625, -0.375, 0.0, -0.125, 0.01, 0.03),
        Change("L2/R0", 2, 0.375, 0.25, 0.5, 0.0, 0.125, 0.01, 0.03),
    )
    details = {"path": path, "curve": curve, "side_effects": {"others_moved": 0.125}}
    known = {"effect": -0.5, "ci_low": -0.625, "ci_high": -0.375, "category": category}
    ends = {"source": "L0/R2", "target": "L0/R1"}
    return [
        planted_intervention("L0/R1", q=0.03125, p=0.01, details=details, changes=changes, **known),
        planted_intervention("L0/R1", "swap", **ends, towards="L1/R1", q=0.5, details=details, **known),
        planted_intervention("L1/R0", "add", q=0.25, strength=2.0),
    ]


def unfound(name: str, seed: int = 22) -> StudyGraph:
    """A study that was tested and in which nothing is found."""
    graph = planted_graph(name, codes=random_codes(60, 4, 3, seed), seed=seed)
    return replace(graph, study=replace(graph.study, fdr="discrete"), measures=measures(found=0))


def placed(name: str, seed: int = 27) -> StudyGraph:
    """A study in the atlas of `frozen`, which describes its first two layers only; three claims of it were tested."""
    known = {"atlas_of": {"study": "frozen", "id": "frozen-0000000a"}}
    graph = planted_graph(
        name,
        codes=random_codes(60, 4, 3, seed),
        seed=seed,
        atlas_hash="f" * 64,
        atlas_of="frozen-0000000a",
        report=json.dumps(known),
    )
    beyond = (0.01, 0.02, 0.3, 0.5)
    fit = [
        Measure("atlas_fit", 1.0 + share, layer, details={"beyond": share, "median": 1.0, "misfit": share > 0.1})
        for layer, share in enumerate(beyond)
    ]
    return replace(graph, measures=(*fit, *_replication("frozen-0000000a")))


def _replication(base: str) -> list[Measure]:
    """Two of three claims replicate."""
    told = {"base": base, "tests": 3, "replicated": 2, "slope": 0.71, "slope_low": 0.5, "slope_high": 0.93}
    known = (("L0/R0>L1/R0", 1.9, 1e-6), ("L1/R1>L2/R1", 1.2, 0.003), ("L2/R2>L3/R9", 0.1, 0.4))
    claims = [
        Measure(
            "replication", effect, layer, "animal", ends, effect - 0.5, effect + 0.5, q / 3, q,
            {"base": base, "finding": "more", "effect": 2.0, "replicated": q <= 0.05},
        )
        for layer, (ends, effect, q) in enumerate(known)
    ]  # fmt: skip
    return [Measure("replication", 2 / 3, details={**told, "documents": 60, "left_out": 0}), *claims]


def measures(found: int) -> tuple[Measure, ...]:
    """Those of a scan with controls and refits."""
    return (
        Measure("findings", found, other="connections", details={"tests": 90, "alpha": 0.05}),
        Measure("findings", 6, other="routing", details={"tests": 80, "alpha": 0.05}),
        Measure("control", 11.0, other="random_blocks connections", ci_low=8.0, ci_high=14.0),
        Measure("control", 0.25, other="shuffled connections"),
        Measure("confound", 0.3, other="length_by_category", details={"by_chance": 0.04}),
        Measure("confound", 2.5, other="balance", details={"most": "animal", "least": "plant"}),
        Measure("global", 9.0, p=0.0125, details={"permutations": 2000, "layer": 2}),
        *_by_layer(),
        _component(3, COMPONENT),
        _component(4, ()),
    )


def _by_layer() -> list[Measure]:
    rows = []
    for layer, (value, blocks) in enumerate(zip(DIVERGENCE, BLOCKS, strict=True)):
        rows.append(
            Measure("divergence", value, layer, ci_low=value - 0.05, ci_high=value + 0.05, p=0.02, details={"gain": 0})
        )
        rows.append(Measure("control", blocks, layer, other="random_blocks divergence"))
    for step in range(3):
        halves = {"halves": 0.8, "floor": 0.01, "floor_high": 0.2, "connections": 9}
        rows.append(Measure("reliability", 0.9, step, details=halves))
        rows.append(Measure("routing_floor", 3.0, step, details={"routing": 2, "refits": 20}))
    return rows


def _component(threshold: int, connections: tuple[tuple[str, str], ...]) -> Measure:
    details = {"threshold": threshold, "finding": "more", "connections": [list(pair) for pair in connections]}
    category = "animal" if connections else None
    return Measure("nbs", 5.0, category=category, other=f"|z| > {threshold}", p=0.03, details=details)
