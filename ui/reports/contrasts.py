"""Two categories of a study beside one another: what is found of them, with its interval and its chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.measures import Measure
from ui.drawing.palette import NEUTRAL
from ui.drawing.picture import Ask
from ui.drawing.scene import Spot
from ui.reports.measured import measures
from ui.wording import found_again
from ui.wording.labels import WORDS

if TYPE_CHECKING:
    from mri_core.studies.comparing import Compared

ALL = 1_000_000  # findings, and connections
QUICK = 20_000  # documents times layers: read and tested in some seconds
OPPOSITE = {"more": "less", "less": "more"}
Row = Mapping[str, Any]
Ends = tuple[str, str]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A connection that a category takes more, or less, by more than chance.

    Attributes:
        source, target: its regions.
        category, finding: whose it is, and `more` or `less`.
        shares: of the documents of the two categories that are compared; None between components.
        effect, low, high: log odds (of components Fisher's z) against the others, and its interval.
        q: of the connection.
        stability: share of refits of the atlas in which it is found again; None where that is not known.
    """

    source: Spot
    target: Spot
    category: str
    finding: str
    shares: tuple[float, float] | None
    effect: float
    low: float | None
    high: float | None
    q: float
    stability: float | None

    @property
    def id(self) -> str:
        """Key of its drawn edge."""
        return f"{self.source.id}>{self.target.id}"

    @property
    def nearer(self) -> float:
        """How large the difference is at the least: the end of the interval that is nearer to 0, by the sign found."""
        return (self.low or 0.0) if self.finding == "more" else -(self.high or 0.0)

    @property
    def words(self) -> str:
        """The connection as a person calls it: by the words of its regions."""
        ends = [", ".join(spot.words[:WORDS]) or spot.title for spot in (self.source, self.target)]
        return ends[0] if ends[0] == ends[1] else " → ".join(ends)


@dataclass(frozen=True)
class Evidence:
    """What is known of two categories.

    Attributes:
        findings: about either.
        measures: of the tests that they are from.
        facing: whether the two were tested against one another, not each against all others.
    """

    findings: Sequence[Finding]
    measures: Sequence[Measure]
    facing: bool

    def of_kind(self, kind: str) -> list[Measure]:
        """The measures of one kind."""
        return [measure for measure in self.measures if measure.kind == kind]

    @property
    def tests(self) -> int | None:
        """Connections that were tested; None where nothing was."""
        counted = [measure for measure in self.of_kind("findings") if measure.other == "connections"]
        return counted[0].details["tests"] if counted else None


def is_stored(of: Study) -> bool:
    """Whether a study holds all there is to know of two categories against one another: it has no others.

    Components hold no documents, which the tests of two alone would count.
    """
    return not traits_of(of.atlas).holds_documents or (of.categories == 2 and of.fdr is not None)


def asked_first(of: Study) -> str:
    """What two categories are tested against unless the reader says: one another, where that is done in a moment.

    A study that holds no tests shows nothing else.
    """
    return "all" if of.fdr is not None and of.documents * of.layers > QUICK else "one"


def stored(of: Study, ask: Ask, known: Mapping[str, Spot], pair: Pair) -> Evidence:
    """The evidence that a study holds: each of the two against all others, which in a study of two is the other.

    Args:
        of: the study.
        ask: gives answers about it.
        known: its regions by their ids within it.
        pair: the categories.
    """
    facing = of.categories == 2
    shares = shares_of(of, ask, pair)
    rows = _rows(of, ask, pair[:1] if facing else pair)  # the second's are the first's with the other sign
    findings = [_finding(of, row, known, shares, row["stability"]) for row in rows if row["effect"] is not None]
    return Evidence(findings, measures(of, ask), facing)


def face_to_face(of: Study, ask: Ask, known: Mapping[str, Spot], pair: Pair, compared: Compared) -> Evidence:
    """The evidence of two categories as if there were no others; stability is that of the findings against all others.

    Args:
        of, ask, known, pair: as in `stored`.
        compared: the tests of the two.
    """
    shares = shares_of(of, ask, pair)
    again = {_key(of, row): row["stability"] for row in _rows(of, ask, pair)}

    def stability(row: Row) -> float | None:
        ends = _key(of, row)[:2]
        found = [again.get((*ends, name, way)) for name, way in zip(pair, _ways(row["finding"]), strict=True)]
        return max((share for share in found if share is not None), default=None)

    rows = [asdict(row) for row in compared.rows if row.category == pair[0]]
    return Evidence([_finding(of, row, known, shares, stability(row)) for row in rows], compared.measures, facing=True)


