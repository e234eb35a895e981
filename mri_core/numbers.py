"""Numbers as they are stored and printed."""

from __future__ import annotations

from math import isfinite
from numbers import Integral


def finite(value: float) -> float | None:
    """A number as it is stored; None if it is NaN or infinite, such as an open end of an interval."""
    return float(value) if isfinite(value) else None


def how_many(count: int, one: str, several: str = "") -> str:
    """A count with its noun: "1 document", "1,421 documents".

    Args:
        count: the number.
        one: the noun's singular.
        several: its plural, unless that is the singular and an "s".
    """
    return f"{count:,} {one}" if count == 1 else f"{count:,} {several or one + 's'}"


def is_whole(value: object) -> bool:
    """Whether a value is a whole number, of Python or NumPy, and no truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)
