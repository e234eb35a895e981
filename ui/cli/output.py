"""What commands print: tables, CSV and JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import click

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.table import Table
from mri_core.store.schema import upgraded_line
from queries.text import cut_line
from ui.wording.forms import csv_text, json_text
from ui.wording.labels import READER_NAME, words_of
from ui.wording.terminal import fitted
from ui.wording.terminal import table as fitted_table

IMPLIED = {"layer": re.compile(r"L([0-9]+)/R.*"), "name": re.compile(r"L[0-9]+/R(.*)")}  # by a region's id
REGIONS = ("region", "source")  # columns that imply them


def print_table(
    table: Table,
    format: str,
    of: Study | None = None,
    *,
    names: Mapping[str, str] = MappingProxyType({}),
    why_empty: Callable[[], str] = lambda: "No rows.",
) -> None:
    """A query's answer in the form asked for; that it was cut is said on standard error.

    Args:
        table: the answer.
        format: table, csv or json.
        of: the study that was asked, if it is one: a table for readers calls what it holds by its name within it.
        names: that readers gave to the study's regions, by their ids; the table shows them next to these.
        why_empty: words for a table without rows.
    """
    if format == "json":
        print_json(table.records())
    elif format == "csv":
        click.echo(csv_text(table), nl=False, color=True)  # as it is: click would take colour codes out of the texts
    else:
        shown = table if of is None else _within(table, of.id, names)
        click.echo(fitted_table(shown.columns, shown.rows) if shown.rows else fitted(why_empty()))
    if table.cut:
        tell_cut(len(table.rows))


def _within(table: Table, study: str, names: Mapping[str, str]) -> Table:
    """The table without the study in front of every id, with names, without columns that a region's cell repeats."""
    rows = [[_local(study, value) for value in row] for row in table.rows]
    keys = [i for i, column in enumerate(table.columns) if column in REGIONS]
    kept = [
        i
        for i, column in enumerate(table.columns)
        if not keys or not (column == READER_NAME or _is_implied(column, i, rows, keys[0]))
    ]
    told = [[_named(names, *both) for both in zip(*pair, strict=True)] for pair in zip(table.rows, rows, strict=True)]
    return Table(tuple(table.columns[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in told), table.cut)


def _local(study: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_local(study, part) for part in value]
    return local_id(study, value) if isinstance(value, str) else value


def _named(names: Mapping[str, str], value: Any, local: Any) -> Any:
    """A cell with the names that readers gave to the regions in it: `L4/R10 "sleep"`."""
    if isinstance(value, list | tuple):
        return [_named(names, *parts) for parts in zip(value, local, strict=True)]
    return " ".join([local, *words_of(names[value], ())]) if isinstance(value, str) and value in names else local


def _is_implied(column: str, place: int, rows: Sequence[Sequence[Any]], key: int) -> bool:
    return column in IMPLIED and all(_implied(row[key], column) == str(row[place]) for row in rows)


def _implied(region: Any, column: str) -> str | None:
    found = IMPLIED[column].fullmatch(str(region))
    return found[1] if found else None


def tell_cut(rows: int, option: str = "--max-rows") -> None:
    """A line on standard error: what was printed is not all, and which option allows more."""
    click.echo(cut_line(rows, option), err=True)


def print_sample_line(line: str) -> None:
    """A line on standard error: what an answer is of, where that is not all documents; nothing for ""."""
    if line:
        click.echo(line, err=True)


def tell_upgraded(names: Sequence[str]) -> None:
    """A line on standard error for each study that a command upgraded on its way."""
    for name in names:
        click.echo(upgraded_line(name), err=True)


def print_json(value: Any) -> None:
    """One JSON value, for machines and readers."""
    click.echo(json_text(value))


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the user wants what cannot be undone; asked on a terminal, unless said already.

    Raises:
        UsageError: there is no terminal to ask on.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Deleting is confirmed", "There is no terminal to ask on", "Add --yes")
    return click.confirm(question)
