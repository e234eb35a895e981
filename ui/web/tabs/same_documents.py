"""Two studies of the same documents in one atlas, on the page Compare: what moved, next to what moves for no reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from ui.drawing import picture
from ui.drawing.palette import category_colours
from ui.reports.picture_tables import layer_table
from ui.web.plain import in_method
from ui.web.state import reading
from ui.web.state.beside import Beside
from ui.web.widgets.answer_view import show_drawing
from ui.web.widgets.change_graph import draw_changes
from ui.web.widgets.charts import lines_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer, save_comparison
from ui.wording.labels import region_label

if TYPE_CHECKING:
    from mri_core.studies.same_documents import SameDocuments
    from ui.reports.changes import Move

HEADING = "The same documents, two models"  # of docs/method.md
MOST_SHOWN = 10_000  # documents of a layer
MOVES = "moves"  # Streamlit's key of their table
HEIGHT, ROWS = 250, 6  # pixels of a table of more rows
CHANGED = (
    "A line is a connection that more documents take in one of the studies: as wide as those that gained it, less "
    "those that lost it; dashed where it is lost. A dot is a region, its size and its colour those of {base}. A click "
    "on a gained connection shows its documents in {other}, on a lost one those in {base}."
)
MARGIN = (
    "How far inside its new region a document lies, from 0 on the border: one on the border may cross it by rounding."
)
Bound = Callable[[str, Any], Any]


def show(
    base: Study, other: Study, chosen: Beside, known: Sequence[Study], go: Callable[..., None], bound: Bound
) -> None:
    """The sentence, the drift, the moves with their documents, the graph of what changed.

    Args:
        base, other: the studies.
        chosen: what the address says.
        known: the other studies of these documents in this atlas.
        go: called with changed choices.
        bound: arguments of a control that shows a choice.
    """
    from ui.reports import same_documents

    runs, shams = _further(base, chosen, known, bound)
    compared = reading.compare_same_documents(base, other, runs, shams)
    st.text(same_documents.headline(compared))
    for line in compared.warnings:
        st.text(line)
    if told := same_documents.excess_told(compared):
        st.text(told)
    save_comparison(base, other, runs, shams)
    _show_drift(compared)
    _show_moves(compared, chosen, go, bound)
    _show_changes(compared, chosen, go)


def _further(base: Study, chosen: Beside, known: Sequence[Study], bound: Bound) -> tuple[list[Study], list[Study]]:
    """Further runs and sham runs, by another model than the base's own: those of its own are floors anyway."""
    offered = {study.name: study for study in known if study.model_revision != base.model_revision}
    if not offered:
        return [], []
    picked = {
        "shams": [name for name in chosen.shams.split(",") if name in offered],
        "runs": [name for name in chosen.runs.split(",") if name in offered],
    }
    picked["runs"] = [name for name in picked["runs"] if name not in picked["shams"]]
    titles = {"shams": "Sham runs, whose change means nothing", "runs": "Further runs of its kind"}
    for (key, title), place in zip(titles.items(), st.columns(2), strict=True):
        rest = [name for name in offered if name not in picked["runs" if key == "shams" else "shams"]]
        place.multiselect(title, rest, placeholder="none", **bound(key, picked[key]))
    return [offered[name] for name in picked["runs"]], [offered[name] for name in picked["shams"]]


def _show_drift(compared: SameDocuments) -> None:
    from ui.reports.comparison_tables import DRIFT
    from ui.reports.drift_panels import drift_panels
    from ui.reports.same_documents import floor_command

    base, other = compared.base, compared.other
    panels = drift_panels(compared)
    for place, panel in zip(st.columns(2), panels, strict=True):
        place.altair_chart(lines_chart(panel, 0))
    st.caption(DRIFT.format(base=base.name, other=other.name) + in_method(HEADING))
    if not compared.floors and (command := floor_command(compared)):
        st.text("A floor is missing: how many documents move if the same model is run under other conditions.")
        st.code(command, language="bash", wrap_lines=True)
    table = layer_table(picture.columns(base, reading.ask), panels)
    offer([numbers(table, f"{base.name}-{other.name}-drift")])
    with st.expander("The numbers behind the pictures"):
        show_frame(table)


def _show_moves(compared: SameDocuments, chosen: Beside, go: Callable[..., None], bound: Bound) -> None:
    """The moves that are found, and the documents of one of them or of a layer."""
    from ui.reports.changes import moves
    from ui.reports.comparison_tables import NO_MOVES, moved_told, moves_table

    drift = compared.reading.drift.moved
    if not drift.any():
        return
    st.markdown("**Which documents moved where**")
    layers = {column.index: column.name for column in picture.columns(compared.base, reading.ask)}
    found = moves(compared)
    if found:
        table = moves_table(found, layers)
        show_frame(
            table,
            key=MOVES,
            height=_height(table),
            on_select=lambda: _row_picked([move.id for move in found], go),
            selection_mode="single-row",
        )
        st.caption(f"{moved_told(compared.base)} A click on a row shows its documents.{in_method(HEADING)}")
        offer([numbers(table, f"{compared.base.name}-{compared.other.name}-moves")])
    else:
        st.text(NO_MOVES)
    _show_documents(compared, chosen, {move.id: move for move in found}, layers, bound)


