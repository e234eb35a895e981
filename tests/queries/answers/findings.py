"""Questions about what is more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from mri_core.records.measures import Measure
from tests.queries.answers.truth import Row, Truth


def _nearer(row: dict[str, Any]) -> float:
    """The end of the interval that is nearer to no difference, positive where it is on the finding's own side."""
    return row["ci_low"] if row["finding"] == "more" else -row["ci_high"]


def _found(truth: Truth, category: str | None, layer: int | None) -> list[dict[str, Any]]:
    return [
        row
        for row in truth.evidence
        if row["finding"] and row["category"] in truth.asked(category) and layer in (None, truth.layer(row["source"]))
    ]


def _of_others(truth: Truth, row: dict[str, Any]) -> float:
    """The share of the documents of the other categories, but those named before, that take the connection."""
    others = [name for name in truth.categories if name not in (row["category"], *row["named_before"])]
    taken = sum(truth.weight(row["source"], row["target"], name) for name in others)
    return taken / sum(truth.sizes[name] for name in others)


def findings(
    truth: Truth,
    category: str | None = None,
    layer: int | None = None,
    way: str | None = None,
    order: str = "stability",
    limit: int = 50,
) -> list[Row]:
    rows = [row for row in _found(truth, category, layer) if way in (None, row["finding"])]
    more = {(row["source"], row["target"]) for row in rows if row["finding"] == "more"}
    if len(truth.categories) == 2 and category is way is None:  # the other category's less is the same finding
        rows = [row for row in rows if row["finding"] == "more" or (row["source"], row["target"]) not in more]

    def first(row: dict[str, Any]) -> tuple[Any, ...]:
        stability = -1 if row["stability"] is None or order == "interval" else row["stability"]
        ends = (truth.layer(row["source"]), row["source"], row["target"], row["category"])
        return (-stability, -_nearer(row), *ends)

    told = ("named_before", "effect", "ci_low", "ci_high", "q", "p", "name_q", "stability", "routing_q", "keywords")
    return [
        (
            *(row["source"], row["target"], truth.layer(row["source"]), row["category"], row["finding"]),
            float(row["weight"]),
            float(truth.share(row["source"], row["target"], row["category"])),
            _of_others(truth, row),
            *(row[name] for name in told),
            *truth.words(row["source"], row["target"]),
        )
        for row in sorted(rows, key=first)[:limit]
    ]


def found_again(truth: Truth, category: str | None = None, often: float = 0.8, seldom: float = 0.5) -> list[Row]:
    rows = _found(truth, category, None)
    more = {(row["source"], row["target"]) for row in rows if row["finding"] == "more"}
    if len(truth.categories) == 2 and category is None:
        rows = [row for row in rows if row["finding"] == "more" or (row["source"], row["target"]) not in more]
    known = [row["stability"] for row in rows if row["stability"] is not None]
    names = [{truth.regions[row[end]].name for end in ("source", "target")} for row in rows]
    stays = sum(len(pair) == 1 for pair in names)
    matched = (stays, len(rows) - stays) if truth.graph.study.atlas == "clusters" else (None, None)
    steady = (sum(share >= often for share in known), sum(share < seldom for share in known))
    return [(len(rows), *matched, len(known), *steady)]


def findings_by_layer(truth: Truth, category: str | None = None, limit: int = 1000) -> list[Row]:
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in _found(truth, category, None):
        counts[truth.layer(row["source"]), row["category"], row["finding"]] += 1
        counts[truth.layer(row["source"]), row["category"], "avoids"] += row["weight"] == 0
    for layer, name, finding, _ in _regions(truth, category):
        counts[layer, name, "regions", finding] += 1
    kinds = (("more",), ("less",), ("avoids",), ("regions", "more"), ("regions", "less"))
    names = truth.asked(category)
    return [
        (layer, name, *(counts[(layer, name, *kind)] for kind in kinds)) for layer in truth.layers for name in names
    ][:limit]


def _regions(truth: Truth, category: str | None) -> list[tuple[int, str, str, int]]:
    """Layer, category, finding and row of everything found about a region."""
    activity, regions = truth.graph.connectome.activity, list(truth.regions)
    assert activity.evidence is not None
    return [
        (truth.layer(regions[activity.region[i]]), name, "more" if way > 0 else "less", i)
        for i, way in enumerate(activity.evidence.finding.tolist())
        if way and (name := truth.categories[activity.category[i]]) in truth.asked(category)
    ]


def region_findings(truth: Truth, category: str | None = None, layer: int | None = None, limit: int = 50) -> list[Row]:
    activity, regions = truth.graph.connectome.activity, list(truth.regions)
    assert activity.evidence is not None
    rows = []
    for at, name, finding, i in _regions(truth, category):
        region = regions[activity.region[i]]
        numbers = [float(getattr(activity.evidence, column)[i]) for column in ("effect", "ci_low", "ci_high", "q")]
        nearer = numbers[1] if finding == "more" else -numbers[2]
        count = truth.inside[region, name]
        before = [truth.categories[c] for c in activity.evidence.before[i] or ()]
        others = [other for other in truth.categories if other not in (name, *before)]
        rest = sum(truth.inside[region, other] for other in others) / sum(truth.sizes[other] for other in others)
        row = (
            region,
            at,
            name,
            finding,
            count,
            count / truth.sizes[name],
            rest,
            before,
            *numbers,
            *truth.words(region),
        )
        if layer in (None, at):
            rows.append(((-nearer, at, region, name), row))
    more = {row[0] for _, row in rows if row[3] == "more"}
    if len(truth.categories) == 2 and category is None:
        rows = [(place, row) for place, row in rows if row[3] == "more" or row[0] not in more]
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])][:limit]


