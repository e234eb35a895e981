"""An answer as a table to be read. What is downloaded is the answer as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from queries.result import Result
from queries.text import in_words, words_if_any
from ui.drawing.scene import Spot
from ui.wording.labels import READER_NAME, words_of

NUMBERS = {"int": "Int64", "layer": "Int64", "float": "float64", "bool": "boolean"}


def readable(result: Result, of: Study, spots: Mapping[str, Spot], layers: Mapping[int, str]) -> pd.DataFrame:
    """The rows with ids told in words: a region by its layer, number, name and words, a document by its number.

    Args:
        result: the answer.
        of: the study whose regions and documents it may tell.
        spots: the study's regions by their ids within it.
        layers: names of its layers.
    """
    worded = any(name.endswith("keywords") for name in result.columns)  # then a region's words have a column
    tellers: dict[str | None, Callable[[str], str]] = {
        "region": lambda value: _region(local_id(of.id, value), spots, layers, words=not worded),
        "document": lambda value: local_id(of.id, value),
    }
    series = {
        name: _column([words_if_any(name, row[i]) for row in result.rows], kind, tellers.get(kind))
        for i, (name, kind) in enumerate(zip(result.columns, result.types, strict=True))
        if name != READER_NAME or "region" not in result.columns  # whose cell has it
    }
    return pd.DataFrame(series, columns=list(series))


def _region(region: str, spots: Mapping[str, Spot], layers: Mapping[int, str], *, words: bool) -> str:
    spot = spots.get(region)
    if spot is None:
        return region
    called = spot.title if words else " ".join([f"R{spot.name}", *words_of(spot.given, ())])
    return f"{layers[spot.layer]}, {called}"


def _column(values: list[Any], kind: str | None, teller: Callable[[str], str] | None) -> pd.Series[Any]:
    if teller is not None:
        values = [teller(value) if isinstance(value, str) else value for value in values]
    if kind in NUMBERS:
        return pd.Series(values, dtype="object").astype(NUMBERS[kind])  # type: ignore[call-overload]
    return pd.Series([_text(value) for value in values], dtype="object")


def _text(value: Any) -> str | None:
    return None if value is None else in_words(value)
