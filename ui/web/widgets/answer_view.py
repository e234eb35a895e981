"""An answer in the page: a picture where the question has one, the rows, the Cypher, what the columns mean."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.records.graph import Study
from queries.result import Result
from queries.template import Template
from queries.text import cut_line
from ui.drawing import picture
from ui.drawing.answer_cells import cells_chart, cells_of
from ui.drawing.answer_graph import Drawing, draw_connections, draw_routes, picked_connection
from ui.drawing.export import as_html
from ui.drawing.network import draw_network, legend
from ui.drawing.origin import origin_of
from ui.drawing.palette import category_colours
from ui.drawing.scene import Spot
from ui.web.plain import unmarked
from ui.web.state import reading
from ui.web.widgets.answer_table import readable
from ui.web.widgets.frames import DIGITS, show_frame
from ui.web.widgets.graph_component import show_graph
from ui.web.widgets.panels import show_connection, show_region
from ui.web.widgets.saving import offer, pictures
from ui.wording.forms import csv_text, json_text
from ui.wording.units import in_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRAPH = "graph of the answer"
HOVER = "Hover over a line for its numbers."
CLICK = f"{HOVER} Click a region or a connection."
DOTS = "A dot is a region, its size its documents, its colour the category with the largest share."
ROUTES = f"{DOTS} Thick: the route, the most probable the boldest; behind it the strongest connections."


def show_rows(
    name: str,
    result: Result,
    of: Study,
    template: Template | None = None,
    on_picked: Callable[[int], None] | None = None,
) -> None:
    """The table, and the whole answer to be downloaded.

    Args:
        name: of the files.
        result, of, template, on_picked: as in `show_table`.
    """
    show_table(f"rows of {name}", result, of, template, on_picked)
    offer(
        [
            ("CSV", f"{name}.csv", "text/csv", lambda: csv_text(result)),
            ("JSON", f"{name}.json", "application/json", lambda: json_text(result.records())),
        ]
    )


def show_table(
    key: str,
    result: Result,
    of: Study,
    template: Template | None = None,
    on_picked: Callable[[int], None] | None = None,
) -> None:
    """The rows to be read.

    Args:
        key: Streamlit's key of the table.
        result: the answer.
        of: the study whose regions it may tell.
        template: the question, whose header says what the columns mean.
        on_picked: called with the place of a row that is clicked, before the page runs again; None where none can be.
    """
    meaning = {name: unmarked(description) for name, description in _meaning(template).items()}
    numbers = {
        name: st.column_config.NumberColumn(format=DIGITS, help=meaning.get(name))
        if kind == "float"
        else st.column_config.Column(help=meaning.get(name), width="large" if name == "excerpt" else None)
        for name, kind in zip(result.columns, result.types, strict=True)
    }
    show_frame(
        readable(result, of, _spots(of), _layers(of)),
        columns=numbers,
        key=key,
        on_select="ignore" if on_picked is None else lambda: _row_picked(key, on_picked),
        selection_mode="single-row",
    )


def _row_picked(key: str, on_picked: Callable[[int], None]) -> None:
    for row in st.session_state[key].selection.rows:  # none where the row is clicked once more
        on_picked(row)


def show_cut(result: Result, option: str) -> None:
    """A line where the answer is not whole, and one where it is of a sample of the documents."""
    if result.sampled:
        st.text(result.sampled)
    if result.cut:
        st.text(cut_line(len(result), option))


def show_picture(
    name: str,
    result: Result,
    of: Study,
    template: Template | None,
    values: Mapping[str, str],
    picked: str,
    on_picked: Callable[[str], None],
) -> None:
    """What the answer's view draws: connections, routes or a heatmap; nothing for a table.

    Args:
        name: of the file that the picture is saved to.
        result: the answer.
        of: the study over whose regions it is drawn.
        template: the question, whose header says what the numbers mean.
        values: what was asked, among it the category and the one that it is compared with, if any.
        picked: the region or connection told beside the picture.
        on_picked: called with what is clicked, before the page runs again.
    """
    if result.view == "heatmap":
        _show_heatmap(name, result, of, template)
        return
    colours = category_colours(picture.categories(of, reading.ask))
    category = values.get("category", "")
    drawing = None
    if result.view == "graph":
        drawing = draw_connections(of, reading.ask, result, colours, category, values.get("versus", ""))
    elif result.view == "path":
        drawing = draw_routes(of, reading.ask, result, colours, category)
    if drawing is None:
        return
    explained = in_unit(of, ROUTES) if result.view == "path" else _explained(of, drawing, _meaning(template))
    show_drawing(name, of, drawing, explained, picked, on_picked)


def show_drawing(
    name: str,
    of: Study,
    drawing: Drawing,
    explained: str,
    picked: str,
    on_picked: Callable[[str], None],
    pair: tuple[Study, Study] | None = None,
) -> None:
    """The drawn graph, and beside it the region or connection that is picked.

    Args:
        name, picked, on_picked: as of `show_picture`.
        of: the study whose region or connection is told.
        drawing: what is drawn.
        explained: what it shows, in words.
        pair: of a comparison of two studies, the one and that which it is set against: what a saved picture names.
    """
    whose = pair or (of,)

    def figure() -> Figure:
        from ui.drawing.figures.graph import drawn_figure

        return drawn_figure(drawing.picture, drawing.strokes, drawing.legend, explained)

    dark = st.context.theme.type == "dark"
    network = draw_network(drawing.picture, drawing.strokes, drawing.legend, dark=dark)
    keys = legend(drawing.picture, drawing.legend)
    spots = _spots(of)
    source, _, target = picked.partition(">")
    told = source in spots and (not target or target in spots) and traits_of(of.atlas).holds_documents
    graph, *panel = st.columns([5, 3] if told else 1)
    with graph:
        show_graph(
            network,
            keys,
            key=GRAPH,
            region=source if told and not target else None,
            connection=picked if told and target else None,
            on_picked=lambda: on_picked(_clicked()),
        )
        st.text(f"{explained} {HOVER if of.atlas == 'components' else CLICK}")
        page = partial(as_html, network, origin_of(*whose), explained, keys)
        offer([*pictures(figure, name, *whose), ("HTML", f"{name}.html", "text/html", page)])
    if panel:
        with panel[0]:
            _show_panel(of, spots, source, target, lambda: on_picked(""))


def show_cypher(template: Template, parameters: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """The statement with its parameters, and the command that asks the same."""
    st.text("The statement, as the engine gets it. Neo4j Browser takes both blocks as they are.")
    st.code(parameters_line(parameters), language="cypher", wrap_lines=True)
    st.code(template.statement, language="cypher")
    st.text("The same on the command line:")
    st.code(command_line(template, values), language="bash", wrap_lines=True)


def show_meaning(template: Template) -> None:
    """The question's own words: its columns and its notes."""
    columns = [(column.name, column.type, column.meaning) for column in template.returns]
    show_frame(pd.DataFrame(columns, columns=["column", "type", "meaning"]))
    for text in filter(None, (template.notes, template.scope)):
        st.text(text)


