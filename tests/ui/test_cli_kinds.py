"""Every reading command on every kind of study ends well: an answer, or one line that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mri_core.records import Document, StudyGraph
from tests.planted import planted_components, planted_graph, random_codes, with_evidence

TWO = [("one", "two")[i % 2] for i in range(40)]
WIDEST = 100
VALUES = {"category": "one", "region": "L0/R0", "layer": "1", "document": "D0", "string": "word0"}
NAMED = {"versus": "two", "target": "L1/R0", "other": "kind-clusters"}


def _components(name: str, *, labels: list[str], fdr: str | None) -> StudyGraph:
    scores = np.random.default_rng(1).normal(size=(len(labels), 3, 2))
    scores[:, 1] = scores[:, 0] * np.where(np.array(labels) == "one", 1, -1)[:, None]
    return planted_components(name, scores=scores, categories=labels, fdr=fdr)


def _without_texts(graph: StudyGraph) -> StudyGraph:
    documents = [Document(d.ordinal, d.category, "", "", d.source_id) for d in graph.documents]
    return replace(graph, documents=documents, regions=tuple(replace(r, keywords=()) for r in graph.regions))


def _graph(name: str, **choices: object) -> StudyGraph:
    labels = choices.pop("labels", TWO)
    return planted_graph(name, codes=random_codes(len(labels), 3, 4, 5), categories=labels, **choices)  # type: ignore[arg-type]


THREE = [("one", "two", "three")[i % 3] for i in range(42)]
KINDS: dict[str, Callable[[], StudyGraph]] = {
    "clusters": lambda: with_evidence(_graph("kind-clusters")),
    "untested": lambda: _graph("kind-untested", site="mlp"),
    "grid": lambda: with_evidence(_graph("kind-grid", labels=THREE, atlas="grid", resolution=4, reducer="svd")),
    "without-texts": lambda: with_evidence(_without_texts(_graph("kind-without-texts", site="attention"))),
    "fwer": lambda: replace(
        with_evidence(_graph("kind-fwer", labels=THREE)), study=_graph("kind-fwer", labels=THREE, fdr="fwer").study
    ),
    "components": lambda: _components("kind-components", labels=TWO, fdr=None),
    "components-of-three": lambda: _components("kind-components-of-three", labels=THREE, fdr="discrete"),
}
