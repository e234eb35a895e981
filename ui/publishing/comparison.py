"""Everything that a report of two studies in one atlas says, before it becomes a page."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mri_core.errors import one_line
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure
from mri_core.studies.other_documents import OtherDocuments
from mri_core.studies.same_documents import SameDocuments
from ui.drawing.picture import Ask, columns
from ui.publishing import provenance
from ui.publishing.card import card
from ui.publishing.comparison_methods import other_documents_methods, same_documents_methods
from ui.publishing.comparison_sections import other_documents_sections, same_documents_sections
from ui.publishing.facts import Facts
from ui.publishing.page import Page
from ui.publishing.parts import Section
from ui.publishing.tables import DataTable, data_table
from ui.reports import other_documents, same_documents


@dataclass(frozen=True)
class Side:
    """One of the two studies, and what its store says of it.

    Attributes:
        of: the study.
        ask: gives answers about it, whole.
        held: all measures that it holds.
        tried: the interventions on it.
    """

    of: Study
    ask: Ask
    held: Sequence[Measure]
    tried: Sequence[Intervention]

    @property
    def counts(self) -> dict[str, int]:
        """Documents of each category."""
        return {row["category"]: row["documents"] for row in self.ask(self.of, "categories").records()}

    @property
    def card(self) -> dict[str, str]:
        """What was scanned, by term."""
        return dict(card(self.of, self.counts, self.held))


@dataclass(frozen=True, kw_only=True)
class ComparisonReport(Page):
    """What a report of a comparison says, in the order in which its page says it.

    Attributes:
        base, other: the studies.
        lead: how much differs, in a sentence.
        scans: both studies, term by term.
        warnings: what speaks against the comparison.
        parts: what differs, next to what differs for no reason.
        provenance: hashes and versions of both.
    """

    base: Study
    other: Study
    lead: str
    scans: DataTable
    warnings: Sequence[str]
    parts: Sequence[Section]
    provenance: DataTable

    kind = "Report of a comparison"
    written_from = "Written from both studies' settings, to be pasted into a paper."

    @property
    def title(self) -> str:
        """Names of the studies."""
        return f"{self.other.name} against {self.base.name}"

    @property
    def again(self) -> str:
        """Under which conditions the commands give the same."""
        same = "The same corpus hashes, model revisions and settings give the same comparison."
        told = ((of.name, provenance.caveat(of)) for of in (self.base, self.other))
        return " ".join([same, *(f"{name}: {caveat}" for name, caveat in told if caveat)])

    @property
    def sections(self) -> Sequence[Section]:
        """What differs."""
        return self.parts


def comparison_contents(compared: SameDocuments | OtherDocuments, base: Side, other: Side) -> ComparisonReport:
    """What a report of a comparison says.

    Args:
        compared: the comparison.
        base, other: its studies.

    Raises:
        MriError: an answer cannot be had.
    """
    layers = columns(base.of, base.ask)
    facts = Facts(base.of, base.counts, [], base.held, base.tried)
    others = Facts(other.of, other.counts, [], other.held, other.tried, cite=facts.cite)
    runs: Sequence[Study] = ()
    shams: Sequence[Study] = ()
    if isinstance(compared, SameDocuments):
        lead, warnings = same_documents.headline(compared), compared.warnings
        parts = same_documents_sections(compared, layers)
        methods = same_documents_methods(compared, facts, others)
        tested = data_table("tests", "Every test", _plain(same_documents.as_json(compared)["changed"]))
        runs, shams = ([one.study for one in several] for several in (compared.runs, compared.shams))
    else:
        lead, warnings = other_documents.headline(compared), tuple(_warned(compared))
        parts = other_documents_sections(compared, layers)
        methods = other_documents_methods(compared, facts, others)
        tested = data_table("tests", "Every test", _long(other_documents.as_json(compared)["connections"]))
    return ComparisonReport(
        base=base.of,
        other=other.of,
        lead=lead,
        scans=_side_by_side("scans", "Both studies", base, other, lambda side: side.card),
        warnings=warnings,
        parts=list(parts),
        methods=methods,
        tables=[tested] if tested.columns else [],
        provenance=_side_by_side(
            "provenance", "Hashes and versions", base, other, lambda side: provenance.facts(side.of)
        ),
        commands=list(_commands(base, other, runs, shams)),
    )


def _warned(compared: OtherDocuments) -> Iterator[str]:
    if compared.left_out:
        yield other_documents.left_out(compared)
    yield from compared.warnings
    if fitted := other_documents.fitted_to_one(compared):
        yield fitted


def _side_by_side(
    key: str, title: str, base: Side, other: Side, facts: Callable[[Side], Mapping[str, str]]
) -> DataTable:
    """What is known of both studies, a row for each term."""
    first, second = facts(base), facts(other)
    terms = list({**first, **second})
    rows = [[term, first.get(term, ""), second.get(term, "")] for term in terms]
    table = data_table(key, title, pd.DataFrame(rows, columns=["", "first", "second"]), len(rows))
    return replace(table, columns=["", base.of.name, other.of.name])


def _plain(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows without what is a list for each category."""
    return pd.DataFrame([{name: value for name, value in row.items() if not isinstance(value, list)} for row in rows])


def _long(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each test of a connection."""
    return pd.DataFrame(
        [
            {name: value for name, value in row.items() if name != "tests"}
            | test
            | {"category": test["category"] or other_documents.ALL}
            for row in rows
            for test in row["tests"]
        ]
    )


def _commands(base: Side, other: Side, runs: Sequence[Study], shams: Sequence[Study]) -> Iterator[str]:
    """The commands that make both studies and compare them."""
    for side in (base, other):
        scan = provenance.commands(side.of, side.held, side.tried)
        yield from scan[:1] if scan and scan[0].startswith("mri ingest") else ()
    further = [*(("--run", run) for run in runs), *(("--sham", sham) for sham in shams)]
    named = [word for option, study in further for word in (option, study.name)]
    yield shlex.join(["mri", "compare", one_line(base.of.name), one_line(other.of.name), *named])
