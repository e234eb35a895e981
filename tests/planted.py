"""Study graphs and activations whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np

from mri_core.connectome import build_connectome
from mri_core.correlations import build_correlations
from mri_core.records import SCHEMA_VERSION, Category, Document, Layer, Region, Study, StudyGraph

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
            "report": "{}",
            **properties,
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
