"""Runs a question, or a reader's own Cypher, and gives back a table."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mri_core.errors import QueryError, UsageError, unknown_name
from mri_core.records.graph import Study, Unit
from mri_core.records.table import Table
from mri_core.records.units import refuse_documents, refuse_tokens
from mri_core.store.reading import MAX_ROWS, TIMEOUT, Readable
from queries.catalog import own_catalog
from queries.statement import StatementError, parameters, without_semicolon
from queries.template import Column, Parameter, Template
from queries.values import coerce, resolve, studies_of

__all__ = ["EVERY_ROW", "LIMIT", "MAX_ROWS", "TIMEOUT", "bind", "cypher", "is_limited", "run"]

EVERY_ROW = 1_000_000  # for a view that has its own limit and draws all of an answer

LIMIT = "limit"  # the parameter of a question that says how many rows it returns at most


def run(
    store: Readable,
    template: Template,
    values: Mapping[str, object] | None = None,
    *,
    timeout: float = TIMEOUT,
    max_rows: int = MAX_ROWS,
) -> Table:
    """The answer to a question.

    Args:
        store: where the studies are.
        template: the question.
        values: its parameters by name, typed or as text; None is as if it were not given. A study is its name or id,
            a region or document its id, or the end of it after the study (`L3/R5`, `D12`), a document also its own id
            in the corpus where that is no other's name.
        timeout: seconds.
        max_rows: rows that are kept; `Table.cut` says that there were more.

    Returns:
        a table whose columns are those that the header declares for scans of such units, in its order; what it declares
        an object is one.

    Raises:
        UsageError: a parameter is missing, unknown or badly typed, or names what the study does not hold; or the
            question cannot be asked about a scan of such units.
        QueryError, StoreError: as `Store.read`.
    """
    studies, bound = _bound(store, template, values)
    table = store.read(template.statement, bound, timeout=timeout, max_rows=max_rows)
    columns = _shown(template, studies, table)
    return _with_objects(_in_order(table, tuple(column.name for column in columns)), columns, template)


def bind(store: Readable, template: Template, values: Mapping[str, object] | None = None) -> dict[str, object]:
    """The parameters as the statement gets them: typed, defaults filled in, what a study holds by its id.

    Raises:
        UsageError: as `run`.
    """
    return _bound(store, template, values)[1]


def _bound(
    store: Readable, template: Template, values: Mapping[str, object] | None
) -> tuple[list[Study], dict[str, object]]:
    """The studies that a question is asked about, and its parameters."""
    typed = _typed(template, values or {})
    named = studies_of(store, template.parameters, typed)
    for study in named.values():
        _check_unit(store, template, study, typed)
    return [*named.values()], resolve(store, template.parameters, typed, named)


def _check_unit(store: Readable, template: Template, study: Study, typed: Mapping[str, object]) -> None:
    """Raises `UsageError` where a question cannot be asked about a scan of such units."""
    if template.only is not None:
        refuse = refuse_tokens if template.only.unit == "document" else refuse_documents
        if study.unit != template.only.unit:
            remedy = _asked_instead(store, template.only.instead, study, typed)
            refuse(study, f"{template.name} {template.only.why}", remedy)


def _asked_instead(store: Readable, name: str, study: Study, typed: Mapping[str, object]) -> str:
    """The command that asks the question for scans of the other unit, with what it must be given; "" without one."""
    if not name:
        return ""
    command = f"mri query {name} --study {study.name}"
    with suppress(UsageError):  # a question of the user's own may name another of theirs
        for parameter in own_catalog().get(name).parameters:
            if parameter.required and parameter.type != "study":
                value = typed.get(parameter.name)
                if value is None and parameter.type == "region":
                    from mri_core.studies.token_request import first_region  # which needs numpy

                    value = first_region(store, study)
                command += f" {parameter.option} {shlex.quote(str(value))}"
    return f"Run `{command}`"


def _shown(template: Template, studies: Sequence[Study], table: Table) -> list[Column]:
    """The columns of an answer: of those of one unit the asked studies', or, about all studies, those with a value."""
    units: set[Unit | None] = {None, *(study.unit for study in studies)}
    if not studies:
        held = {name for row in table.rows for name, value in zip(table.columns, row, strict=True) if value is not None}
        units |= {column.unit for column in template.returns if column.name in held}
    return [column for column in template.returns if column.unit in units]


