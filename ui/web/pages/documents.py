"""The page Documents: texts found by their words and category, one's path through the layers, those that share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from math import ceil
from typing import Any

import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.numbers import how_many
from mri_core.records.crossed import crossed_labels
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from queries.result import Result
from queries.values import by_place
from ui.drawing import picture
from ui.drawing.answer_graph import draw_routes
from ui.drawing.colouring import colouring, recoloured
from ui.web.plain import show_error
from ui.web.state import answers, choosing, reading, searching
from ui.web.state.choosing import bound, find_study, study_box
from ui.web.state.offers import document_told, is_beginning
from ui.web.state.reading import StudyGoneError
from ui.web.state.searching import Search
from ui.web.widgets.answer_view import DOTS, show_drawing, show_rows, show_table
from ui.web.widgets.colour_by import colour_by
from ui.web.widgets.explanation import show_tokens_of_document
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.web.widgets.text_regions import show_regions_of_text
from ui.web.widgets.token_regions import show_places_of_document
from ui.wording.units import text_word

OWN = tuple(field.name for field in fields(Search))
LISTED = 10  # documents of a page of the list
NO_PATH = (
    "{} has components, which hold no documents: none has a path here. Scan the corpus with clusters or a grid to see "
    "paths; the model does not run again."
)
Row = Mapping[str, Any]


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    search = _search()
    study = find_study(studies, search.study)
    categories = picture.categories(study, reading.ask)
    _show_choices(studies, study, search, categories)
    if search.category and search.category not in categories:
        show_error(unknown_name("category", search.category, categories))
        search = replace(search, category="")
    rows = _listed(study, search)
    document = _looked_at(study, search, rows)
    _show_list(study, search, rows, document)
    if document is not None:
        _show_document(study, search, document)


def _show_choices(studies: Sequence[Study], study: Study, search: Search, categories: Sequence[str]) -> None:
    """One row of choices. Each stands in the address; the boxes follow it."""
    labels = crossed_labels(study)
    places = st.columns([3, 6 - 2 * bool(labels), 3, *([2] if labels else [])], vertical_alignment="bottom")
    place, text_box, category_box, *colour_box = places
    for box in colour_box:
        shown = search.colour if search.colour in labels else ""
        colour_by(box, labels, bound("colour of documents", shown, lambda label: _go(replace(_search(), colour=label))))
    study_box(place, studies, bound("study searched", study.name, lambda name: _go(Search(study=name))))
    text_box.text_input(
        "Text in their title, beginning or own id",
        placeholder="any",
        **bound("text searched", search.text, lambda text: _go(_first_page(text=text))),
    )
    category_box.selectbox(
        "Category",
        categories,
        index=None,
        placeholder="any",
        **bound(
            "category searched",
            search.category if search.category in categories else None,
            lambda category: _go(_first_page(category=category or "")),
        ),
    )


def _listed(study: Study, search: Search) -> list[Row]:
    """The page of the list that is asked for; the last one, where there are not so many."""
    listed = replace(search, document="")  # the list does not depend on which of them is looked at
    rows = _documents(study, listed, (search.page - 1) * LISTED)
    if rows or search.page == 1:
        return rows
    first = _documents(study, listed, 0)
    return _documents(study, listed, (ceil(first[0]["matches"] / LISTED) - 1) * LISTED) if first else []


def _documents(study: Study, search: Search, skip: int) -> list[Row]:
    asked = {name: getattr(search, name) or None for name in ("text", "category", "document")}
    table = reading.ask(study, "documents", **asked, skip=skip, limit=LISTED)
    return [{**row, "place": skip + i} for i, row in enumerate(table.records())]


def _looked_at(study: Study, search: Search, rows: Sequence[Row]) -> Row | None:
    """The document that is named, else the first of the list; an unknown one is told."""
    if not search.document:
        return rows[0] if rows else None
    for row in rows:
        if local_id(study.id, row["document"]) == search.document:
            return row
    try:
        return _documents(study, Search(document=by_place(study, search.document)), 0)[0]
    except StudyGoneError:
        raise
    except UsageError as error:
        show_error(error)
        return None


def _show_list(study: Study, search: Search, rows: Sequence[Row], document: Row | None) -> None:
    """What was found, a page of it, and which of them is looked at."""
    st.text(_told(study, search, rows))
    if not rows:
        return
    names = [local_id(study.id, row["document"]) for row in rows]
    columns = {"document": "document", "category": "category", "title": "string", "excerpt": "string"}
    if study.unit == "token":
        columns = {"document": "document", "category": "category", "tokens": "int", **columns}
    if all(row["category"] is None for row in rows):
        del columns["category"]
    if all(is_beginning(row) for row in rows):
        del columns["title"]
    values = tuple(tuple(row[column] for column in columns) for row in rows)
    table = Result(tuple(columns), values, tuple(columns.values()))
    key = f"list {search.study} {search.text} {search.category} {rows[0]['place']} {search.document}"
    show_table(key, table, study, on_picked=lambda row: _look_at(names[row]))
    told = {name: document_told(study, row) for name, row in zip(names, rows, strict=True)}
    if document is not None:
        told.setdefault(local_id(study.id, document["document"]), document_told(study, document))
    box, before, after = st.columns([6, 1, 1], vertical_alignment="bottom")
    box.selectbox(
        text_word(study, plural=False).capitalize(),
        list(told),
        format_func=lambda name: told.get(name, name),
        **bound("document", document and local_id(study.id, document["document"]), _look_at),
    )
    page = rows[0]["place"] // LISTED + 1
    last = ceil(rows[0]["matches"] / LISTED)
    before.button("Previous", disabled=page == 1, on_click=_turn, args=(page - 1,), width="stretch")
    after.button("Next", disabled=page == last, on_click=_turn, args=(page + 1,), width="stretch")


def _told(study: Study, search: Search, rows: Sequence[Row]) -> str:
    """One line: how many were found, and which of them are listed."""
    where = f" of {search.category}" if search.category else ""
    having = f" with {search.text!r}" if search.text else ""
    among = f" {study.stored}, which are searched." if study.stored else ""
    what = text_word(study, plural=False)
    if not rows:
        told = f"No {what} of {study.name}{where} has{having.removeprefix(' with')} in its title, beginning or own id."
        return f"{told}{among}"
    first = rows[0]["place"] + 1
    listed = f"listed {first} to {first + len(rows) - 1}"
    return f"{how_many(rows[0]['matches'], what)}{where}{having}, {listed}.{among}"


def _show_document(study: Study, search: Search, document: Row) -> None:
    """Its text, its path, and the documents that share most of it."""
    name = local_id(study.id, document["document"])
    with st.container(border=True):
        category = document["category"]
        told = name if category is None else f"{name}, {category}"
        st.text(told if is_beginning(document) else document_told(study, document))
        st.text(document["excerpt"])
    if study.unit == "token":
        layer = show_regions_of_text(study, name)
        if layer is not None:
            show_places_of_document(study, name, layer)
        return
    show_tokens_of_document(study, name)
    if not traits_of(study.atlas).holds_documents:
        st.text(NO_PATH.format(study.name))
        return
    route = _answer(study, "route-of-document", document=document["document"])
    by = colouring(study, reading.ask, search.colour if search.colour in crossed_labels(study) else "")
    drawing = draw_routes(study, reading.ask, route, by.colours, by.value[document["category"]])
    if drawing is not None:
        drawing = replace(drawing, picture=recoloured(study, reading.ask, drawing.picture, by))
        explained = (
            f"Thick: the path of {name}, in the colour of its {by.label or 'category'}; behind it the most telling "
            f"connections. {DOTS}"
        )
        show_drawing(f"{study.name}-{name}", study, drawing, explained, search.picked, _picked)
    nearest = _answer(study, "nearest-documents", document=document["document"])
    steps, shared = st.tabs(["Its path, layer by layer", "Documents that share most of it"])
    with steps:
        st.text("The regions it passes, with their words; how many of its category take each step along with it.")
        show_rows(f"{study.name}-{name}-path", route, study, answers.catalog()[0].get("route-of-document"))
    with shared:
        _show_nearest(study, name, nearest)


def _show_nearest(study: Study, name: str, nearest: Result) -> None:
    if not nearest.rows:
        st.text(f"No other document passes a region that {name} passes.")
        return
    st.text(
        f"By the layers in which they pass the same region as {name}, of {study.layers}. A click on a row looks at it."
        + (f" {study.stored}, and these are among them." if study.stored else "")
    )
    show_rows(
        f"{study.name}-{name}-nearest",
        nearest,
        study,
        answers.catalog()[0].get("nearest-documents"),
        on_picked=lambda row: _look_at(local_id(study.id, nearest.records()[row]["neighbour"])),
    )


def _answer(study: Study, question: str, **values: Any) -> Result:
    return Result.of(reading.ask(study, question, **values), answers.catalog()[0].get(question))


def _first_page(**chosen: str) -> Search:
    """Another search of the same study, from its first document."""
    return replace(_search(), page=1, document="", picked="", **chosen)


def _turn(page: int) -> None:
    _go(replace(_search(), page=page, document="", picked=""))


def _look_at(document: str | None) -> None:
    _go(replace(_search(), document=document or "", picked=""))


def _picked(picked: str) -> None:
    _go(replace(_search(), picked=picked))


def _search() -> Search:
    return searching.read(st.query_params.to_dict())


def _go(search: Search) -> None:
    choosing.go(searching.write(search), OWN)


main()
