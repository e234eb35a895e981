"""Numbers as they are stored and said."""

from __future__ import annotations

from math import isfinite


def finite(value: float) -> float | None:
    """A number as it is stored; None where it is not one, or infinite, as an open end of an interval is."""
    return float(value) if isfinite(value) else None


def how_many(count: int, one: str, several: str = "") -> str:
    """A count with its noun: "1 document", "1,421 documents".

    Args:
        count: of what there is.
        one: the noun's singular.
        several: its plural, where that is not the singular and an "s".
    """
    return f"{count:,} {one}" if count == 1 else f"{count:,} {several or one + 's'}"
