"""An answer as a heatmap: one column across, one down, the first number as colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from queries.result import Result

CELL = 26  # pixels of height of a row
FIELDS = ("across", "down", "value")
LONGEST_LABEL = 220  # pixels


def heatmap_of(result: Result, layers: Mapping[int, str]) -> tuple[alt.Chart, str] | None:
    """The cells and the column that colours them; None where two columns to span them or a number to fill them lack.

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
    rows = [(names.get(row[across], row[across]), row[down], row[value]) for row in result.rows]
    chart = (
        alt.Chart(pd.DataFrame(rows, columns=list(FIELDS)))
        .mark_rect()
        .encode(
            x=alt.X(
                "across",
                type="nominal",
                title=None,
                sort=None,
                axis=alt.Axis(labelAngle=0, labelOverlap="greedy", labelFlush=False),
            ),
            y=alt.Y("down", type="nominal", title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, labelFlush=False)),
            color=alt.Color(
                "value", type="quantitative", title=result.columns[value], scale=alt.Scale(scheme="viridis")
            ),
            tooltip=[
                alt.Tooltip("down", type="nominal", title=result.columns[down]),
                alt.Tooltip("across", type="nominal", title=result.columns[across]),
                alt.Tooltip("value", type="quantitative", title=result.columns[value], format=".4~g"),
            ],
        )
        .properties(height=CELL * len({row[1] for row in rows}) + 60)
    )
    return chart, result.columns[value]


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
