"""The data of a report: tables with a preview on the page, and the whole as CSV within it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from mri_core.numbers import how_many
from queries.text import number

PREVIEW = 5  # rows on the page
MOST = 5_000  # rows of a file: a report stays one that a mail takes


@dataclass(frozen=True)
class DataTable:
    """A table of a report.

    Attributes:
        key: of its file's name.
        title: what it holds.
        columns: their names.
        numeric: which of them hold numbers.
        rows: those on the page, as text.
        csv: all of them.
        told: how many rows the page and the file have.
    """

    key: str
    title: str
    columns: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[str]]
    csv: str
    told: str


def data_table(key: str, title: str, frame: pd.DataFrame, preview: int = PREVIEW) -> DataTable:
    """A table of a report.

    Args:
        key: of its file's name.
        title: what it holds.
        frame: the numbers, whole.
        preview: rows on the page, at most.
    """
    # whole numbers stay whole beside unknown ones
    held = frame.head(MOST).convert_dtypes(convert_string=False)
    shown = held.head(preview)
    kinds = [held[name].dtype for name in held.columns]
    numeric = [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in kinds]
    return DataTable(
        key,
        title,
        [str(name) for name in frame.columns],
        numeric,
        [[cell(value) for value in row] for row in shown.itertuples(index=False)],
        held.to_csv(index=False, lineterminator="\r\n"),
        " ".join(_told(len(frame), len(held), len(shown))),
    )


def _told(rows: int, held: int, shown: int) -> Iterator[str]:
    if rows > held:
        yield f"The file has the first {held:,} of {rows:,} rows."
    if held > shown:
        yield f"The first {shown} of {how_many(held, 'row')}; all are in the file."


def cell(value: Any) -> str:
    """A value as a table shows it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    return f"{value:,}" if isinstance(value, Integral) else str(value)


def answer_frame(rows: Sequence[Mapping[str, Any]], study: str, *, without: Sequence[str] = ()) -> pd.DataFrame:
    """Rows of a question, ids within the study and lists of words as text.

    Args:
        rows: the answer.
        study: its id.
        without: columns that another table has.
    """
    return pd.DataFrame(
        [{name: _plain(value, study) for name, value in row.items() if name not in without} for row in rows]
    )


def _plain(value: Any, study: str) -> Any:
    if isinstance(value, str):
        return value.removeprefix(f"{study}/")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
