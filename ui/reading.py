"""What the page reads from the store: one connection a server process, answers kept by study id and revision."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from mri_core.errors import StoreError
from mri_core.records import Study, Table
from mri_core.store import Store, open_store
from queries.catalog import Catalog, load_catalog
from queries.runner import run

T = TypeVar("T")
TIMEOUT = 60.0  # seconds
MAX_ROWS = 10_000
CACHED_ANSWERS = 1_000


def location() -> str:
    """The store's URL or folder, handed over by `ui.serve`."""
    return os.environ["MRI_STORE"]


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
    return _ask(location(), of.id, of.revision, template, values)


@st.cache_data(max_entries=CACHED_ANSWERS, show_spinner=False)
def _ask(_location: str, study_id: str, revision: int, template: str, values: dict[str, Any]) -> Table:
    question = _catalog()[template]
    values = {"study": study_id, **values}
    return _with_store(lambda store: run(store, question, values, timeout=TIMEOUT, max_rows=MAX_ROWS))


@st.cache_resource(show_spinner=False)
def _catalog() -> Catalog:
    return load_catalog()


@st.cache_resource(show_spinner="Opening the store …", on_release=lambda store: store.close())
def _store(where: str) -> Store:
    return open_store(where)


def _with_store(work: Callable[[Store], T]) -> T:
    """Works on the shared store; once more on a fresh one where the engine has stopped since."""
    try:
        return work(_store(location()))
    except StoreError:
        _store.clear()
        return work(_store(location()))
