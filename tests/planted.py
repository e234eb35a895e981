"""Study graphs and activations whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from mri_core.connectome.correlations import build_correlations
from mri_core.connectome.counting import build_connectome
from mri_core.records.connectome import Activity, Evidence, Flows
from mri_core.records.corpus import Document, Span
from mri_core.records.graph import SCHEMA_VERSION, Category, Layer, Region, Study, StudyGraph
from mri_core.records.ids import NAMED_RESULTS
from mri_core.records.interventions import Intervention

LENGTHS = (0, 1, 40, 7, 12, 0, 3, 25, 9, 30, 2, 18)  # tokens of the texts of a planted study of tokens
Counted = TypeVar("Counted", Flows, Activity)

HOSTILE = [
    'it\'s "quoted" and \\back\\slashed\\',
    "</script><script>document.title='owned'</script>",
    "'}) MATCH (n) DETACH DELETE n //",
    "first line\nsecond line\ttabbed",
    "مرحبا بالعالم שלום",
    "🧠🔬 emoji ✓",
    "<img src=x onerror=\"document.title='owned'\">",
    "{{ 7 * 7 }} $e^x$ [link](http://example.invalid)",
]


def random_codes(documents: int, layers: int, regions: int, seed: int) -> np.ndarray:
    """Region codes in which a document mostly stays in its region from layer to layer."""
    generator = np.random.default_rng(seed)
    codes = np.empty((documents, layers), dtype=np.int64)
    codes[:, 0] = generator.integers(regions, size=documents)
    for layer in range(1, layers):
        moves = generator.random(documents) < 0.3
        codes[:, layer] = np.where(moves, generator.integers(regions, size=documents), codes[:, layer - 1])
    return codes


def planted_graph(
    name: str = "planted",
    *,
    codes: np.ndarray | None = None,
    categories: list[str] | None = None,
    texts: list[str] | None = None,
    seed: int = 0,
    **properties: object,
) -> StudyGraph:
    """A study graph over given region codes (documents × layers) and labels, or over seeded random ones.

    `properties` replace fields of the `Study`. The id ends in eight hex digits made from the seed.
    """
    codes = random_codes(60, 4, 5, seed) if codes is None else codes
    documents, layers = codes.shape
    labels = categories or [("animal", "mineral", "plant")[i % 3] for i in range(documents)]
    texts = texts or [f"text {i} about {label}" for i, label in enumerate(labels)]
    names = sorted(set(labels))
    connectome = build_connectome(codes, np.array([names.index(label) for label in labels]), len(names))
    study = Study(
        **{  # type: ignore[arg-type]
            "id": f"{name}-{seed:08x}",
            "name": name,
            "model": "planted-model",
            "model_revision": "0",
            "corpus": "planted.csv",
            "corpus_hash": "0" * 64,
            "site": "residual",
            "pooling": "mean",
            "atlas": "clusters",
            "reducer": None,
            "resolution": None,
            "seed": seed,
            "layers": layers,
            "documents": documents,
            "categories": len(names),
            "regions": len(connectome.region_code),
            "connections": len(connectome.flows.weight),
            "schema_version": SCHEMA_VERSION,
            "software": "tests",
            "created_at": "2026-01-01T00:00:00+00:00",
            "parameters": json.dumps({"seed": seed}),
            **properties,
            "report": json.dumps({"results": NAMED_RESULTS, **json.loads(properties.get("report", "{}"))}),
        }
    )
    placed = [np.flatnonzero((connectome.placement == i).any(axis=1)) for i in range(len(connectome.region_code))]
    regions = tuple(
        Region(
            layer=int(layer),
            name=str(code),
            x=float(code),
            y=float(layer),
            documents=int(connectome.region_documents[i]),
            entropy=0.5,
            dominant_category=Counter(labels[d] for d in placed[i]).most_common(1)[0][0],
            keywords=(f"word{code}", f"layer{layer}"),
            exemplars=tuple(int(d) for d in placed[i][:3]),
        )
        for i, (layer, code) in enumerate(zip(connectome.region_layer, connectome.region_code, strict=True))
    )
    return StudyGraph(
        study=study,
        layers=tuple(
            Layer(i, "embedding" if i == 0 else f"block {i}", 8, len(np.unique(codes[:, i])), documents, 0.9)
            for i in range(layers)
        ),
        categories=tuple(Category(n, labels.count(n)) for n in names),
        regions=regions,
        documents=[Document(i, label, texts[i], texts[i][:40], f"id-{i}") for i, label in enumerate(labels)],
        connectome=connectome,
    )


def planted_tokens(
    name: str = "tokens", *, tagged: bool = False, lengths: tuple[int, ...] = LENGTHS, layers: int = 3, seed: int = 0
) -> StudyGraph:
    """A study graph of tokens: texts of 0 to 40 tokens, each in a region of five in each layer; hostile words.

    A token's category is its text's, or a tag of its own where they are `tagged`; spans then say so. Evidence is at
    random, as of `with_evidence`; so is what was tested within types, of every third row and more.
    """
    generator = np.random.default_rng(seed)
    texts = np.repeat(np.arange(len(lengths)), lengths)
    names = ["noun", "verb", "zero"] if tagged else ["animal", "mineral"]
    labels = generator.integers(len(names), size=len(texts)) if tagged else texts % len(names)
    codes = random_codes(len(texts), layers, 5, seed)
    plain = planted_graph(name, codes=codes, categories=[names[label] for label in labels], seed=seed)
    return as_tokens(with_evidence(plain, seed), texts, len(lengths), tagged=tagged, seed=seed)


def as_tokens(graph: StudyGraph, texts: np.ndarray, documents: int, *, tagged: bool, seed: int = 0) -> StudyGraph:
    """The study graph of tokens whose every token is a document of `graph`; `texts` says of which text, rising.

    Where they are not `tagged`, all tokens of a text are of one category, and a text without any is of the first.
    """
    generator = np.random.default_rng(seed)
    names = [category.name for category in graph.categories]
    labels = np.array([names.index(document.category) for document in graph.documents])
    words = [f"{HOSTILE[i % len(HOSTILE)].split()[0]}{i % 7}" for i in range(len(texts))]
    written = [" ".join(words[i] for i in np.flatnonzero(texts == text)) or "…" for text in range(documents)]
    own = [int(labels[texts == text][0]) if (texts == text).any() else 0 for text in range(documents)]
    connectome = graph.connectome
    taken = _by_text(connectome.placement, labels, texts)
    flows, activity = connectome.flows, connectome.activity
    ends = zip(*(column.tolist() for column in (flows.source, flows.target, flows.category)), strict=True)
    passed = zip(activity.region.tolist(), activity.category.tolist(), strict=True)
    held = [len(set(texts[(connectome.placement == i).any(axis=1)].tolist())) for i in range(len(graph.regions))]
    return replace(
        graph,
        study=replace(graph.study, documents=documents, tokens=len(texts)),
        layers=tuple(replace(one, documents=len(set(texts.tolist())), tokens=len(texts)) for one in graph.layers),
        categories=tuple(
            Category(each.name, len(set(texts[labels == i].tolist())), each.documents)
            for i, each in enumerate(graph.categories)
        ),
        regions=tuple(
            replace(
                region,
                documents=held[i],
                tokens=region.documents,
                exemplars=tuple(texts[list(region.exemplars)].tolist()),
                contexts=tuple(f"{words[unit - 1]} «{words[unit]}» …" for unit in region.exemplars),
            )
            for i, region in enumerate(graph.regions)
        ),
        documents=[
            Document(
                i,
                "" if tagged else names[own[i]],
                text,
                text[:40],
                f"id-{i}",
                spans=_spans(text, [names[label] for label in labels[texts == i]]) if tagged else None,
            )
            for i, text in enumerate(written)
        ],
        connectome=replace(
            connectome,
            flows=_within(replace(flows, texts=np.array([taken[end] for end in ends])), generator),
            activity=_within(replace(activity, texts=np.array([taken[end] for end in passed])), generator),
        ),
        texts=texts,
        labels=labels if tagged else None,
    )


def _by_text(placement: np.ndarray, labels: np.ndarray, texts: np.ndarray) -> Counter[tuple[int, ...]]:
    """Of each connection and region with a category the different texts of the tokens there."""
    found = set()
    for place, label, text in zip(placement.tolist(), labels.tolist(), texts.tolist(), strict=True):
        found |= {((region, label), text) for region in place}
        found |= {((source, target, label), text) for source, target in pairwise(place)}
    return Counter(end for end, _ in found)


def _spans(text: str, tags: list[str]) -> tuple[Span, ...]:
    found, start = [], 0
    for word, tag in zip(text.split(" "), tags, strict=False):
        found.append(Span(start, start + len(word), tag))
        start += len(word) + 1
    return tuple(found)


def _within(counted: Counted, generator: np.random.Generator) -> Counted:
    """With effects within types, half of them as the finding says; those of every fourth row are not known."""
    rows = len(counted.category)
    known = np.arange(rows) % 4 > 0
    effect, q = generator.normal(size=rows), generator.choice([0.01, 0.2], size=rows)
    return replace(counted, within=np.where(known, effect, np.nan), within_q=np.where(known, q, np.nan))


def planted_intervention(region: str, operation: str = "erase", **properties: object) -> Intervention:
    """An intervention on a region within its study, `L1/R0`, whose numbers are quarters and eighths.

    `properties` replace its fields.
    """
    known = {
        "operation": operation,
        "region": region,
        "layer": int(region.partition("/")[0][1:]),
        "source": None,
        "target": None,
        "towards": None,
        "category": None,
        "strength": 1.0,
        "documents": 40,
        "controls": 19,
        "seed": 3,
        "effect": -0.25,
        "effect_layer": 2,
        "ci_low": -0.5,
        "ci_high": -0.125,
        "control_mean": 0.0,
        "control_max": -0.125,
        "standardised": -2.5,
        "p": 0.0625,
        "q": 0.125,
        "depth": 2,
        "displacement": 0.75,
        "control_displacement": 0.5,
        "probability": -0.375,
        "probability_p": 0.25,
        "loss": 0.625,
        "loss_p": 0.375,
    }
    return Intervention(**{**known, **properties})  # type: ignore[arg-type]


def with_evidence(graph: StudyGraph, seed: int = 0) -> StudyGraph:
    """The same graph with evidence at random on everything that was counted, and some connections that are avoided.

    Two thirds of what was counted are findings; a third of these has a stability. Of three categories or more,
    all but the first are named after it.
    """
    generator = np.random.default_rng(seed)
    connectome = graph.connectome
    ends = (connectome.flows.source, connectome.flows.target, connectome.flows.category)
    taken = set(zip(*(column.tolist() for column in ends), strict=True))
    missing = sorted({(s, t, c) for s, t, _ in taken for c in range(len(graph.categories))} - taken)
    source, target, category = np.array(missing[::2], dtype=np.int64).reshape(-1, 3).T
    nothing = np.zeros(len(source))
    avoided = Flows(source, target, category, nothing.astype(np.int64), nothing, nothing)
    activity, several = connectome.activity, len(graph.categories)
    weighed = replace(
        connectome,
        flows=_weighed(connectome.flows, _evidence(connectome.flows.category, several, generator), generator),
        avoided=_weighed(avoided, _less(_evidence(category, several, generator)), generator),
        activity=replace(activity, evidence=_evidence(activity.category, several, generator)),
    )
    parting = generator.random(len(graph.regions)).round(3).tolist()
    regions = tuple(replace(region, parting_q=q) for region, q in zip(graph.regions, parting, strict=True))
    return replace(graph, study=replace(graph.study, fdr="discrete"), connectome=weighed, regions=regions)


def _weighed(flows: Flows, evidence: Evidence, generator: np.random.Generator) -> Flows:
    rows = len(flows.source)
    known = (evidence.finding != 0) & (np.arange(rows) % 3 == 0)
    return replace(
        flows,
        evidence=evidence,
        routing=generator.normal(size=rows),
        routing_q=generator.random(rows),
        stability=np.where(known, generator.integers(21, size=rows) / 20, np.nan),
        keywords=tuple((f"way{i}",) if i % 2 else () for i in range(rows)),
    )


def _less(evidence: Evidence) -> Evidence:
    """All of it named `less`, as what is avoided is."""
    width, effect = evidence.ci_high - evidence.effect, -np.abs(evidence.effect)
    finding = np.full(len(effect), -1, dtype=np.int8)
    return replace(evidence, effect=effect, ci_low=effect - width, ci_high=effect + width, finding=finding)


def _evidence(category: np.ndarray, several: int, generator: np.random.Generator) -> Evidence:
    rows = len(category)
    effect, width = generator.normal(size=rows), generator.random(rows)
    finding = np.where(generator.random(rows) < 2 / 3, np.sign(effect), 0).astype(np.int8)
    p = generator.random(rows)
    name_q, before = np.minimum(1, 2 * p), np.full(rows, None, dtype=object)
    for row in np.flatnonzero((category > 0) & (finding != 0)) if several > 2 else ():
        before[row] = (0,)
    return Evidence(effect, effect - width, effect + width, p, np.minimum(1, 1.5 * p), finding, name_q, before)


def planted_components(
    name: str = "moving",
    *,
    scores: np.ndarray,
    categories: list[str],
    threshold: float = 0.3,
    seed: int = 0,
    **properties: object,
) -> StudyGraph:
    """A study graph of components over given scores (documents × layers × components) and labels."""
    documents, layers, components = scores.shape
    names = sorted(set(categories))
    labels = np.array([names.index(label) for label in categories])
    connectome = build_correlations(scores, labels, len(names), threshold).connectome
    graph = planted_graph(
        name,
        codes=np.zeros((documents, layers), dtype=int),
        categories=categories,
        seed=seed,
        atlas="components",
        reducer="pca",
        parameters=json.dumps({"components": components, "threshold": threshold}),
        regions=layers * components,
        connections=len(connectome.flows.weight),
        **properties,
    )
    regions = tuple(
        Region(
            layer=int(layer),
            name=str(code),
            x=float(code),
            y=1 / (2 + code),
            documents=None,
            entropy=None,
            dominant_category=None,
            keywords=(f"word{code}", f"layer{layer}"),
            exemplars=tuple(np.argsort(-scores[:, layer, code])[:3].tolist()),
        )
        for layer, code in zip(connectome.region_layer, connectome.region_code, strict=True)
    )
    return replace(
        graph,
        regions=regions,
        connectome=connectome,
        layers=tuple(replace(layer, regions=components) for layer in graph.layers),
    )
