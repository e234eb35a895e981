"""What there is of a study besides its scan, as sections of a report: names and notes, causes, changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from mri_core.errors import one_line
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import CHANGED, DRIFT, Measure
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.picture import Ask, spots
from ui.publishing.figures import panel_figure, tried_figure
from ui.publishing.parts import Section
from ui.publishing.tables import answer_frame, data_table
from ui.reports import cause, placed
from ui.reports.intervention_tables import effects_table
from ui.reports.interventions import MODEST, by_q, sentence
from ui.reports.same_documents import MOST_CATEGORIES

TOLD = 6  # interventions in words
KINDS = {"regions": "regions", "connections": "connections", "moves": "moves between regions of a layer"}

NAMES = "What readers of this study call its regions, and say of them. Nothing of it was computed."
CHANGES = (
    "Effects are log odds that a document which changed has gained it, with their interval; q is over all items of a "
    "kind."
)


def sections(of: Study, ask: Ask, held: Sequence[Measure], tried: Sequence[Intervention]) -> Iterator[Section]:
    """Those of which there is something.

    Args:
        of: the study.
        ask: gives answers about it.
        held: all measures that it holds.
        tried: the interventions on it.
    """
    if named := ask(of, "names", limit=of.regions).records():
        yield _names(of, named)
    if tried:
        yield _cause(of, ask, by_q(tried))
    yield from _changes(of, held)


def _names(of: Study, rows: Sequence[Mapping[str, Any]]) -> Section:
    """What readers say of regions, apart from what was computed."""
    columns = ("region", "reader_name", "reader_note", "keywords")
    frame = answer_frame([{name: row[name] for name in columns} for row in rows], of.id)
    titles = {"reader_name": "name", "reader_note": "note", "keywords": "words"}
    table = data_table("names", "Names and notes", frame.rename(columns=titles), len(frame))
    return Section("names", "Names and notes", [NAMES], table=table)


def _cause(of: Study, ask: Ask, tried: Sequence[Intervention]) -> Section:
    words = {spot.id: spot.words for spot in spots(of, ask)}
    told = [cause.line(of, ask), *(sentence(one, words) for one in tried[:TOLD])]
    table = data_table("interventions", "Interventions", effects_table(tried, words))
    return Section("cause", "Cause", told, [tried_figure(tried, words)], table, MODEST, "Cause")


def _changes(of: Study, held: Sequence[Measure]) -> Iterator[Section]:
    """What changed from another study of the same documents in the same atlas."""
    drift = [measure for measure in held if measure.kind == DRIFT and measure.value is not None]
    changed = [measure for measure in held if measure.kind == CHANGED]
    wholes = [measure for measure in changed if "tests" in measure.details]
    if not wholes:
        return
    base = placed.name_of(of, wholes[0].details["base"])
    told = [_counted(whole) for whole in wholes if whole.details["tests"]]
    rows = [_row(measure) for measure in changed if "tests" not in measure.details]
    table = data_table("changes", f"What changed from {base}", pd.DataFrame(rows)) if rows else None
    drawn = [panel_figure(_drift(drift, base), "drift")] if drift else []
    title = f"Compared with {one_line(base)}"
    yield Section("comparison", title, told, drawn, table, CHANGES, "One atlas, many scans")


def _counted(whole: Measure) -> str:
    kind = KINDS.get(whole.other or "", whole.other)
    return f"{whole.value or 0:,.0f} of {whole.details['tests']:,} {kind} changed by more than chance (q ≤ 0.05)."


def _row(measure: Measure) -> dict[str, object]:
    kind, _, where = (measure.other or "").partition(" ")
    ends = {"from": measure.ci_low, "to": measure.ci_high}
    return {"kind": kind, "where": where, "layer": measure.layer, "effect": measure.value, **ends, "q": measure.q}


def _drift(rows: Sequence[Measure], base: str) -> Panel:
    """Share of the documents in another region than in the other study, by layer."""
    names = sorted({row.category for row in rows if row.category is not None})
    shown: list[str | None] = [None, *(names if len(names) <= MOST_CATEGORIES else ())]
    lines = {
        "all" if name is None else name: [
            Point(row.layer or 0, row.value or 0.0) for row in rows if row.category == name
        ]
        for name in shown
    }
    return Panel(f"Documents in another region than in {one_line(base)}", "share", lines, {})
