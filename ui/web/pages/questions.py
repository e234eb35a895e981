"""The page Questions: any question of the catalogue, or one's own Cypher, and its answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.errors import MriError, unknown_name
from mri_core.records.graph import Study
from queries.catalog import Catalog
from queries.emptiness import other_studies, why_empty, why_empty_cypher
from queries.graph import EXAMPLES
from queries.result import Result
from queries.runner import TIMEOUT
from queries.template import Template
from queries.text import cut_line
from queries.values import by_place
from ui.jobs import access
from ui.web.plain import show_error
from ui.web.state import answers, asking, choosing, reading
from ui.web.state.asking import Asked
from ui.web.state.choosing import bound, find_study, in_session, study_box
from ui.web.state.offers import MOST_DOCUMENTS, filled, offers
from ui.web.widgets.answer_view import show_cut, show_cypher, show_meaning, show_picture, show_rows
from ui.web.widgets.cypher_help import show_help
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.web.widgets.form import missing, show_form, usable

FIRST, FIRST_OF_COMPONENTS = "telling-connections", "components"
NARROWED = "the statement names no study. With {study: $study} in it there are only those of the study chosen."
OWN_ANSWER = "answer to one's own Cypher"
FIND = "text of the documents offered"


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    asked = _asked()
    study = find_study(studies, asked.study)
    catalog, broken = answers.catalog()
    template, unknown = _template(catalog, asked.question, study)
    _show_choices(studies, study, catalog, template, asked)
    for error in (broken, unknown):
        if error is not None:
            show_error(error)
    if asked.cypher is not None:
        _own(studies, study, asked)
    else:
        _ask(studies, study, template, asked)


def _ask(studies: Sequence[Study], study: Study, template: Template, asked: Asked) -> None:
    """The question's form and its answer."""
    st.text(template.question)
    if template.only is not None and template.only.unit != study.unit:
        _show_other(study, template.scope, template.only.instead)
        return
    offered = offers(template, study, studies, reading.ask, _sought(study, template))
    given, wrong = usable(template, asked.values, offered)
    values = filled(template, study, offered, given, reading.ask)
    show_form(template, values, offered, lambda name, value: _go(_asked().with_value(name, value), (name,)))
    for error in wrong:
        show_error(error)
    if lacking := missing(template, values):
        told = "; ".join(f"{parameter.name.replace('_', ' ')}, {parameter.description}" for parameter in lacking)
        st.text(f"The question is asked as soon as it has its {told}.")
        return
    values = _with_full_ids(study, template, values, offered)
    of_study = {"study": study.name} if any(p.name == "study" for p in template.parameters) else {}
    try:
        answer = answers.answer(
            template, {**of_study, **values}, studies, timeout=asked.timeout, max_rows=asked.max_rows
        )
    except MriError as error:
        show_error(error)
        return
    _show_answer(study, template, asked, answer, {**of_study, **values})


