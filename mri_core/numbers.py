"""Numbers in sentences."""

from __future__ import annotations


def how_many(count: int, one: str, several: str = "") -> str:
    """A count with its noun: "1 document", "1,421 documents".

    Args:
        count: of what there is.
        one: the noun's singular.
        several: its plural, where that is not the singular and an "s".
    """
    return f"{count:,} {one}" if count == 1 else f"{count:,} {several or one + 's'}"