def parameters_line(parameters: Mapping[str, Any]) -> str:
    """A line that sets parameters in Neo4j Browser and cypher-shell."""
    return f":params {{{', '.join(f'{name}: {json.dumps(value)}' for name, value in parameters.items())}}}"


def command_line(template: Template, values: Mapping[str, str]) -> str:
    """The command that asks the question with these values."""
    given = [(p, values[p.name]) for p in template.parameters if p.name in values]
    words = [word for parameter, value in given for word in (parameter.option, value)]
    return shlex.join(["mri", "query", template.name, *words])


def _show_heatmap(name: str, result: Result, of: Study, template: Template | None) -> None:
    cells = cells_of(result, _layers(of))
    if cells is None:
        return
    explained = f"Colour: {_with_meaning(cells.titles[2], _meaning(template))}"
    st.altair_chart(cells_chart(cells))
    st.text(explained)

    def figure() -> Figure:
        from ui.drawing.figures.cells import cells_figure

        return cells_figure(cells, explained)

    offer(pictures(figure, name, of))


def _meaning(template: Template | None) -> dict[str, str]:
    return {column.name: column.description for column in template.returns} if template else {}


def _with_meaning(column: str, meaning: Mapping[str, str]) -> str:
    return f"{column} ({meaning[column]})" if column in meaning else column


def _explained(of: Study, drawing: Drawing, meaning: Mapping[str, str]) -> str:
    width = f", its width: {_with_meaning(drawing.measure, meaning)}" if drawing.measure else ""
    left_out = f" {drawing.left_out} more are in the table only." if drawing.left_out else ""
    if not traits_of(of.atlas).holds_documents:
        return f"A dot is a component. A line is a connection of the answer{width}.{left_out}"
    return f"{in_unit(of, DOTS)} A line is a connection of the answer{width}.{left_out}"


def _clicked() -> str:
    picked = st.session_state[GRAPH].picked or {}
    return picked_connection(picked.get("region") or picked.get("connection") or "")


def _show_panel(
    of: Study,
    spots: Mapping[str, Spot],
    source: str,
    target: str,
    close: Callable[[], None],
) -> None:
    st.button("Close", on_click=close)
    colours = category_colours(picture.categories(of, reading.ask))
    if target:
        show_connection(of, spots[source], spots[target], _layers(of), colours)
    else:
        show_region(of, spots[source], spots, _layers(of), colours)


def _spots(of: Study) -> dict[str, Spot]:
    return {spot.id: spot for spot in picture.spots(of, reading.ask)}


def _layers(of: Study) -> dict[int, str]:
    return {column.index: column.name for column in picture.columns(of, reading.ask)}
