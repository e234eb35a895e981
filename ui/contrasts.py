"""Two categories of a study beside one another: what is found of them, with its interval and its chance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mri_core.records import Study, local_id
from ui.graph_view import Spot
from ui.picture import Ask

ALL = 1_000_000  # findings, and connections
WORDS = 3  # of a region
Row = Mapping[str, Any]
Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A connection that a category takes more, or less, by more than chance.

    Attributes:
        source, target: its regions.
        category, finding: whose it is, and `more` or `less`.
        shares: of the documents of the two categories that are compared; None between components.
        effect, low, high: log odds (of components Fisher's z) against the others, and its interval.
        q: of the connection.
        stability: share of refits of the atlas in which it is found again; None where none was made.
    """

    source: Spot
    target: Spot
    category: str
    finding: str
    shares: tuple[float, float] | None
    effect: float
    low: float
    high: float
    q: float
    stability: float | None

    @property
    def id(self) -> str:
        """Key of its drawn edge."""
        return f"{self.source.id}>{self.target.id}"

    @property
    def nearer(self) -> float:
        """How large the difference is at the least: the end of the interval that is nearer to 0, by the sign found."""
        return self.low if self.finding == "more" else -self.high

    @property
    def words(self) -> str:
        """The connection as a person calls it: by the words of its regions."""
        ends = [", ".join(spot.keywords[:WORDS]) or f"region {spot.name}" for spot in (self.source, self.target)]
        return ends[0] if ends[0] == ends[1] else " → ".join(ends)


@dataclass(frozen=True)
class Evidence:
    """What is known of two categories.

    Attributes:
        findings: about either.
        tests: connections that were tested; None where nothing was.
        apart: `measures` of kind divergence, by layer.
        overall: the one test of any difference at all; None where there is none.
        components: `measures` of kind nbs.
        facing: whether the two were compared with one another, not each with all others.
    """

    findings: Sequence[Finding]
    tests: int | None
    apart: Sequence[Row]
    overall: Row | None
    components: Sequence[Row]
    facing: bool


def stored(of: Study, ask: Ask, known: Mapping[str, Spot], pair: tuple[str, str]) -> Evidence:
    """The evidence that a study holds: each of the two against all others, which in a study of two is the other.

    Args:
        of: the study.
        ask: gives answers about it.
        known: its regions by their ids within it.
        pair: the categories.
    """
    facing = of.categories == 2
    shares = shares_of(of, ask, pair)
    told = pair[:1] if facing else pair  # of two, the second's findings are the first's with the other sign
    rows = [row for name in told for row in ask(of, "findings", category=name, limit=ALL).records()]
    measures = ask(of, "measures", limit=ALL).records()
    counted = [row for row in measures if row["kind"] == "findings" and row["other"] == "connections"]
    return Evidence(
        [_finding(of, row, known, shares, row["stability"]) for row in rows if row["effect"] is not None],
        json.loads(counted[0]["details"])["tests"] if counted else None,
        [row for row in measures if row["kind"] == "divergence" and row["category"] is None],
        next((row for row in measures if row["kind"] == "global"), None),
        [row for row in measures if row["kind"] == "nbs"],
        facing,
    )


def shares_of(of: Study, ask: Ask, pair: tuple[str, str]) -> dict[Ends, tuple[float, float]]:
    """Shares of the two categories by the ends of each connection that either takes; empty of components."""
    rows = ask(of, "compare-categories", category=pair[0], versus=pair[1], limit=ALL).records()
    ends = [(local_id(of.id, row["source"]), local_id(of.id, row["target"])) for row in rows]
    return {key: (row["share"], row["versus_share"]) for key, row in zip(ends, rows, strict=True)}


def _finding(
    of: Study, row: Row, known: Mapping[str, Spot], shares: Mapping[Ends, tuple[float, float]], stability: float | None
) -> Finding:
    source, target = local_id(of.id, row["source"]), local_id(of.id, row["target"])
    nothing = None if of.atlas == "components" else (0.0, 0.0)
    return Finding(
        known[source],
        known[target],
        row["category"],
        row["finding"],
        shares.get((source, target), nothing),
        row["effect"],
        row["ci_low"],
        row["ci_high"],
        row["q"],
        stability,
    )


def ordered(findings: Iterable[Finding], order: str) -> list[Finding]:
    """By stability, or all alike; then by the nearer end of the interval."""

    def place(finding: Finding) -> tuple[Any, ...]:
        stability = -1.0 if finding.stability is None else finding.stability
        again = -stability if order == "stability" else 0.0
        return (again, -finding.nearer, finding.source.layer, finding.id, finding.category)

    return sorted(findings, key=place)


def told(evidence: Evidence, pair: tuple[str, str]) -> str:
    """What was found, in a sentence; plainly where it is nothing."""
    one, other = pair
    against = f"{one} and {other} {'against one another' if evidence.facing else '(each against all others)'}"
    if evidence.tests is None:
        return "This study has no tests: it was made before there were any. Scan the corpus again to have them."
    if not evidence.findings:
        return (
            f"Nothing is significant: of {evidence.tests} connections tested ({against}), none is taken more or less "
            "by more than chance (q above 0.05)."
        )
    return f"{_counted(evidence, pair)} Tested: {evidence.tests} connections, {against}; q at most 0.05."


def _counted(evidence: Evidence, pair: tuple[str, str]) -> str:
    parts = []
    for name in pair[:1] if evidence.facing else pair:
        ways = [finding.finding for finding in evidence.findings if finding.category == name]
        parts.append(f"{name} takes {ways.count('more')} connections more, {ways.count('less')} less.")
    return " ".join(parts)
