"""Values in the forms that the command line prints and the page gives away: JSON, CSV, bytes as people read them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from mri_core.numbers import how_many
from mri_core.records.table import Table
from queries.result import Result

OF_CATEGORIES = "connections (a pair of regions once for each category)"  # as a study counts them


def scanned(documents: int, stored: int | None, tokens: int | None = None) -> str:
    """How many documents were scanned, and how many of them the graph holds, unless it holds all.

    Args:
        documents: of the study.
        stored: as nodes; None for all.
        tokens: of these that are placed, where tokens are: `2,309 tokens of 60 texts`.
    """
    of_graph = "" if stored is None else f" ({stored:,} of them in the graph)"
    if tokens is not None:
        return f"{how_many(tokens, 'token')} of {how_many(documents, 'text')}{of_graph}"
    return f"{documents} documents{of_graph}"


def json_text(value: Any) -> str:
    """A JSON value on several lines, letters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


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
