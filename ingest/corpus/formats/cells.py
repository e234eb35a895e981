"""The meaning of a cell, as a text or a label."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from mri_core.errors import CorpusError

LABEL_LENGTH = 200  # characters


def cell_text(value: Any, place: str, column: str) -> str | None:
    """A cell as text: whole numbers without a point, truth values as `true` and `false`, None and NaN as nothing.

    Days and moments are written as ISO 8601 has them, a midnight without its time, as in a CSV of the same table.

    Raises:
        CorpusError: the value is no text, number, date or truth value, or holds a character that no text can hold.
    """
    if value is None or (isinstance(value, float | Decimal) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        return _plain(value, place, column)
    if "\0" in value:
        raise CorpusError("A text has no NUL character", f"{place}, column {column!r}, has one", "Remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        fact = f"{place}, column {column!r}, holds half a surrogate pair"
        raise CorpusError("A text is Unicode", fact, "Remove it") from error
    return value


def _plain(value: Any, place: str, column: str) -> str:
    """A number, truth value or date as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        whole = math.isfinite(value) and value == int(value)
        return str(int(value)) if whole else format(value, "f" if isinstance(value, Decimal) else "")
    if isinstance(value, datetime):
        midnight = value.time() == time.min and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, int | timedelta):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    remedy = ""
    if isinstance(value, list | tuple | set):
        remedy = "Join a text's parts, or scan its tokens with --unit token; of several labels repeat the document for "
        remedy += "each, under one --group"
    kind = type(value).__name__
    raise CorpusError("A cell is a text, a number or a date", f"{place}, column {column!r}, holds a {kind}", remedy)


def normal_label(label: str) -> str:
    """A label stripped of white space, in Unicode's composed form, so that encodings of accents do not matter."""
    return unicodedata.normalize("NFC", label).strip()
