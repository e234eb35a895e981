"""What the page reads from the store: one connection a server process, answers kept by study id and revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from mri_core.errors import UsageError
from mri_core.paths import forget
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.table import Table
from mri_core.store import Server, exists, locate, open_store
from queries.catalog import Catalog, own_catalog
from queries.runner import EVERY_ROW, run
from ui.jobs import access
from ui.reports.naming import with_reader_names
from ui.web.state import last_visit
from ui.web.state.last_visit import LAST, Seen
from ui.wording.labels import reader_names

if TYPE_CHECKING:
    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared
    from mri_core.studies.other_documents import OtherDocuments
    from mri_core.studies.same_documents import SameDocuments

KEPT_ANSWERS = 1_000
KEPT_COMPARISONS = 50


class StudyGoneError(UsageError):
    """A study was deleted or replaced while it was read."""


def studies() -> list[Study]:
    """The ready studies, the newest first; while the engine starts, those of the last visit."""
    store()  # says so where the folder is no store and no place for one
    seen = LAST.while_starting() if exists() else None
    return _listed() if seen is None else list(seen.studies)


def _listed() -> list[Study]:
    """The ready studies, as the engine reports them."""
    found = sorted(store().studies(), key=lambda study: study.created_at, reverse=True) if exists() else []
    LAST.note(tuple(found))
    return found


def unreadable() -> list[str]:
    """Why there are studies that this version cannot read, a line for each."""
    seen = LAST.while_starting() if exists() else None
    return _unreadable() if seen is None else list(seen.unreadable)


def _unreadable() -> list[str]:
    return [str(error) for error in store().unreadable()] if exists() else []


def study(name_or_id: str) -> Study:
    """The ready study of that name or id.

    Raises:
        UsageError: there is none; the error names the near ones.
    """
    seen = LAST.while_starting() if exists() else None
    return (seen and seen.study(name_or_id)) or store().study(name_or_id)


def is_starting() -> bool:
    """Whether what is shown is as of the last visit, since the engine has not answered yet."""
    return LAST.while_starting() is not None


def wake() -> list[Study]:
    """The ready studies as the engine reports it, which is started for it; from then on it is asked what there is.

    Raises:
        MriError: it does not start. The page's next question meets the same.
    """
    try:
        found = _listed()
        LAST.changed.clear()  # of what changes from here on
        return found
    finally:
        LAST.end_start()


def keep(studies: Sequence[Study], answers: Mapping[str, str]) -> None:
    """Keeps what the engine reported for the next start of an embedded store.

    Args:
        studies: all there are.
        answers: about the first of them, as `Seen` has them.
    """
    place = locate()
    if studies and not isinstance(place, Server):
        seen = Seen(tuple(studies), tuple(_unreadable()), answers)
        last_visit.save(place, seen)
        known = False
        try:
            known = tuple(_listed()) == seen.studies
        finally:
            if not known:  # what is deleted meanwhile may have been forgotten before it was saved
                last_visit.forget(place)
                LAST.changed.set()


def delete(doomed: Study) -> None:
    """Deletes a study and all that it owns, here and in the cache; raises `AccessError` for who may not."""
    access.demand("delete")
    LAST.drop()
    store().delete(doomed)
    forget(doomed.id)


def ask(of: Study, template: str, /, **values: Any) -> Table:
    """A template's answer about a study: the engine's, or what it reported at the last visit of the same study."""
    kept = LAST.answer(of, template, values)
    return ask_engine(of, template, **values) if kept is None else kept


def ask_engine(of: Study, template: str, /, **values: Any) -> Table:
    """A template's answer about a study, as the engine reports it."""
    return _ask(str(locate()), of.id, of.revision, template, values)


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _ask(place: str, study_id: str, revision: int, template: str, values: dict[str, Any]) -> Table:
    """Kept by all its arguments: a study of an id and a revision never changes."""
    with standing(study_id, *([values["other"]] if "other" in values else [])):
        return run(store(), _catalog().get(template), {"study": study_id, **values}, max_rows=EVERY_ROW)


def interventions(of: Study) -> list[Intervention]:
    """What was tried on a study, by layer and key."""
    return _interventions(str(locate()), of.id, of.revision, of)


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner=False)
def _interventions(place: str, study_id: str, revision: int, _of: Study) -> list[Intervention]:
    with standing(study_id):
        return store().interventions(_of)


