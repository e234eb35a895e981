"""Where a category sits in each layer: small multiples, a row for each category and a column for each layer.

The page and the pictures for print draw the same marks. A panel is a unit square: a grid's cells tile it, clusters
stand at their centres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mri_core.errors import UsageError
from mri_core.records import Study
from ui.picture import MOST_REGIONS, Ask, columns
from ui.scene import Column

T = TypeVar("T")

MOST_COLUMNS = 7  # layers side by side that can be told apart in one column of print
EDGE = 0.18  # of a panel that is left free around the centres of clusters


@dataclass(frozen=True, slots=True)
class Mark:
    """A region as a category fills it.

    Attributes:
        name: of the region within its layer.
        column: place of its layer among those drawn.
        row: place of its category.
        x, y: its middle within the panel, from 0 to 1 and from the top down, as the second dimension falls.
        share: of the category's documents.
        lift: that share over the mean of all categories' shares.
    """

    name: str
    column: int
    row: int
    x: float
    y: float
    share: float
    lift: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Heatmap:
    """Panels of categories × layers.

    Attributes:
        layers: those drawn.
        centres: column, x and y of every region of these layers.
        side: a cell's width and height within the panel; None for clusters, which are bubbles.
    """

    layers: Sequence[Column]
    categories: Sequence[str]
    centres: Sequence[tuple[int, float, float]]
    marks: Sequence[Mark]
    side: float | None

    @property
    def greatest(self) -> float:
        """The largest share of a region."""
        return max(mark.share for mark in self.marks)


def heatmap(
    of: Study, ask: Ask, categories: Sequence[str], span: tuple[int, int] | None = None, most: int = MOST_COLUMNS
) -> Heatmap:
    """The panels of these categories, in the layers of the span or in `most` of them that are evenly apart.

    Raises:
        UsageError: a study of components, which hold no documents.
    """
    if of.atlas == "components":
        rule, remedy = "A heatmap shows where documents sit", "Draw its layers, or ask the question components"
        raise UsageError(rule, f"{of.name} has components, which hold no documents", remedy)
    known = columns(of, ask)
    first, last = span or (known[0].index, known[-1].index)
    drawn = evenly([column for column in known if first <= column.index <= last], most)
    place = {column.index: position for position, column in enumerate(drawn)}
    regions = ask(of, "regions", limit=MOST_REGIONS).records()
    centres = _centres(of, regions)
    marks = [
        Mark(
            name=row["name"],
            column=place[row["layer"]],
            row=number,
            x=centres[row["region"]][0],
            y=centres[row["region"]][1],
            share=row["share"],
            lift=row["lift"],
            words=tuple(row["keywords"]),
        )
        for number, category in enumerate(categories)
        for row in ask(of, "regions", category=category, limit=MOST_REGIONS).records()
        if row["layer"] in place
    ]
    side = 1 / of.resolution if of.resolution else None
    seen = [(place[row["layer"]], *centres[row["region"]]) for row in regions if row["layer"] in place]
    return Heatmap(drawn, list(categories), seen, marks, side)


def evenly(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly apart, the first and the last among them; all where there are no more."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]


def _centres(of: Study, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[float, float]]:
    """Place of each region within its panel: of a cell by the grid, of a cluster by the extent of its layer's."""
    if of.resolution:
        n = of.resolution
        return {row["region"]: ((row["x"] + 0.5) / n, 1 - (row["y"] + 0.5) / n) for row in rows}
    placed: dict[str, tuple[float, float]] = {}
    for layer in {row["layer"] for row in rows}:
        inside = [row for row in rows if row["layer"] == layer]
        across, down = _scaled([row["x"] for row in inside]), _scaled([row["y"] for row in inside])
        placed |= {row["region"]: (x, 1 - y) for row, x, y in zip(inside, across, down, strict=True)}
    return placed


def _scaled(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    if high == low:
        return [0.5] * len(values)
    return [EDGE + (1 - 2 * EDGE) * (value - low) / (high - low) for value in values]