def _ways(finding: str) -> tuple[str, str]:
    """What is found of the first of two categories says of the second that it is the other way."""
    return finding, OPPOSITE[finding]


def _rows(of: Study, ask: Ask, categories: Sequence[str]) -> list[dict[str, Any]]:
    return [row for name in categories for row in ask(of, "findings", category=name, limit=ALL).records()]


def _key(of: Study, row: Row) -> tuple[str, str, str, str]:
    return local_id(of.id, row["source"]), local_id(of.id, row["target"]), row["category"], row["finding"]


def shares_of(of: Study, ask: Ask, pair: Pair) -> dict[Ends, tuple[float, float]]:
    """Shares of the two categories by the ends of each connection that either takes; empty of components."""
    rows = ask(of, "compare-categories", category=pair[0], versus=pair[1], limit=ALL).records()
    ends = [(local_id(of.id, row["source"]), local_id(of.id, row["target"])) for row in rows]
    return {key: (row["share"], row["versus_share"]) for key, row in zip(ends, rows, strict=True)}


def _finding(
    of: Study, row: Row, known: Mapping[str, Spot], shares: Mapping[Ends, tuple[float, float]], stability: float | None
) -> Finding:
    source, target, category, finding = _key(of, row)
    nothing = None if not traits_of(of.atlas).holds_documents else (0.0, 0.0)
    return Finding(
        known[source],
        known[target],
        category,
        finding,
        shares.get((source, target), nothing),
        row["effect"],
        row["ci_low"],
        row["ci_high"],
        row["q"],
        stability,
    )


def signs(pair: Pair) -> tuple[str, str]:
    """What a difference above 0 is called, and one below."""
    return f"more of {pair[0]}", f"more of {pair[1]}"


def sides(pair: Pair, colours: Mapping[str, str], *, facing: bool) -> dict[str, str]:
    """The colours of a forest by what its legend calls them.

    Of two tested against one another it is who takes more, as in the graph; else the category whose finding it is.
    Where the two have one colour, as of more categories than colours, the second is grey.
    """
    one, other = (colours[name] for name in pair)
    return dict(zip(signs(pair) if facing else pair, (one, NEUTRAL if other == one else other), strict=True))


def ordered(findings: Iterable[Finding], order: str) -> list[Finding]:
    """By stability, or all alike; then by the nearer end of the interval."""

    def place(finding: Finding) -> tuple[Any, ...]:
        stability = -1.0 if finding.stability is None else finding.stability
        again = -stability if order == "stability" else 0.0
        return (again, -finding.nearer, finding.source.layer, finding.id, finding.category)

    return sorted(findings, key=place)


def told(evidence: Evidence, pair: Pair, *, matched: bool = False) -> str:
    """What was found and how much of it comes back, in sentences; plainly where it is nothing.

    Args:
        evidence: about the two.
        pair: the categories.
        matched: whether the atlas matches regions of neighbouring layers by their names.
    """
    one, other = pair
    against = f"{one} and {other} {'against one another' if evidence.facing else '(each against all others)'}"
    if evidence.tests is None:
        return "This study holds no tests: it was made before there were any. Scan the corpus again to have them."
    if not evidence.findings:
        return (
            f"Nothing is significant: of {evidence.tests} connections tested ({against}), none is taken more or less "
            "by more than chance (q above 0.05)."
        )
    rows = [(finding.stability, finding.source.name == finding.target.name) for finding in evidence.findings]
    sure = found_again.told(found_again.counted(rows, matched=matched), "findings")
    tested = f"Tested: {evidence.tests} connections, {against}; q at most 0.05."
    return " ".join(part for part in (_counted(evidence, pair), sure, tested) if part)


def _counted(evidence: Evidence, pair: Pair) -> str:
    parts = []
    for name in pair[:1] if evidence.facing else pair:
        ways = [finding.finding for finding in evidence.findings if finding.category == name]
        than = f" than {pair[1]}" if evidence.facing else ""
        parts.append(f"{name} takes {ways.count('more')} connections more{than}, {ways.count('less')} less.")
    return " ".join(parts)