def said_of(of: Study, region: str) -> Annotation:
    """What readers say of a region of a study; an empty one for nothing."""
    return next((each for each in all_said(of) if each.region == region), Annotation(region))


def all_said(of: Study) -> list[Annotation]:
    """What readers say of a study's regions."""
    return _all_said(str(locate()), of.id, of.revision, of)


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner=False)
def _all_said(place: str, study_id: str, revision: int, _of: Study) -> list[Annotation]:
    with standing(study_id):
        return store().annotations(_of)


def annotate(of: Study, region: str, name: str, note: str, seen: str) -> None:
    """Gives a region a name and a note, as `give` does; raises `AccessError` for who may not."""
    from mri_core.studies.names import give

    access.demand("name")
    LAST.drop()
    give(store(), of, region, name=name, note=note, seen=seen)


def related(of: Study) -> list[dict[str, Any]]:
    """The studies that read the same documents or scanned the same model; never kept, since others come and go."""
    with standing(of.id):
        return run(store(), _catalog().get("related-studies"), {"study": of.id}, max_rows=EVERY_ROW).records()


@contextmanager
def standing(*study_ids: str) -> Iterator[None]:
    """What is read within is whole: a deletion takes a study away part by part, and what is half read is not kept.

    Raises:
        StudyGoneError: a study of these ids is not there any more.
    """
    try:
        yield
    finally:
        for study_id in study_ids:
            if not store().is_ready(study_id):
                fact = f"{study_id} was deleted or replaced while it was read"
                raise StudyGoneError("A study is read as long as it is there", fact, "Choose another")


@st.cache_resource(show_spinner=False)
def _catalog() -> Catalog:
    return own_catalog()


def compare(of: Study, pair: Sequence[str]) -> Compared:
    """The tests of two categories against one another, as if there were no others."""
    return _compare(str(locate()), of.id, of.revision, tuple(sorted(pair)), of)


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner="Testing the two against one another …")
def _compare(place: str, study_id: str, revision: int, pair: tuple[str, ...], _of: Study) -> Compared:
    from mri_core.studies.comparing import compare_categories  # the other pages need no statistics

    with standing(study_id):
        return compare_categories(store(), _of, pair)


def compare_same_documents(
    base: Study, other: Study, runs: Sequence[Study] = (), shams: Sequence[Study] = ()
) -> SameDocuments:
    """The comparison of two studies of the same documents in one atlas; nothing of it is stored."""
    floors = [study for study in _listed() if study.atlas_hash == base.atlas_hash]  # those that may be floors
    state = tuple((study.id, study.revision) for study in (base, other, *runs, *shams))
    known = tuple(sorted((study.id, study.revision) for study in floors))
    compared = _compare_same_documents(str(locate()), state, (len(runs), known), base, other, runs, shams)
    return with_reader_names(compared, reader_names(base, ask))


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner="Comparing the studies document by document …")
def _compare_same_documents(
    place: str,
    state: tuple[tuple[str, int], ...],
    besides: tuple[Any, ...],
    _base: Study,
    _other: Study,
    _runs: Sequence[Study],
    _shams: Sequence[Study],
) -> SameDocuments:
    from mri_core.studies.same_documents import compare_same_documents

    with standing(*(study_id for study_id, _ in state)):
        return compare_same_documents(store(), _base, _other, runs=_runs, shams=_shams)


def compare_other_documents(base: Study, other: Study) -> OtherDocuments:
    """The comparison of two studies of other documents in one atlas; nothing of it is stored."""
    state = base.id, base.revision, other.id, other.revision
    return with_reader_names(_compare_other_documents(str(locate()), state, base, other), reader_names(base, ask))


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner="Comparing each category with its namesake …")
def _compare_other_documents(place: str, state: tuple[str | int, ...], _base: Study, _other: Study) -> OtherDocuments:
    from mri_core.studies.other_documents import compare_other_documents

    with standing(_base.id, _other.id):
        return compare_other_documents(store(), _base, _other)


def store() -> Store:
    """The store that the page reads."""
    return _opened(str(locate()))


@st.cache_resource(show_spinner=False)
def _opened(place: str) -> Store:
    """One a server process; it connects anew by itself where the engine has stopped in between."""
    return open_store(place)