def _with_full_ids(
    study: Study, template: Template, values: Mapping[str, str], offered: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """A document of the list by its full id, since its place in the corpus may be another's own id."""
    listed = {p.name for p in template.parameters if p.type == "document" and values.get(p.name) in offered[p.name]}
    return {name: by_place(study, value) if name in listed else value for name, value in values.items()}


def _show_other(study: Study, scope: str, instead: str) -> None:
    """Why a question cannot be asked about such a study, and the way to the one that can."""
    st.text(f"{scope} {study.name} is a scan of {study.unit}s.")
    if instead:
        address = {"study": study.name, "question": instead}
        st.page_link("questions.py", label=f"Ask {instead}", query_params=address)


def _show_answer(
    study: Study,
    template: Template,
    asked: Asked,
    answer: answers.Answer,
    values: Mapping[str, str],
) -> None:
    result = answer.result
    name = f"{study.name}-{template.name}"
    if not result.rows:
        st.text(why_empty(reading.store(), template, values))
    show_picture(name, result, study, template, values, asked.picked, _picked)
    rows, cypher, meaning = st.tabs([_count(result), "Cypher", "What it means"])
    with rows:
        show_cut(result, "most rows, under Limits")
        if result.limited:
            st.text(cut_line(len(result), "limit"))
        if result.rows:
            show_rows(name, result, study, template)
    with cypher:
        show_cypher(template, answer.parameters, values)
    with meaning:
        show_meaning(template)


def _own(studies: Sequence[Study], study: Study, asked: Asked) -> None:
    """A box for a statement, and its rows or what the engine says to it."""
    st.text("A statement that only reads. $study is the id of the study chosen. Ids AS source and target draw a graph.")
    statement = asked.cypher or next(iter(EXAMPLES.values()))
    with st.form("own"):
        typed = st.text_area("Cypher", height=180, key=in_session("own statement", statement))
        sent = st.form_submit_button("Ask", type="primary")
    show_help(lambda example: _go(replace(_asked(), cypher=example, picked="")))
    if sent:
        st.session_state.pop(OWN_ANSWER, None)
        if typed != statement:
            _go(replace(asked, cypher=typed, picked=""))
            st.rerun()
    result = _own_answer(statement, study, asked)
    if isinstance(result, MriError):
        show_error(result)
        return
    if others := other_studies(statement, study, studies):
        st.text(f"Rows of {others} other {'study' if others == 1 else 'studies'} may be among these: {NARROWED}")
    show_picture("cypher", result, study, None, {}, asked.picked, _picked)
    show_cut(result, "most rows, under Limits")
    st.text(_count(result) if result.rows else why_empty_cypher(reading.store(), statement))
    if result.rows:
        show_rows("cypher", result, study)


def _own_answer(statement: str, study: Study, asked: Asked) -> Result | MriError:
    """Asked once: the page runs again for many reasons, and the statement may take a minute."""
    key = (statement, study.id, study.revision, asked.timeout, asked.max_rows)
    before, kept = st.session_state.get(OWN_ANSWER, (None, None))
    if before == key and kept is not None:
        return kept
    try:
        with st.spinner("Asking …"):
            limits = {"timeout": asked.timeout, "max_rows": asked.max_rows}
            result: Result | MriError = answers.cypher(statement, study, **limits)
    except MriError as error:
        result = error
    st.session_state[OWN_ANSWER] = (key, result)
    return result


def _show_choices(studies: Sequence[Study], study: Study, catalog: Catalog, template: Template, asked: Asked) -> None:
    """One row of choices above the form."""
    place, question_box, own_box, limits_box = st.columns([3, 8, 2, 2], vertical_alignment="bottom")
    study_box(place, studies, bound("study asked", study.name, lambda name: _go(_asked().of(name))))
    titles = {each.name: f"{each.group}: {each.title}. {each.question}" for each in catalog}
    question_box.selectbox(
        f"Question, one of {len(catalog)}: type to search",
        list(titles),
        format_func=lambda name: titles.get(name, name),
        disabled=asked.cypher is not None,
        **bound("question asked", template.name, lambda name: _go(_asked().about(catalog.get(name), template))),
    )
    own_box.toggle(
        "Own Cypher",
        **bound("own asked", asked.cypher is not None, lambda on: _go(replace(_asked(), cypher="" if on else None))),
    )
    with limits_box.popover("Limits", width="stretch"):
        _show_limit("seconds that an answer may take", "timeout", asked.timeout, _most_seconds())
        _show_limit("most rows", "max_rows", asked.max_rows, asking.MOST_ROWS)


def _show_limit(label: str, name: str, value: int, most: int) -> None:
    st.number_input(
        label,
        min_value=1,
        max_value=most,
        **bound(f"limit {name}", value, lambda chosen: _go(replace(_asked(), **{name: chosen}))),
    )


def _sought(study: Study, template: Template) -> str:
    """Where a study has more documents than a box lists, what they shall contain."""
    if study.documents <= MOST_DOCUMENTS or not any(p.type == "document" for p in template.parameters):
        return ""
    return st.text_input(f"Offer documents that contain (else the first {MOST_DOCUMENTS})", key=FIND)


def _template(catalog: Catalog, name: str, study: Study) -> tuple[Template, MriError | None]:
    """The question asked, or the one that is asked first, and what is wrong with its name."""
    first = FIRST_OF_COMPONENTS if not traits_of(study.atlas).holds_documents else FIRST
    if not name:
        return catalog.get(first), None
    try:
        return catalog.get(name), None
    except MriError:
        return catalog.get(first), unknown_name("question", name, [template.name for template in catalog])


def _count(result: Result) -> str:
    return f"{len(result)} row{'' if len(result) == 1 else 's'}"


def _picked(picked: str) -> None:
    _go(replace(_asked(), picked=picked))


def _asked() -> Asked:
    asked = asking.read(st.query_params.to_dict())
    return replace(asked, timeout=min(asked.timeout, _most_seconds()))


def _most_seconds() -> int:
    """Viewers keep a store that others use busy for no longer than a question usually may."""
    return asking.MOST_SECONDS if access.may("scan") else int(TIMEOUT)


def _go(asked: Asked, own: Collection[str] = ()) -> None:
    choosing.go(asking.write(asked), own)


main()
