"""What the page reads from the store: one connection a server process, answers kept by study id and revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from mri_core.errors import StoreError
from mri_core.records import Study, Table
from mri_core.store import locate, open_store
from queries.catalog import Catalog, load_catalog
from queries.runner import run

if TYPE_CHECKING:
    from mri_core.store.bolt import Store

T = TypeVar("T")
KEPT_ANSWERS = 1_000


def studies() -> list[Study]:
    """The ready studies, the newest first."""
    return sorted(_with_store(lambda store: store.studies()), key=lambda study: study.created_at, reverse=True)


def study(name_or_id: str) -> Study:
    """The ready study of that name or id.

    Raises:
        UsageError: there is none; the error names the near ones.
    """
    return _with_store(lambda store: store.study(name_or_id))


def delete(doomed: Study) -> None:
    """Deletes a study and all that it owns."""
    _with_store(lambda store: store.delete(doomed))


def ask(of: Study, template: str, **values: Any) -> Table:
    """A template's answer about a study."""
    return _ask(str(locate()), of.id, of.revision, template, values)


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _ask(place: str, study_id: str, revision: int, template: str, values: dict[str, Any]) -> Table:
    """Kept by all its arguments: a study of an id and a revision never changes."""
    question = _catalog().get(template)
    return _with_store(lambda store: run(store, question, {"study": study_id, **values}))


@st.cache_resource(show_spinner=False)
def _catalog() -> Catalog:
    return load_catalog(environment={})  # a broken question of the user's own must not close the page


@st.cache_resource(show_spinner="Opening the store …")
def _store(place: str) -> Store:
    return open_store(place)


def _with_store(work: Callable[[Store], T]) -> T:
    """Works on the shared store; once more after connecting anew where the engine has stopped since."""
    store = _store(str(locate()))
    try:
        return work(store)
    except StoreError:
        store.close()
        return work(store)
