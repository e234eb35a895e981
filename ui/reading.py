"""What the page reads from the store: one connection a server process, answers kept by study id and revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mri_core.records import Study, Table
from mri_core.store import exists, locate, open_store
from queries.catalog import Catalog, own_catalog
from queries.runner import run

if TYPE_CHECKING:
    from mri_core.comparing import Compared
    from mri_core.store.bolt import Store

KEPT_ANSWERS = 1_000
KEPT_COMPARISONS = 50
MOST_ROWS = 1_000_000  # a question has its own limit: what it returns is shown whole


def studies() -> list[Study]:
    """The ready studies, the newest first."""
    opened = store()  # says so where the folder is no store and no place for one
    if not exists():
        return []
    return sorted(opened.studies(), key=lambda study: study.created_at, reverse=True)


def study(name_or_id: str) -> Study:
    """The ready study of that name or id.

    Raises:
        UsageError: there is none; the error names the near ones.
    """
    return store().study(name_or_id)


def delete(doomed: Study) -> None:
    """Deletes a study and all that it owns."""
    store().delete(doomed)


def ask(of: Study, template: str, /, **values: Any) -> Table:
    """A template's answer about a study."""
    return _ask(str(locate()), of.id, of.revision, template, values)


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _ask(place: str, study_id: str, revision: int, template: str, values: dict[str, Any]) -> Table:
    """Kept by all its arguments: a study of an id and a revision never changes."""
    return run(store(), _catalog().get(template), {"study": study_id, **values}, max_rows=MOST_ROWS)


@st.cache_resource(show_spinner=False)
def _catalog() -> Catalog:
    return own_catalog()


def compare(of: Study, pair: Sequence[str]) -> Compared:
    """The tests of two categories against one another, as if there were no others."""
    return _compare(str(locate()), of.id, of.revision, tuple(sorted(pair)), of)


@st.cache_data(max_entries=KEPT_COMPARISONS, show_spinner="Testing the two against one another …")
def _compare(place: str, study_id: str, revision: int, pair: tuple[str, ...], _of: Study) -> Compared:
    from mri_core.comparing import compare_categories  # the other pages need no statistics

    return compare_categories(store(), _of, pair)


def store() -> Store:
    """The store that the page reads."""
    return _opened(str(locate()))


@st.cache_resource(show_spinner=False)
def _opened(place: str) -> Store:
    """One a server process; it connects anew by itself where the engine has stopped in between."""
    return open_store(place)
