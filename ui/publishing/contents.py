"""Everything that a report of a study says, before it becomes a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure
from ui.drawing import layer_lines
from ui.drawing.picture import MOST_REGIONS, Ask, columns
from ui.publishing import besides, found, provenance, quality
from ui.publishing.card import card
from ui.publishing.facts import Facts
from ui.publishing.found import Graph
from ui.publishing.methods import methods
from ui.publishing.page import Page
from ui.publishing.parts import Drawn, Section
from ui.publishing.tables import DataTable, answer_frame, data_table
from ui.reports import trust
from ui.reports.contrasts import ALL
from ui.reports.overview import Overview, overview
from ui.reports.picture_tables import connection_table, layer_table
from ui.reports.summary import corpus_notes
from ui.wording.evidence import any_difference
from ui.wording.labels import READER_NAME, reader_names, with_names
from ui.wording.units import in_unit, number_of

ENDS = ("source_keywords", "target_keywords")  # of a finding; the table of regions has them


@dataclass(frozen=True, kw_only=True)
class Report(Page):
    """What a report says, in the order in which its page says it.

    Attributes:
        study: that it is of.
        first: what matters first of it.
        card: what was scanned, by term.
        notes: what was done to the corpus on the way.
        warnings: what speaks against the study.
        checks: all that can be checked of it.
        quality: how far to trust it.
        whole: whether the categories differ at all, in a sentence.
        findings: the first findings in words.
        graph: the layered graph.
        figures: further figures.
        besides: what was measured besides the scan.
        provenance: hashes and versions.
        machine: how the model was run.
        settings: the options of the scan, as JSON.
        caveat: what its commands need that is no file, in a sentence; "" for nothing.
    """

    study: Study
    first: Overview
    card: dict[str, str]
    notes: Sequence[str]
    warnings: Sequence[str]
    checks: Sequence[trust.Check]
    quality: Sequence[Section]
    whole: str
    findings: DataTable | None
    graph: Graph | None
    figures: Sequence[Drawn]
    besides: Sequence[Section]
    provenance: dict[str, str]
    machine: dict[str, str]
    settings: str
    caveat: str

    kind = "Report of a study"
    written_from = "Written from this study's settings, to be pasted into a paper."

    @property
    def title(self) -> str:
        """Name of the study."""
        return self.study.name

    @property
    def sections(self) -> Sequence[Section]:
        """Those on trust, and those on what was measured besides."""
        return [*self.quality, *self.besides]

    @property
    def again(self) -> str:
        """Under which conditions the commands give the same."""
        tried = any(command.startswith("mri intervene") for command in self.commands)
        together = " The q of interventions is over all that were tried in one command." if tried else ""
        return (
            f"The same corpus hash, model revision and settings give the same study.{together} {self.caveat}".rstrip()
        )

    @property
    def lead(self) -> str:
        """What was scanned, in a sentence below the study's name."""
        return self.first.scanned.removeprefix(f"{self.study.name}: ")

    @property
    def excerpts(self) -> bool:
        """Whether it shows texts, or their beginnings."""
        return any(told.of_text for told in self.first.told)

    @property
    def nothing_against(self) -> str:
        """What stands where no warning does."""
        return trust.nothing_told(self.checks)

    @property
    def done(self) -> str:
        """What was checked, in a line."""
        return ", ".join(trust.done_told(check) for check in self.checks if check.done)

    @property
    def lacking(self) -> list[trust.Check]:
        """What was not checked."""
        return [check for check in self.checks if not check.done]


def contents(
    of: Study, ask: Ask, held: Sequence[Measure], tried: Sequence[Intervention], studies: Sequence[Study] = ()
) -> Report:
    """What a report of a study says.

    Args:
        of: a ready study.
        ask: gives answers about it and the others, whole.
        held: all measures that it holds.
        tried: the interventions on it.
        studies: those of its store, of which some may have tested its findings.

    Raises:
        MriError: an answer cannot be had.
    """
    counts = {row["category"]: number_of(row) or 0 for row in ask(of, "categories").records()}
    rows = ask(of, "findings", limit=ALL).records() if of.fdr is not None else []
    graph = found.graph(of, ask, list(counts))
    return Report(
        study=of,
        first=overview(of, ask, held, studies),
        card=dict(card(of, counts, held)),
        notes=corpus_notes(json.loads(of.report)),
        warnings=trust.warnings(of, ask),
        checks=trust.checks(of, held),
        quality=list(quality.sections(of, ask, held)),
        whole=in_unit(of, any_difference(held)),
        findings=found.findings_in_words(of, with_names(rows, reader_names(of, ask))),
        graph=graph,
        figures=list(found.figures(of, ask, list(counts))),
        besides=list(besides.sections(of, ask, held, tried)),
        methods=methods(Facts(of, counts, ask(of, "controls", limit=ALL).records(), held, tried)),
        tables=list(_tables(of, ask, graph, rows, held)),
        provenance=provenance.facts(of),
        machine=provenance.machine(of),
        settings=json.dumps(provenance.settings(of), indent=2, ensure_ascii=False, sort_keys=True),
        commands=provenance.commands(of, held, tried),
        caveat=provenance.caveat(of),
    )


def _tables(
    of: Study, ask: Ask, graph: Graph | None, rows: Sequence[dict[str, object]], held: Sequence[Measure]
) -> Iterator[DataTable]:
    """The data to download."""
    yield data_table("categories", "Categories", answer_frame(ask(of, "categories").records(), of.id))
    layers = layer_table(columns(of, ask), layer_lines.panels(of, ask))
    yield data_table("layers", "Layers", layers)
    regions = ask(of, "regions", limit=MOST_REGIONS).records()
    unnamed = () if any(row[READER_NAME] for row in regions) else (READER_NAME,)
    yield data_table("regions", "Regions", answer_frame(regions, of.id, without=unnamed))
    if rows:
        yield data_table("findings", "Findings on connections", answer_frame(rows, of.id, without=ENDS))
        if of_regions := ask(of, "region-findings", limit=ALL).records():
            frame = answer_frame(of_regions, of.id, without=("keywords",))
            yield data_table("region-findings", "Findings on regions", frame)
    if graph is not None:
        yield data_table("connections", "Connections of the graph", connection_table(graph.shown))
    if held:
        plain = [{key: value for key, value in asdict(one).items() if key != "details"} for one in held]
        yield data_table("measures", "Measures", pd.DataFrame(plain))
