"""Questions about interventions: what was tried, and whether it shows an effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mri_core.records.ids import intervention_id
from mri_core.records.interventions import Intervention
from tests.queries.answers.truth import Row, Truth


def _whole(truth: Truth, region: str | None) -> str | None:
    return None if region is None else f"{truth.study}/{region}"


def interventions(
    truth: Truth, operation: str | None = None, region: str | None = None, limit: int = 1000
) -> list[Row]:
    asked = [i for i in truth.interventions if operation in (None, i.operation)]
    asked = [i for i in asked if region in (None, _whole(truth, i.region))]
    asked.sort(key=lambda i: (2 if i.q is None else i.q, i.layer, intervention_id(truth.study, i)))
    return [
        (
            *(i.operation, _whole(truth, i.region), i.layer),
            *(_whole(truth, region) for region in (i.source, i.target, i.towards)),
            *(i.category, i.strength, i.documents, i.effect, i.effect_layer, i.ci_low, i.ci_high),
            *(i.controls, i.control_mean, i.control_max, i.standardised, i.p, i.q, i.depth),
            *(i.displacement, i.control_displacement, i.probability, i.probability_p, i.loss, i.loss_p),
        )
        for i in asked[:limit]
    ]


def _trying(truth: Truth, source: str, target: str) -> list[Intervention]:
    """The interventions that tried a connection."""
    ends = source, target
    return [i for i in truth.interventions if (_whole(truth, i.region), _whole(truth, i.towards)) == ends]


def _asked(truth: Truth, category: str | None, layer: int | None) -> list[dict[str, Any]]:
    """What was counted or is avoided, of the category and from the layer."""
    return [
        row
        for row in truth.evidence
        if row["category"] in truth.asked(category) and layer in (None, truth.layer(row["source"]))
    ]


def causal_connections(
    truth: Truth, category: str | None = None, layer: int | None = None, most_q: float = 0.05, limit: int = 50
) -> list[Row]:
    rows = []
    for row in _asked(truth, category, layer):
        source, target = row["source"], row["target"]
        swaps = [i for i in _trying(truth, source, target) if i.operation == "swap"]
        known = [i.q for i in swaps if i.q is not None]
        if known and max(known) <= most_q:
            about = (source, target, truth.layer(source), row["category"], row["finding"])
            told = (row[name] for name in ("effect", "ci_low", "ci_high", "q", "stability"))
            changes = [i.effect for i in swaps if i.effect is not None]
            done = (max(known), len(swaps), min(changes, default=None), max(changes, default=None))
            rows.append((*about, *told, *done, *truth.words(source, target)))
    return sorted(rows, key=lambda row: (row[10], row[2], *row[:2], row[3]))[:limit]


def causes_of_region(truth: Truth, region: str, limit: int = 50) -> list[Row]:
    changes = [(i, c) for i in truth.interventions for c in i.changes if _whole(truth, c.region) == region]
    changes.sort(key=lambda pair: (-abs(pair[1].delta), pair[0].layer, intervention_id(truth.study, pair[0])))
    return [
        (
            *(i.operation, _whole(truth, i.region), i.layer),
            *(_whole(truth, region) for region in (i.source, i.target, i.towards)),
            *(i.category, i.strength, c.delta, c.ci_low, c.ci_high, c.control_mean, c.control_max, c.p, c.q),
            *truth.words(str(_whole(truth, i.region))),
        )
        for i, c in changes[:limit]
    ]


def uncaused_findings(
    truth: Truth, category: str | None = None, layer: int | None = None, most_q: float = 0.05, limit: int = 50
) -> list[Row]:
    rows = []
    for row in _asked(truth, category, layer):
        source, target = row["source"], row["target"]
        tried = _trying(truth, source, target)
        known = [i.q for i in tried if i.q is not None]
        if not row["finding"] or not tried or any(q <= most_q for q in known):
            continue
        about = (source, target, truth.layer(source), row["category"], row["finding"])
        told = (row[name] for name in ("effect", "ci_low", "ci_high", "stability"))
        done = (len(tried), sorted({i.operation for i in tried}), min(known, default=None))
        rows.append((*about, *told, *done, *truth.words(source, target)))
    rows.sort(key=lambda row: (1 if row[8] is None else -row[8], row[2], *row[:2], row[3]))
    return rows[:limit]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "interventions": interventions,
    "causal-connections": causal_connections,
    "causes-of-region": causes_of_region,
    "uncaused-findings": uncaused_findings,
}