def is_limited(
    store: Readable,
    template: Template,
    values: Mapping[str, object],
    answer: Table,
    *,
    timeout: float = TIMEOUT,
) -> bool:
    """Whether a question has more rows than its `limit` returns; asked of the store only where it returned as many.

    Args:
        store, template, values, timeout: as in `run`.
        answer: what `run` gave for them; of one that is cut it is not asked.

    Raises:
        UsageError, QueryError, StoreError: as `run`.
    """
    limit = bind(store, template, values).get(LIMIT)
    if answer.cut or not isinstance(limit, int) or limit < 1 or len(answer.rows) < limit:
        return False
    more = run(store, template, {**values, LIMIT: limit + 1}, timeout=timeout, max_rows=limit + 1)
    return len(more.rows) > limit


def cypher(
    store: Readable, statement: str, *, study: Study | None = None, timeout: float = TIMEOUT, max_rows: int = MAX_ROWS
) -> Table:
    """The answer to a reader's own Cypher, which only reads.

    Args:
        store: that is asked.
        statement: of Cypher.
        study: whose id `$study` is in it; None where that is not given.
        timeout: seconds.
        max_rows: rows that are kept; `Table.cut` says that there were more.

    Raises:
        UsageError: the statement has a parameter for which there is no value.
        QueryError, StoreError: as `Store.read`.
    """
    given = {} if study is None else {"study": study.id}
    with suppress(StatementError):  # the engine says better what is wrong with it
        used = parameters(statement)
        if lacking := [name for name in used if name not in given]:
            if lacking == ["study"]:
                raise UsageError("$study is the id of a study that is named", "None is named", "Add --study NAME")
            fact = f"This one has ${', $'.join(lacking)}"
            raise UsageError("A statement of one's own has no parameters", fact, "Write the value into it")
        given = {name: value for name, value in given.items() if name in used}
        statement = without_semicolon(statement)
    return store.read(statement, given, timeout=timeout, max_rows=max_rows)


def _typed(template: Template, values: Mapping[str, object]) -> dict[str, object]:
    """A value of its type for every parameter of the template."""
    known = {parameter.name for parameter in template.parameters}
    for name in values:
        if name not in known:
            raise unknown_name(f"parameter of {template.name}", name, known)
    return {parameter.name: _value(template, parameter, values) for parameter in template.parameters}


def _value(template: Template, parameter: Parameter, values: Mapping[str, object]) -> object:
    value = values.get(parameter.name)
    if value is not None:
        return coerce(parameter, value)
    if parameter.required:
        fact = f"{parameter.option} is missing: {parameter.description} ({parameter.type})"
        raise UsageError(f"The question {template.name} needs {parameter.option}", fact)
    return parameter.default


def _in_order(table: Table, columns: tuple[str, ...]) -> Table:
    if not table.rows:  # the embedded engine names no columns where a label is not there yet
        return Table(columns, (), table.cut)
    if table.columns == columns:
        return table
    places = [table.columns.index(column) for column in columns]
    return Table(columns, tuple(tuple(row[place] for place in places) for row in table.rows), table.cut)


def _with_objects(table: Table, columns: Sequence[Column], template: Template) -> Table:
    """The graph keeps objects as JSON text, since its properties hold none."""
    places = {place for place, column in enumerate(columns) if column.type == "object"}
    if not places:
        return table
    rows = (tuple(_object(v, template) if i in places else v for i, v in enumerate(row)) for row in table.rows)
    return Table(table.columns, tuple(rows), table.cut)


def _object(value: Any, template: Template) -> Any:
    try:
        return None if value is None else json.loads(value)
    except (TypeError, ValueError):
        fact = f"The question {template.name} gives {value!r}"[:200]
        raise QueryError("A column declared an object is given as JSON text", fact, "Mend its header") from None
