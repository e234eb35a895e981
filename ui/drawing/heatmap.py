"""Where a category sits in each layer: of a grid its cells, of clusters a matrix of categories and regions.

The page and the pictures for print draw the same marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from ui.drawing import picture
from ui.drawing.alignment import aligned
from ui.drawing.colouring import Colouring, documents_of_regions, sizes
from ui.drawing.picture import MOST_REGIONS, Ask, columns
from ui.drawing.scene import Column
from ui.wording.labels import READER_NAME, words_of
from ui.wording.units import in_unit, unit_word

T = TypeVar("T")
Rows = Sequence[Mapping[str, Any]]

MOST_COLUMNS = 7  # layers side by side that can be told apart in one column of print
MOST_FLOWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A region as a category fills it.

    Attributes:
        name: of the region within its layer.
        column: place of its layer among those drawn.
        row: place of its category.
        x, y: of a cell, its middle within the panel, from 0 to 1 and from the top down; of a cluster, its lane and 0.
        words: its words, with the name that a reader gave it.
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
    """Shares of categories by layer and region.

    Attributes:
        layers: those drawn.
        categories: names of the rows.
        row: what a row is: a `category`, or the `value` of a label.
        unit: what is counted, in the plural.
        side: of a grid, a cell's width and height within its panel; None of clusters.
        lanes: of clusters, the names of the regions in the order that they have in every layer.
        present: of clusters, place of the layer and of the lane of each region that there is.
    """

    layers: Sequence[Column]
    categories: Sequence[str]
    marks: Sequence[Mark]
    side: float | None = None
    lanes: Sequence[str] = ()
    present: frozenset[tuple[int, int]] = frozenset()
    row: str = "category"
    unit: str = "documents"

    @property
    def share_title(self) -> str:
        """What the shares are of."""
        return f"share of the {self.row}'s {self.unit}"

    @property
    def greatest(self) -> float:
        """The largest share of a region."""
        return max(mark.share for mark in self.marks)


def heatmap(
    of: Study,
    ask: Ask,
    categories: Sequence[str],
    span: tuple[int, int] | None = None,
    most: int = MOST_COLUMNS,
    by: Colouring | None = None,
) -> Heatmap:
    """The shares of these categories, in the layers of the span or in `most` of them that are evenly apart.

    Where `by` has a label, a row is a value of it instead: of these categories, all documents of the value.

    Raises:
        UsageError: a study of components, which hold no documents.
    """
    if not traits_of(of.atlas).holds_documents:
        rule, remedy = "A heatmap shows where documents sit", "Draw its layers, or ask the question components"
        raise UsageError(in_unit(of, rule), f"{of.name} has components, which hold no {unit_word(of)}", remedy)
    known = columns(of, ask)
    first, last = span or (known[0].index, known[-1].index)
    drawn = evenly([column for column in known if first <= column.index <= last], most)
    place = {column.index: position for position, column in enumerate(drawn)}
    regions = ask(of, "regions", limit=MOST_REGIONS).records()
    lanes = [] if of.resolution else _lanes(of, ask)
    at = _cells(of, ask, regions) if of.resolution else {r["region"]: (lanes.index(r["name"]), 0) for r in regions}
    valued = by is not None and by.label != ""
    passed = _by_value(of, ask, categories, by) if by and valued else _by_category(of, ask, categories)
    marks = [
        _mark(row, place[row["layer"]], number, at[row["region"]])
        for number, rows in enumerate(passed.values())
        for row in rows
        if row["layer"] in place
    ]
    side = 1 / of.resolution if of.resolution else None
    present = {(place[r["layer"]], int(at[r["region"]][0])) for r in regions if lanes and r["layer"] in place}
    row = "value" if valued else "category"
    return Heatmap(drawn, list(passed), marks, side, lanes, frozenset(present), row, unit_word(of))


def _by_category(of: Study, ask: Ask, categories: Sequence[str]) -> dict[str, Rows]:
    """The regions that the documents of each category pass, with their share and lift."""
    return {name: ask(of, "regions", category=name, limit=MOST_REGIONS).records() for name in categories}


def _by_value(of: Study, ask: Ask, categories: Sequence[str], by: Colouring) -> dict[str, Rows]:
    """The same of the documents of each value of a label: those of its categories together."""
    whole = sizes(of, ask, by)
    documents = documents_of_regions(of, ask, by)
    found: dict[str, list[dict[str, Any]]] = {value: [] for value in sorted({by.value[name] for name in categories})}
    for row in ask(of, "regions", limit=MOST_REGIONS).records():
        counts = documents.get(local_id(of.id, row["region"]), Counter())
        mean = sum(counts[value] / whole[value] for value in whole) / len(whole)
        for value in found.keys() & counts:
            share = counts[value] / whole[value]
            found[value].append({**row, "share": share, "lift": share / mean})
    return {value: sorted(rows, key=lambda row: (-row["share"], row["region"])) for value, rows in found.items()}


def _mark(row: Mapping[str, Any], column: int, number: int, at: tuple[float, float]) -> Mark:
    words = words_of(row[READER_NAME], row["keywords"])
    return Mark(row["name"], column, number, *at, row["share"], row["lift"], words)


def evenly(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly apart, the first and the last among them; all where there are no more."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]


def _lanes(of: Study, ask: Ask) -> list[str]:
    """The names of the clusters in the order in which the layered graph has them from the top down."""
    known = picture.spots(of, ask)
    cells = picture.in_lanes(of, ask, known, known)
    return sorted({spot.name for spot in known}, key={spot.name: cells[spot.id].row for spot in known}.__getitem__)


def _cells(of: Study, ask: Ask, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[float, float]]:
    """Middle of each cell within its panel, the layers turned or mirrored to lie as the layer before."""
    n = of.resolution or 1
    middles = {row["region"]: ((row["x"] + 0.5) / n - 0.5, 0.5 - (row["y"] + 0.5) / n) for row in rows}
    layers: dict[int, list[str]] = {}
    for row in rows:
        layers.setdefault(row["layer"], []).append(row["region"])
    flows: dict[tuple[str, str], float] = {}
    for row in ask(of, "connections", limit=MOST_FLOWS).records():
        ends = row["source"], row["target"]
        flows[ends] = flows.get(ends, 0) + row["weight"]
    turned = aligned([layers[layer] for layer in sorted(layers)], middles, flows)
    return {region: (x + 0.5, y + 0.5) for region, (x, y) in turned.items()}