def avoided_connections(
    truth: Truth, category: str | None = None, layer: int | None = None, limit: int = 50
) -> list[Row]:
    rows = [
        (
            *(row["source"], row["target"], truth.layer(row["source"]), row["category"]),
            truth.weight(row["source"], row["target"], None),
            *(row["q"], row["stability"]),
            *truth.words(row["source"], row["target"]),
        )
        for row in truth.evidence
        if not row["weight"]
        and row["category"] in truth.asked(category)
        and layer in (None, truth.layer(row["source"]))
    ]
    return sorted(rows, key=lambda row: (-row[4], row[2], *row[:2], row[3]))[:limit]


def parting_regions(truth: Truth, layer: int | None = None, most_q: float = 0.05, limit: int = 50) -> list[Row]:
    rows = [
        (key, region.layer, region.documents, region.parting_q, region.dominant_category, list(region.keywords))
        for key, region in truth.regions.items()
        if region.parting_q is not None and region.parting_q <= most_q and layer in (None, region.layer)
    ]
    return sorted(rows, key=lambda row: (row[3], -row[2], row[1], row[0]))[:limit]


def agreed_findings(
    truth: Truth,
    category: str,
    versus: str,
    without: str | None = None,
    least_stability: float = 0.5,
    limit: int = 50,
) -> list[Row]:
    more = {(row["source"], row["target"], row["category"]): row for row in truth.evidence if row["finding"] == "more"}
    rows = []
    for source, target in truth.pairs:
        both = [more.get((source, target, name)) for name in (category, versus)]
        if None in both or (source, target, without) in more:
            continue
        stable = [row["stability"] for row in both if row]
        if None in stable or min(stable) < least_stability:
            continue
        shares = [float(truth.share(source, target, name)) for name in (category, versus)]
        q = more[source, target, category]["q"]
        rows.append((source, target, truth.layer(source), min(stable), *shares, q, *truth.words(source, target)))
    return sorted(rows, key=lambda row: (-row[3], row[6], row[2], *row[:2]))[:limit]


def controls(truth: Truth, limit: int = 10) -> list[Row]:
    known = {(m.kind, m.other, m.layer): m for m in truth.measures}

    def value(other: str) -> float | None:
        found: Measure | None = known.get(("control", other, None))
        return found.value if found else None

    def over_models(other: str) -> tuple[float | None, ...]:
        found: Measure | None = known.get(("control", other, None))
        return (found.value, found.ci_low, found.ci_high) if found else (None, None, None)

    floor = sum(m.value or 0 for m in truth.measures if m.kind == "routing_floor")
    rows = [
        (
            *(m.other, int(m.value or 0), *(m.details.get(key) for key in ("tests", "in_sample", "more", "less"))),
            *(value(f"shuffled {m.other}"), *over_models(f"random_blocks {m.other}")),
            floor if m.other == "routing" else None,
        )
        for m in truth.measures
        if m.kind == "findings"
    ]
    return sorted(rows)[:limit]


def layer_differences(truth: Truth, limit: int = 1000) -> list[Row]:
    rows = []
    for layer in truth.graph.layers:
        (m,) = (m for m in truth.measures if m.kind == "divergence" and m.layer == layer.index)
        control = (b for b in truth.measures if (b.kind, b.layer) == ("control", layer.index))
        beside = next(((b.value, b.ci_low, b.ci_high) for b in control), (None, None, None))
        rows.append((layer.index, layer.name, m.value, m.ci_low, m.ci_high, m.p, *beside))
    return rows[:limit]


def atlas_quality(truth: Truth, limit: int = 1000) -> list[Row]:
    known = {(m.other, m.layer): m for m in truth.measures if m.kind == "atlas_quality"}
    names = ("unchained", "inertia_over_best", "silhouette", "straightness")
    rows: list[Row] = []
    for layer in truth.graph.layers:
        again = known.get(("refits", layer.index))
        if again is None:
            continue
        others = [known.get((name, layer.index)) for name in names]
        free = None if others[-1] is None else others[-1].details["unchained"]
        values = [None if m is None else m.value for m in others]
        rows.append((layer.index, layer.name, again.value, again.ci_low, again.ci_high, *values, free))
    return rows[:limit]


def factors(truth: Truth, factor: str | None = None, layer: int | None = None, limit: int = 50) -> list[Row]:
    chosen = [
        m
        for m in truth.measures
        if m.kind == "factor" and factor in (None, str(m.other).split(" ")[0]) and layer in (None, m.layer)
    ]

    def first(m: Measure) -> tuple[Any, ...]:
        if m.ci_low is None or m.ci_high is None or m.value is None:
            nearer = -1e6
        else:
            nearer = m.ci_low if m.value > 0 else -m.ci_high
        return (-nearer, -1 if m.layer is None else m.layer, m.other, m.category)

    return [(m.category, m.other, m.layer, m.value, m.ci_low, m.ci_high, m.q) for m in sorted(chosen, key=first)][
        :limit
    ]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "findings": findings,
    "found-again": found_again,
    "findings-by-layer": findings_by_layer,
    "region-findings": region_findings,
    "avoided-connections": avoided_connections,
    "parting-regions": parting_regions,
    "agreed-findings": agreed_findings,
    "controls": controls,
    "layer-differences": layer_differences,
    "atlas-quality": atlas_quality,
    "factors": factors,
}
