"""What commands print: tables, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

from mri_core.errors import one_line
from mri_core.records import Table

CELL_WIDTH = 60  # characters of a cell in a table; CSV and JSON have all of them


def print_table(table: Table, format: str) -> None:
    """A query's answer in the form asked for; that it was cut is said on standard error."""
    if format == "json":
        print_json(table.records())
    elif format == "csv":
        click.echo(_csv(table), nl=False, color=True)  # as it is: click would take colour codes out of the texts
    else:
        click.echo(text_table(table.columns, table.rows) if table.rows else "No rows.")
    if table.cut:
        tell_cut(len(table.rows))


def tell_cut(rows: int) -> None:
    """A line on standard error: what was printed is not all."""
    click.echo(f"Cut: there are more than these {rows} rows; raise --max-rows to see them.", err=True)


def print_json(value: Any) -> None:
    """One JSON value, for machines and readers."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def text_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Aligned columns for a terminal: numbers on the right, long cells cut, control characters shown."""
    from tabulate import tabulate

    rows = list(rows)
    numeric = [all(isinstance(row[i], int | float | None) for row in rows) for i in range(len(columns))]
    return tabulate(
        [[_cell(value) for value in row] for row in rows],
        headers=[one_line(column) for column in columns],
        tablefmt="simple",
        colalign=["right" if number else "left" for number in numeric] if rows else None,
        disable_numparse=True,
    )


def number(value: float) -> str:
    """Three decimals, so that a column can be read down; very small numbers by their exponent."""
    return f"{value:.1e}" if 0 < abs(value) < 0.001 else f"{value:.3f}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    line = one_line(text)
    return line if len(line) <= CELL_WIDTH else f"{line[: CELL_WIDTH - 1]}…"


def _csv(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow(json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict | bool) else v for v in row)
    return buffer.getvalue()
