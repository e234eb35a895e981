"""What commands print: tables, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from mri_core.errors import UsageError
from mri_core.records import Table
from queries.result import Result
from queries.text import cut_line, text_table

OF_CATEGORIES = "connections (a pair of regions once for each category)"  # as a study counts them


def print_table(table: Table, format: str, why_empty: Callable[[], str] = lambda: "No rows.") -> None:
    """A query's answer in the form asked for; that it was cut is said on standard error.

    Args:
        table: the answer.
        format: table, csv or json.
        why_empty: words for a table without rows.
    """
    if format == "json":
        print_json(table.records())
    elif format == "csv":
        click.echo(csv_text(table), nl=False, color=True)  # as it is: click would take colour codes out of the texts
    else:
        click.echo(text_table(table.columns, table.rows) if table.rows else why_empty())
    if table.cut:
        tell_cut(len(table.rows))


def tell_cut(rows: int) -> None:
    """A line on standard error: what was printed is not all."""
    click.echo(cut_line(rows, "--max-rows"), err=True)


def print_json(value: Any) -> None:
    """One JSON value, for machines and readers."""
    click.echo(json_text(value))


def json_text(value: Any) -> str:
    """A JSON value on several lines, letters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


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


def unchanged(there: str, added: Sequence[str]) -> str:
    """What came of a scan whose study was there already, and what that got besides."""
    told = f"{there} is there already"
    return f"{told}; added: {', '.join(added)}." if added else f"Nothing changed: {told}."


def in_bytes(size: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def csv_text(table: Table | Result) -> str:
    """A table as CSV: lists and truths as JSON, an empty cell for null."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)  # with CRLF, as RFC 4180 has it: with \n alone it would not quote a \r
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow(json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict | bool) else v for v in row)
    return buffer.getvalue()
