"""Questions about a study as a whole."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from mri_core.records.measures import Measure
from tests.queries.answers.truth import Row, Truth, entropy


def categories(truth: Truth) -> list[Row]:
    return [(c, truth.sizes[c], Fraction(truth.sizes[c], len(truth.labels))) for c in truth.categories]


def layers(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for index in truth.layers if layer is None else [layer]:
        passed = Counter(way[index] for way, label in truth.labelled() if label in truth.asked(category))
        mixed = sum(truth.regions[r].entropy * n for r, n in passed.items()) / passed.total()
        spread = math.exp(entropy(list(passed.values())))
        name = truth.graph.layers[index].name
        rows.append((index, name, 8, len(passed), passed.total(), spread, mixed, 0.9))
    return rows[:limit]


def measures(
    truth: Truth, kind: str | None = None, layer: int | None = None, category: str | None = None, limit: int = 1000
) -> list[Row]:
    wanted = {"kind": kind, "layer": layer, "category": category}
    found = [m for m in truth.measures if all(value in (None, getattr(m, name)) for name, value in wanted.items())]
    found.sort(key=lambda m: (m.kind, -1 if m.layer is None else m.layer, m.category or "", m.other or ""))
    rows: list[Row] = []
    for m in found:
        sure = (m.value, m.ci_low, m.ci_high, m.p, m.q)
        rows.append((m.kind, m.layer, m.category, m.other, *sure, dict(m.details)))
    return rows[:limit]


def layer_measures(truth: Truth, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for index in truth.layers if layer is None else [layer]:
        regions = sum(truth.layer(region) == index for region in truth.regions)
        probed = (_probed(truth, what, index).value for what in ("full", "regions"))
        degree = index + 1.5 if index else None
        rows.append((index, truth.graph.layers[index].name, 8, regions, 0.9, *probed, degree))
    return rows[:limit]


def probes(truth: Truth, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for index in truth.layers if layer is None else [layer]:
        full, regions = (_probed(truth, what, index) for what in ("full", "regions"))
        beside = (_probed(truth, what, index).value for what in ("control", "random_blocks"))
        sure = (m for probe in (full, regions) for m in (probe.value, probe.ci_low, probe.ci_high))
        chance = 1 / len(truth.categories)
        rows.append((index, truth.graph.layers[index].name, *sure, *beside, 0.65, 0.6, chance))
    return rows[:limit]


def _probed(truth: Truth, what: str, layer: int) -> Measure:
    found = (m for m in truth.measures if (m.kind, m.other, m.layer) == ("probe", what, layer))
    return next(found, Measure("probe", None))


def divergence(truth: Truth) -> list[Row]:
    rows = []
    for index in truth.layers:
        regions = [r for r in truth.regions if truth.layer(r) == index]
        shares = np.array([[truth.inside[r, c] / truth.sizes[c] for r in regions] for c in truth.categories])
        logs = np.log2(shares / shares.mean(axis=0), out=np.zeros_like(shares), where=shares > 0)
        mean_kl = float((shares * logs).sum(axis=1).mean())  # the divergence as the mean distance from the mean
        rows.append((index, truth.graph.layers[index].name, mean_kl, math.log2(len(truth.categories))))
    return rows


def overview(truth: Truth) -> list[Row]:
    study, sizes = truth.graph.study, truth.sizes.values()
    index, name, *_ = max(divergence(truth), key=lambda row: (round(row[2], 9), -row[0]))
    return [
        ("name", study.name),
        ("study", study.id),
        ("model", study.model),
        ("site", study.site),
        ("pooling", study.pooling),
        ("corpus", study.corpus),
        ("documents", str(len(truth.labels))),
        ("categories", str(len(truth.categories))),
        ("documents of a category", f"{min(sizes)} to {max(sizes)}"),
        ("atlas", study.atlas),
        ("layers", str(len(truth.layers))),
        ("regions", str(len(truth.regions))),
        ("connections, once for each category", str(len(truth.taken))),
        ("most telling layer", f"{index} ({name})"),
        ("made", study.created_at),
    ]


def provenance(truth: Truth) -> list[Row]:
    texts = ("name", "model", "model_revision", "corpus", "corpus_hash", "site", "pooling", "atlas")
    told = ("id", *texts, "reducer", "resolution", "seed", "software", "schema_version", "created_at")
    values = [(name, getattr(truth.graph.study, name)) for name in told]
    rows: list[Row] = [("study" if name == "id" else name, str(v), None) for name, v in values if v is not None]
    return [*rows, ("parameters", None, json.loads(truth.graph.study.parameters))]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "categories": categories,
    "layers": layers,
    "divergence": divergence,
    "overview": overview,
    "provenance": provenance,
    "measures": measures,
    "layer-measures": layer_measures,
    "probes": probes,
}
