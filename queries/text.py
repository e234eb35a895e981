"""Rows as a table to be read: aligned text for a terminal, HTML for a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from mri_core.errors import one_line
from queries.narrow import cells_wide, narrowed

CELL_WIDTH = 60  # characters of a cell that are shown
NO_WORDS = "no characteristic words"  # of a region or connection: no word is over-represented there beyond chance
LEAST_COUNT = 2  # a column of whole numbers is one of counts from here on: shares, correlations and q are 1 at most


def text_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], width: int | None = None) -> str:
    """Aligned columns: numbers on the right, long cells cut, control characters shown; fitted to a width, if given."""
    given = list(rows)
    whole = _laid_out(columns, given, "simple")
    if width is None or not given or max(map(cells_wide, whole.splitlines())) <= width:
        return whole
    cells = _cells(columns, given)
    lists = [any(isinstance(row[i], list | tuple | dict) for row in given) for i in range(len(columns))]
    return narrowed([one_line(column) for column in columns], cells, _numeric(columns, given), lists, width)


def html_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The same as a `<table>`; texts are escaped."""
    return str(_laid_out(columns, list(rows), "html"))


def number(value: float) -> str:
    """Three decimals, so that a column can be read down; very small numbers by their exponent."""
    return f"{value:.1e}" if 0 < abs(value) < 0.001 else f"{value:.3f}"


def words_told(keywords: Sequence[str], most: int | None = None) -> str:
    """The first words of a region or connection on one line, or that it has none."""
    return ", ".join(keywords[:most]) or NO_WORDS


def words_if_any(column: str, value: Any) -> Any:
    """A value as it is; an empty list in a column of words says that there are no characteristic words."""
    return NO_WORDS if column.endswith("words") and isinstance(value, list | tuple) and not value else value


def cut_line(rows: int, option: str) -> str:
    """Says that a result is not whole, and which option allows more."""
    return f"Cut: there are more than these {rows} rows; raise {option} to see them."


def _laid_out(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> str:
    from tabulate import tabulate

    return tabulate(
        _cells(columns, rows),
        headers=[one_line(column) for column in columns],
        tablefmt=form,
        colalign=["right" if number else "left" for number in _numeric(columns, rows)] if rows else None,
        disable_numparse=True,
    )


def _numeric(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bool]:
    """Which columns hold numbers alone."""
    return [all(isinstance(row[i], int | float | None) for row in rows) for i in range(len(columns))]


def _cells(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The rows as they are printed; the numbers of a column in one notation."""
    decimal = [_is_decimal([row[i] for row in rows]) for i in range(len(columns))]
    told = [map(words_if_any, columns, row) for row in rows]
    return [[_cell(value, decimal=of) for value, of in zip(row, decimal, strict=True)] for row in told]


def _is_decimal(values: Iterable[Any]) -> bool:
    """Whether a column has decimals: one with fractions, or whose whole numbers are too small to be known as counts."""
    numbers = [value for value in values if isinstance(value, float)]
    counts = all(map(float.is_integer, numbers)) and any(abs(value) >= LEAST_COUNT for value in numbers)
    return bool(numbers) and not counts


def _cell(value: Any, *, decimal: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value) if decimal else f"{value:.0f}" if isinstance(value, float) else str(value)
    line = one_line(in_words(value))
    return line if len(line) <= CELL_WIDTH else f"{line[: CELL_WIDTH - 1]}…"


def in_words(value: Any) -> str:
    """A value to be read: lists and objects part by part, and what lies deeper in them as in JSON."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_written(part)}" for key, part in value.items())
    return ", ".join(map(_written, value)) if isinstance(value, list | tuple) else _written(value)


def _written(value: Any) -> str:
    """Text as it is; truths, nodes and whatever else Cypher gives as in JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
