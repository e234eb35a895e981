"""Studies in one atlas: a base, others of the same documents, and one of other documents; hostile texts throughout."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from mri_core.records.graph import StudyGraph
from mri_core.records.measures import QUALITY, REFITTED, Measure
from tests.planted import HOSTILE, planted_graph

ATLAS, CORPUS, OTHERS = "a" * 64, "c" * 64, "d" * 64
NAMES = HOSTILE[1], HOSTILE[6], HOSTILE[7]  # of the categories
LABELS = [NAMES[i % 3] for i in range(90)]
TEXTS = [f"{HOSTILE[i % 8]} {i}" for i in range(90)]
NEW = [" ".join(f"word{i * 20 + j}" for j in range(20)) for i in range(90)]
BEFORE = np.repeat([[0], [1], [2]] * 30, 4, axis=1)  # each category keeps to a region of its own
MARGINS = np.linspace(0.05, 0.95, 90)[:, None].repeat(4, axis=1)


def moving(documents: int, layer: int = 3) -> np.ndarray:
    """The first documents of the first category go to another region in the last layers."""
    codes = BEFORE.copy()
    codes[0 : 3 * documents : 3, layer:] = 1
    return codes


def in_atlas(
    name: str, codes: np.ndarray, seed: int, revision: str = "0", texts: list[str] = TEXTS, **properties: object
) -> StudyGraph:
    """A study in the same atlas, of the same documents unless others are given."""
    graph = planted_graph(
        name,
        codes=codes,
        categories=LABELS,
        texts=texts,
        seed=seed,
        model=f"{HOSTILE[6]} {revision}",
        model_revision=revision,
        **{"corpus": HOSTILE[7], "corpus_hash": CORPUS, "atlas_hash": ATLAS, **properties},
    )
    regions = tuple(replace(region, keywords=(HOSTILE[2], HOSTILE[5])) for region in graph.regions)
    return replace(graph, regions=regions, margins=MARGINS)


def studies_in_one_atlas() -> list[StudyGraph]:
    """A base, a tuned model, a floor, a sham run, and a study of other documents."""
    base = in_atlas("placed-base", BEFORE, 41)
    own: dict[str, Any] = {"atlas_of": base.study.id}
    refits = [Measure(QUALITY, 0.9, layer, other=REFITTED, details={"moved": 0.01}) for layer in range(4)]
    floor = json.dumps({"run": {"dtype": "bfloat16"}})
    return [
        replace(base, measures=tuple(refits)),
        in_atlas("placed-tuned", moving(20, layer=2), 42, "1", **own),
        in_atlas("placed-floor", moving(1), 43, report=floor, **own),
        in_atlas("placed-sham", moving(2), 44, "2", **own),
        in_atlas("placed-others", moving(30, layer=1), 45, texts=NEW, corpus_hash=OTHERS, **own),
    ]
