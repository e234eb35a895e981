"""Questions about connections."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.queries.answers.routes import chains
from tests.queries.answers.truth import Row, Truth, entropy, lift


def connections(truth: Truth, category: str | None = None, layer: int | None = None, limit: int = 1000) -> list[Row]:
    rows = []
    for s, t in truth.leaving(layer):
        shares = [truth.share(s, t, c) for c in truth.categories]
        for i, c in enumerate(truth.categories):
            if c in truth.asked(category) and shares[i]:
                rows.append((s, t, truth.layer(s), c, truth.taken[s, t, c], shares[i], lift(shares, i)))
    return sorted(rows, key=lambda row: (-row[5], row[2], *row[:2], row[3]))[:limit]


def connectivity_matrix(
    truth: Truth,
    category: str | None = None,
    versus: str | None = None,
    layer: int | None = None,
    limit: int = 100_000,
) -> list[Row]:
    rows = []
    for s, t in truth.leaving(layer):
        shares = {c: truth.share(s, t, c) for c in truth.categories}
        here = sum(truth.inside[s, c] for c in truth.asked(category))
        documents = truth.weight(s, t, category)
        most = max(shares, key=lambda c: shares[c])
        others = [shares[c] for c in truth.categories if c != category] if versus is None else [shares[versus]]
        difference = shares[category] - sum(others, Fraction(0)) / len(others) if category else None
        share = shares[category or most]
        spread = shares[most] - min(shares.values())
        part = Fraction(documents, here) if here else None
        ends = (s, t, truth.layer(s), documents)
        rows.append((*ends, part, share, most, spread, difference, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-row[3], row[2], *row[:2]))[:limit]


def connection_profile(truth: Truth, source: str, target: str) -> list[Row]:
    shares = [truth.share(source, target, c) for c in truth.categories]
    rows = [(c, truth.taken[source, target, c], shares[i], lift(shares, i)) for i, c in enumerate(truth.categories)]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def drivers(truth: Truth, region: str, category: str | None = None, limit: int = 10) -> list[Row]:
    weights = {s: truth.weight(s, t, category) for s, t in truth.pairs if t == region}
    total = sum(weights.values())
    rows = [(s, region, *truth.words(s), n, Fraction(n, total)) for s, n in weights.items() if n]
    return sorted(rows, key=lambda row: (-row[3], row[0]))[:limit]


def connections_of_region(truth: Truth, region: str, category: str | None = None, limit: int = 10) -> list[Row]:
    rows = []
    for direction, end in (("in", 1), ("out", 0)):
        weights = {pair: truth.weight(*pair, category) for pair in truth.pairs if pair[end] == region}
        total = sum(weights.values())
        ends = [
            (direction, *pair, pair[1 - end], *truth.words(pair[1 - end]), n, Fraction(n, total))
            for pair, n in weights.items()
            if n
        ]
        rows += sorted(ends, key=lambda row: (-row[5], row[3]))[:limit]
    return rows


def exclusive_connections(
    truth: Truth, category: str, versus: str | None = None, layer: int | None = None, limit: int = 50
) -> list[Row]:
    others = [c for c in truth.asked(versus) if c != category]
    rows = [
        (s, t, truth.layer(s), truth.taken[s, t, category], truth.share(s, t, category), *truth.words(s, t))
        for s, t in truth.leaving(layer)
        if truth.taken[s, t, category] and not any(truth.taken[s, t, c] for c in others)
    ]
    return sorted(rows, key=lambda row: (-row[3], row[2], *row[:2]))[:limit]


def compare_categories(
    truth: Truth, category: str, versus: str, layer: int | None = None, limit: int = 50
) -> list[Row]:
    rows = []
    for s, t in truth.leaving(layer):
        one, other = truth.taken[s, t, category], truth.taken[s, t, versus]
        if one or other:
            a, b = truth.share(s, t, category), truth.share(s, t, versus)
            rows.append((s, t, truth.layer(s), a - b, a, b, one, other, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-abs(row[3]), row[2], *row[:2]))[:limit]


def _sure(row: dict[str, Any]) -> tuple[float, float]:
    """How often a finding is found again, then how large it is at the least."""
    nearer = row["ci_low"] if row["finding"] == "more" else -row["ci_high"]
    return (-1.0 if row["stability"] is None else row["stability"], nearer)


def telling_connections(
    truth: Truth,
    category: str | None = None,
    first_layer: int | None = None,
    last_layer: int | None = None,
    region: str | None = None,
    diagonal: bool = True,
    order: str = "shares",
    found: bool = False,
    most_q: float | None = None,
    least_stability: float | None = None,
    limit: int = 150,
) -> list[Row]:
    evidence: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in truth.evidence:
        evidence.setdefault((row["source"], row["target"]), []).append(row)
    rows = []
    for s, t in truth.pairs:
        if (first_layer is not None and truth.layer(s) < first_layer) or (
            last_layer is not None and truth.layer(t) > last_layer
        ):
            continue
        if region not in (None, s, t) or (not diagonal and truth.regions[s].name == truth.regions[t].name):
            continue
        findings = sorted((row for row in evidence[s, t] if row["finding"]), key=lambda row: row["category"])
        own = [row for row in findings if row["category"] in truth.asked(category)]
        q = min(row["q"] for row in evidence[s, t])
        if (found and not own) or (most_q is not None and q > most_q):
            continue
        shares = {c: truth.share(s, t, c) for c in truth.categories}
        most, least = max(shares, key=lambda c: shares[c]), min(shares, key=lambda c: shares[c])
        others = [share for c, share in shares.items() if c != category]
        difference = shares[category] - sum(others) / len(others) if category else None
        ends = (shares[most] - shares[least], most, shares[most], least, shares[least], difference)
        again = max((row["stability"] for row in own if row["stability"] is not None), default=None)
        nearer = max((row["ci_low"] if row["finding"] == "more" else -row["ci_high"] for row in own), default=None)
        if least_stability is not None and (again is None or again < least_stability):
            continue
        surest = max(own, key=_sure, default={"category": None, "finding": None})
        found_of = [f"{row['category']} {row['finding']}" for row in findings]
        told = (q, again, nearer, found_of, surest["category"], surest["finding"])
        rows.append((s, t, truth.layer(s), truth.weight(s, t, None), *ends, *told, *truth.words(s, t)))

    def first(row: Row) -> tuple[Any, ...]:
        q, again, nearer = row[10:13]
        place = (-abs(row[9] if category else row[4]), row[2], *row[:2])
        if order == "shares":
            return place
        stable = -1.0 if again is None or order == "interval" else again
        return (-stable, math.inf if nearer is None else -nearer, q, *place)

    return sorted(rows, key=first)[:limit]


def shared_connections(truth: Truth, layer: int | None = None, limit: int = 50) -> list[Row]:
    rows: list[Row] = []
    for s, t in truth.leaving(layer):
        shares = {c: truth.share(s, t, c) for c in truth.categories}
        least = min(shares, key=lambda c: shares[c])
        if shares[least]:
            mean = sum(shares.values()) / len(shares)
            place = (s, t, truth.layer(s))
            rows.append((*place, shares[least], least, mean, truth.weight(s, t, None), *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-row[3], -row[5], row[2], *row[:2]))[:limit]


def missing_connections(
    truth: Truth, category: str, versus: str | None = None, layer: int | None = None, limit: int = 50
) -> list[Row]:
    others = [c for c in truth.asked(versus) if c != category]
    rows: list[Row] = []
    for s, t in truth.leaving(layer):
        weights = [truth.taken[s, t, c] for c in others]
        if any(weights) and not truth.taken[s, t, category]:
            share = sum(truth.share(s, t, c) for c in others) / len(others)
            ends = (share, share * truth.sizes[category], sum(map(bool, weights)), sum(weights))
            rows.append((s, t, truth.layer(s), *ends, *truth.words(s, t)))
    return sorted(rows, key=lambda row: (-row[3], row[2], *row[:2]))[:limit]


def convergent(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 20) -> list[Row]:
    return _spread(truth, 1, layer, category, limit)


def divergent(truth: Truth, layer: int | None = None, category: str | None = None, limit: int = 20) -> list[Row]:
    return _spread(truth, 0, layer, category, limit)


def _spread(truth: Truth, end: int, layer: int | None, category: str | None, limit: int) -> list[Row]:
    """How the documents of the regions at one end of the connections spread over those at the other."""
    ways = [way for way, label in truth.labelled() if label in truth.asked(category)]
    steps = [step for way in ways for step in pairwise(way)]
    rows: list[Row] = []
    for region in {step[end] for step in steps}:
        if layer in (None, truth.layer(region)):
            others = Counter(step[1 - end] for step in steps if step[end] == region)
            numbers = (math.exp(entropy(list(others.values()))), len(others), others.total())
            rows.append((region, truth.layer(region), *truth.words(region), *numbers))
    return sorted(rows, key=lambda row: (-round(row[3], 9), -row[5], row[1], row[0]))[:limit]


def bottlenecks(truth: Truth, category: str, layer: int | None = None, limit: int = 20) -> list[Row]:
    routes = list(chains(truth, category))
    through = Counter(region for way in routes for region in way)
    rows: list[Row] = []
    for region, count in through.items():
        if layer in (None, truth.layer(region)):
            others = sum(truth.layer(r) == truth.layer(region) for r in through) - 1
            documents = truth.inside[region, category]
            shares = (Fraction(count, len(routes)), Fraction(documents, truth.sizes[category]))
            rows.append((region, truth.layer(region), *truth.words(region), *shares, documents, others))
    return sorted(rows, key=lambda row: (-row[3], -row[4], row[1], row[0]))[:limit]


def moves(truth: Truth, limit: int = 1000) -> list[Row]:
    steps = [(truth.regions[s].name, truth.regions[t].name) for way in truth.ways for s, t in pairwise(way)]
    counted = Counter(step for step in steps if len(set(step)) == 2)
    return sorted(((*step, n) for step, n in counted.items()), key=lambda row: (-row[2], *row[:2]))[:limit]


def components(truth: Truth, **choice: object) -> list[Row]:
    """Documents that flow through regions correlate with nothing; a study of components has tests of its own."""
    return []


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "connections": connections,
    "connection-profile": connection_profile,
    "connectivity-matrix": connectivity_matrix,
    "drivers": drivers,
    "connections-of-region": connections_of_region,
    "exclusive-connections": exclusive_connections,
    "compare-categories": compare_categories,
    "telling-connections": telling_connections,
    "shared-connections": shared_connections,
    "missing-connections": missing_connections,
    "convergent": convergent,
    "divergent": divergent,
    "bottlenecks": bottlenecks,
    "moves": moves,
    "components": components,
}
