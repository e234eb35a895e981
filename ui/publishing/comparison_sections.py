"""What two studies in one atlas differ in, as sections of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mri_core.studies.other_documents import OtherDocuments
from mri_core.studies.same_documents import SameDocuments
from ui.drawing.scene import Column
from ui.publishing.figures import panel_figure
from ui.publishing.parts import Section
from ui.publishing.tables import data_table
from ui.reports import comparison_tables as tables
from ui.reports import other_documents, same_documents
from ui.reports.changes import changed_connections, moves, sentence
from ui.reports.drift_panels import drift_panels
from ui.reports.picture_tables import layer_table

LISTED = 20  # rows on the page; the files have all
IN_WORDS = 6  # moves in sentences
PAIRED, UNPAIRED = "The same documents, two models", "Other documents, one model"  # headings of docs/method.md


def same_documents_sections(compared: SameDocuments, layers: Sequence[Column]) -> Iterator[Section]:
    """How many documents moved, next to what moves for no reason; where they moved; which connections changed.

    Args:
        compared: the comparison.
        layers: of the atlas.
    """
    yield _drift(compared, layers)
    yield _moves(compared, layers)
    yield _connections(compared, layers)


def _drift(compared: SameDocuments, layers: Sequence[Column]) -> Section:
    panels = drift_panels(compared)
    told = [line for line in (same_documents.excess_told(compared), *same_documents.controls_told(compared)) if line]
    figures = [panel_figure(panel, f"drift-{place}") for place, panel in enumerate(panels)]
    frame = layer_table(layers, panels)
    table = data_table("drift", "Drift by layer", frame, len(layers))
    caption = tables.DRIFT.format(base=compared.base.name, other=compared.other.name)
    return Section("drift", "How many documents moved", told, figures, table, caption, PAIRED)


def _moves(compared: SameDocuments, layers: Sequence[Column]) -> Section:
    found = moves(compared)
    title = "Which documents moved where"
    if not found:
        return Section("moves", title, [tables.NO_MOVES])
    table = data_table("moves", "Moves", tables.moves_table(found, _names(layers)), LISTED)
    told = [f"{sentence(move)}." for move in found[:IN_WORDS]]
    return Section("moves", title, told, [], table, tables.moved_told(compared.base), PAIRED)


def _connections(compared: SameDocuments, layers: Sequence[Column]) -> Section:
    found = changed_connections(compared)
    title = "Gained and lost connections"
    if not found:
        return Section("connections", title, [tables.NO_CHANGES])
    gained = sum(change.gained > change.lost for change in found)
    told = [f"{gained} are gained in {compared.other.name}, {len(found) - gained} are lost."]
    table = data_table("connections", "Changed connections", tables.changes_table(found, _names(layers)), LISTED)
    return Section("connections", title, told, [], table, tables.tested_told(compared.base), PAIRED)


def other_documents_sections(compared: OtherDocuments, layers: Sequence[Column]) -> Iterator[Section]:
    """How many connections differ, and which, for each category and for all; arguments as of the same documents."""
    counted = tables.counts_table(compared)
    told = [other_documents.interaction(compared)]
    counts = data_table("counts", "Connections that differ", counted, len(counted))
    yield Section("counts", "How much differs", [line for line in told if line], [], counts, tables.COUNTS, UNPAIRED)
    caption = tables.found_told(compared)
    for family, name in enumerate([*compared.categories, other_documents.ALL]):
        frame = tables.found_table(compared, family, _names(layers))
        if not frame.empty:
            table = data_table(f"differences-{family}", f"Connections: {name}", frame, LISTED)
            yield Section(f"differences-{family}", f"What differs: {name}", [], [], table, caption, UNPAIRED)


def _names(layers: Sequence[Column]) -> dict[int, str]:
    return {layer.index: layer.name for layer in layers}