def _height(table: pd.DataFrame) -> int | Literal["auto"]:
    return HEIGHT if len(table) > ROWS else "auto"


def _row_picked(ids: Sequence[str], go: Callable[..., None]) -> None:
    for row in st.session_state[MOVES].selection.rows:  # none where the row is clicked once more
        go(moved=ids[row])


def _show_documents(
    compared: SameDocuments, chosen: Beside, moves: Mapping[str, Move], layers: Mapping[int, str], bound: Bound
) -> None:
    """The documents that moved within a layer, or by one move, with their texts."""
    from ui.reports.changes import sentence

    drift = compared.reading.drift.moved
    moved = {f"L{layer}": f"all in {layers[layer]}" for layer, share in enumerate(drift.tolist()) if share}
    offered = moved | {key: f"{layers[move.layer]}: {' → '.join(move.ends)}" for key, move in moves.items()}
    shown = chosen.moved if chosen.moved in offered else f"L{int(drift.argmax())}"
    box, _ = st.columns([7, 5])
    box.selectbox("Documents that moved", list(offered), format_func=offered.__getitem__, **bound("moved", shown))
    if shown in moves:
        st.text(f"{sentence(moves[shown])}.")
    layer = layer_of(shown)
    table = documents_table(compared, layer, moves.get(shown))
    if len(table) > MOST_SHOWN:
        st.text(f"The first {MOST_SHOWN:,} documents, those farthest inside their new region.")
    wide = {"title": st.column_config.Column(width="small"), "text": st.column_config.Column(width="large")}
    show_frame(table[:MOST_SHOWN], columns=wide, height=_height(table))
    among = " and ".join(study.stored for study in (compared.base, compared.other) if study.stored)
    of_them = f", of those that the graph holds: {among}" if among else ""
    st.caption(f"{how_many(len(table), 'document')}{of_them}. {MARGIN}")
    offer([numbers(table, f"{compared.base.name}-{compared.other.name}-moved-{shown.replace('/', '')}")])


def documents_table(compared: SameDocuments, layer: int, move: Move | None) -> pd.DataFrame:
    """The documents that moved within a layer, those of a move or all, the farthest inside their new region first."""
    base, other = compared.base, compared.other
    rows = reading.ask(base, "moved-documents", other=other.id, layer=layer, limit=base.documents).records()
    words = dict(zip(compared.regions, compared.keywords, strict=True))
    ends = [(local_id(base.id, row["region"]), local_id(other.id, row["other_region"])) for row in rows]
    kept = [both for both in zip(rows, ends, strict=True) if move is None or both[1] == (move.source, move.target)]
    columns = ("before", "after", "margin", "category", "title", "text")
    return pd.DataFrame(
        [
            (
                *(region_label(end.rpartition("/R")[2], words[end], 2) for end in (before, after)),
                row["margin"],
                row["category"],
                row["title"],
                row["excerpt"],
            )
            for row, (before, after) in kept
        ],
        columns=columns,
    )


def _show_changes(compared: SameDocuments, chosen: Beside, go: Callable[..., None]) -> None:
    """Gained and lost connections."""
    from ui.reports.changes import changed_connections
    from ui.reports.comparison_tables import NO_CHANGES, changes_table, tested_told

    st.markdown("**Gained and lost connections**")
    base, other = compared.base, compared.other
    changes = changed_connections(compared)
    if not changes:
        st.text(NO_CHANGES)
        return
    gained = {change.id for change in changes if change.gained > change.lost}
    st.text(f"{len(gained)} are gained in {other.name}, {len(changes) - len(gained)} are lost.")
    colours = category_colours(picture.categories(base, reading.ask))
    drawing = draw_changes(base, other, reading.ask, changes, colours)
    explained = CHANGED.format(base=base.name, other=other.name)
    if drawing.left_out:
        explained += f" {drawing.left_out} more are in the table only."
    told = other if chosen.picked in gained else base
    name = f"{base.name}-{other.name}-changes"
    show_drawing(name, told, drawing, explained, chosen.picked, lambda at: go(picked=at), (other, base))
    table = changes_table(changes, {column.index: column.name for column in picture.columns(base, reading.ask)})
    offer([numbers(table, name)])
    with st.expander("The numbers behind the graph"):
        show_frame(table)
    st.caption(tested_told(base) + in_method(HEADING))
