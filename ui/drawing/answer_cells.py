"""An answer as a heatmap: one column across, one down, the first number as colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from queries.result import Result

CELL = 26  # pixels of height of a row
FIELDS = ("across", "down", "value")
LONGEST_LABEL = 220  # pixels


@dataclass(frozen=True)
class Cells:
    """An answer by two of its columns.

    Attributes:
        titles: of the column across, the one down, and the one that is the colour.
        across: names in the order of the answer.
        down: names, sorted.
        values: by the names across and down.
    """

    titles: tuple[str, str, str]
    across: Sequence[str]
    down: Sequence[str]
    values: Mapping[tuple[str, str], float | None]


def cells_of(result: Result, layers: Mapping[int, str]) -> Cells | None:
    """The cells of an answer; None where two columns to span them or a number to fill them lack.

    Across stands the layer, where there is one, else the first column that is no number; down the next of these.

    Args:
        result: the answer.
        layers: names of the study's layers.
    """
    places = _places(result)
    if places is None or not result.rows:
        return None
    across, down, value = places
    names = layers if result.types[across] == "layer" else {}
    values = {(str(names.get(row[across], row[across])), str(row[down])): row[value] for row in result.rows}
    return Cells(
        (result.columns[across], result.columns[down], result.columns[value]),
        list(dict.fromkeys(column for column, _ in values)),
        sorted({row for _, row in values}),
        values,
    )


def cells_chart(shown: Cells) -> alt.Chart:
    """The cells in the page, with what hovering tells."""
    rows = [(*names, value) for names, value in shown.values.items()]
    across, down, value = shown.titles
    named = alt.Axis(labelAngle=0, labelOverlap="greedy", labelFlush=False)
    return (
        alt.Chart(pd.DataFrame(rows, columns=list(FIELDS)))
        .mark_rect()
        .encode(
            x=alt.X("across", type="nominal", title=None, sort=None, axis=named),
            y=alt.Y("down", type="nominal", title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, labelFlush=False)),
            color=alt.Color("value", type="quantitative", title=value, scale=alt.Scale(scheme="viridis")),
            tooltip=[
                alt.Tooltip("down", type="nominal", title=down),
                alt.Tooltip("across", type="nominal", title=across),
                alt.Tooltip("value", type="quantitative", title=value, format=".4~g"),
            ],
        )
        .properties(height=CELL * len(shown.down) + 60)
    )


def _places(result: Result) -> tuple[int, int, int] | None:
    """Which columns stand across and down and fill the cells."""
    layers = _of(result, "layer")
    words = _of(result, "category", "string", "region", "document", "study")
    numbers = [*_of(result, "float"), *_of(result, "int")]
    spanning = [*layers, *words]
    if len(spanning) < 2 or not numbers:
        return None
    return spanning[0], spanning[1], numbers[0]


def _of(result: Result, *kinds: str) -> Sequence[int]:
    return [place for place, kind in enumerate(result.types) if kind in kinds]
