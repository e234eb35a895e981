"""An answer as a table to be read, and why it may have no rows. What is downloaded is the answer as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mri_core.records import Study, local_id
from queries.fields import OF_A_STUDY
from queries.result import Result
from queries.template import Template
from queries.text import in_words
from queries.values import COUNTS
from ui.scene import Spot

NUMBERS = {"int": "Int64", "layer": "Int64", "float": "float64", "bool": "boolean"}
NARROWING = ("least", "most", "skip")  # how parameters that leave rows out begin


def readable(result: Result, of: Study, spots: Mapping[str, Spot], layers: Mapping[int, str]) -> pd.DataFrame:
    """The rows with ids told in words: a region by its layer, number and words, a document by its number.

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
        name: _column([row[i] for row in result.rows], kind, tellers.get(kind))
        for i, (name, kind) in enumerate(zip(result.columns, result.types, strict=True))
    }
    return pd.DataFrame(series, columns=list(result.columns))


def why_empty(template: Template, asked: Sequence[Study], values: Mapping[str, str]) -> str:
    """Words for an answer without rows: what the studies do not have, and what may have left rows out."""
    components = [study.name for study in asked if study.atlas == "components"]
    if components:
        fact = f"{' and '.join(components)} has components, which hold no documents"
        return f"No rows: {fact}, and most questions count these. Ask Components that move together."
    narrow = [f"{name.replace('_', ' ')} ({value})" for name, value in _narrowing(template, values).items()]
    if narrow:
        return f"No rows. These may leave out too much: {', '.join(narrow)}."
    return "No rows: the study holds nothing of the kind. The notes say when that is so."


def _narrowing(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """The parameters that leave rows out: those that may be empty and are not, and limits of size."""
    found = {}
    for parameter in template.parameters:
        value = values.get(parameter.name, parameter.default)
        sifts = parameter.nullable or parameter.name.startswith(NARROWING) or parameter.type in OF_A_STUDY
        if parameter.name in COUNTS:
            sifts = sifts or value in (0, "0")
        if value is not None and sifts and parameter.type != "study":
            found[parameter.name] = str(value)
    return found


def _region(region: str, spots: Mapping[str, Spot], layers: Mapping[int, str], *, words: bool) -> str:
    spot = spots.get(region)
    if spot is None:
        return region
    return f"{layers[spot.layer]}, {spot.title if words else f'region {spot.name}'}"


def _column(values: list[Any], kind: str | None, teller: Callable[[str], str] | None) -> pd.Series[Any]:
    if teller is not None:
        values = [teller(value) if isinstance(value, str) else value for value in values]
    if kind in NUMBERS:
        return pd.Series(values, dtype="object").astype(NUMBERS[kind])  # type: ignore[call-overload]
    return pd.Series([_text(value) for value in values], dtype="object")


def _text(value: Any) -> str | None:
    return None if value is None else in_words(value)
