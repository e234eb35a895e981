"""Any question, or one's own Cypher, asked for the page: within limits, answers kept while no study changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from mri_core.errors import MriError
from mri_core.paths import user_path
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store import locate
from queries import runner
from queries.catalog import ENVIRONMENT, Catalog, load_catalog, own_catalog
from queries.result import Result
from queries.sampled import of_sample, of_sample_cypher
from queries.template import Template
from ui.web.state import reading

KEPT_ANSWERS = 30
KEPT_FOR = 3600  # seconds


@dataclass(frozen=True)
class Answer:
    """The rows, and the parameters as the statement got them."""

    result: Result
    parameters: Mapping[str, Any]


def catalog() -> tuple[Catalog, MriError | None]:
    """The questions with those of the user's folders; where one is not good, our own, and what is wrong with it."""
    try:
        return _catalog(tuple(_stamps())), None
    except MriError as error:
        return own_catalog(), error


def answer(
    template: Template, values: Mapping[str, str], studies: Sequence[Study], *, timeout: float, max_rows: int
) -> Answer:
    """The answer to a question, kept while the store holds the same studies.

    Raises:
        MriError: as `runner.run`.
    """
    state = tuple(sorted((study.id, study.revision) for study in studies))
    table, bound, limited = _answer(str(locate()), state, template, dict(values), timeout, max_rows)
    named = {bound.get(p.name) for p in template.parameters if p.type == "study"}
    sampled = of_sample(template, [study for study in studies if study.id in named])
    return Answer(replace(Result.of(table, template), limited=limited, sampled=sampled), bound)


def cypher(statement: str, of: Study, *, timeout: float, max_rows: int) -> Result:
    """The answer to a statement of the reader's own, which only reads; `$study` in it is the id of `of`.

    Raises:
        MriError: as `runner.cypher`.
    """
    found = Result.of(runner.cypher(reading.store(), statement, study=of, timeout=timeout, max_rows=max_rows))
    return replace(found, sampled=of_sample_cypher(statement, [of]))


@st.cache_data(
    max_entries=KEPT_ANSWERS, ttl=KEPT_FOR, show_spinner="Asking …", hash_funcs={Template: lambda t: (t.name, repr(t))}
)
def _answer(
    place: str, state: tuple[Any, ...], template: Template, values: dict[str, str], timeout: float, max_rows: int
) -> tuple[Table, dict[str, Any], bool]:
    store = reading.store()
    bound = runner.bind(store, template, values)
    asked = [str(bound[p.name]) for p in template.parameters if p.type == "study" and bound[p.name] is not None]
    with reading.standing(*asked):
        table = runner.run(store, template, bound, timeout=timeout, max_rows=max_rows)
        return table, bound, runner.is_limited(store, template, bound, table, timeout=timeout)


@st.cache_resource(show_spinner=False, max_entries=4)
def _catalog(stamps: tuple[tuple[str, int], ...]) -> Catalog:
    return load_catalog()


def _stamps() -> Iterator[tuple[str, int]]:
    """The user's files and when they were changed last: a question is read anew when it was edited."""
    for folder in os.environ.get(ENVIRONMENT, "").split(os.pathsep):
        yield folder, 0
        with suppress(OSError):  # the catalogue says what is wrong with a folder
            yield from sorted((str(file), file.stat().st_mtime_ns) for file in user_path(folder).glob("*.cypher"))
