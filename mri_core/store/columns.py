"""Rows as lists, which load faster than maps: what a statement sets and what a row holds, from one list of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def assigned(names: Sequence[str], row: str, first: int = 0) -> str:
    """The properties of an inline map in Cypher, each from its place in a row."""
    return ", ".join(f"{name}: {row}[{place}]" for place, name in enumerate(names, start=first))


def row_of(names: Sequence[str], record: object, **made: Any) -> list[Any]:
    """The values of a row in their order: those made for it, else the record's own."""
    return [made[name] if name in made else getattr(record, name) for name in names]
