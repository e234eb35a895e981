"""A study of tokens with what a scan measures: 147 tokens of 12 texts, 66 of them animal, 81 mineral."""

from __future__ import annotations

import json
from dataclasses import replace

from mri_core.records.graph import StudyGraph
from mri_core.records.measures import CONFOUND, FINDINGS, Measure
from tests.planted import LENGTHS, planted_tokens

TOKENS, TEXTS = 147, 12
ANIMAL, MINERAL = (sum(LENGTHS[first::2]) for first in (0, 1))  # texts take turns
REPORT = {"results": 99, "texts_cut": 3, "texts_without_tokens": 2, "max_length": 64, "columns": {"tags": None}}


def token_study(name: str, *, tagged: bool = False) -> StudyGraph:
    """A planted study of tokens, 20 of whose 90 connections differ: 7 of the 15 that can be tested within types.

    Regions agree with types by .6, .5 and .4 from layer to layer, and explain a tenth as much of frequency and place.
    """
    graph = planted_tokens(name, tagged=tagged)
    within = {"within": 7, "within_tested": 15}
    alike = {"type": 0.6, "frequency": 0.06, "position": 0.03}
    measures = [
        Measure(FINDINGS, 20, other="connections", details={"tests": 90, "more": 12, "less": 8, **within}),
        Measure(
            FINDINGS, 4, other="regions", details={"tests": 15, "more": 2, "less": 2, "within": 0, "within_tested": 0}
        ),
        Measure(FINDINGS, 3, other="routing", details={"tests": 90, "more": 2, "less": 1}),
        *(
            Measure(
                CONFOUND, most * (6 - layer) / 6, layer, other=other, details={"by_chance": 0.01, "unadjusted": 0.5}
            )
            for other, most in alike.items()
            for layer in range(3)
        ),
        Measure(CONFOUND, 0.02, other="position_by_category", details={"by_chance": 0.001}),
        Measure(CONFOUND, MINERAL / ANIMAL, other="balance", details={"least": "animal", "most": "mineral"}),
    ]
    report = REPORT | ({"columns": {"tags": "2"}} if tagged else {})
    study = replace(graph.study, report=json.dumps(report), pooling="mean")
    return replace(graph, study=study, measures=tuple(measures))
