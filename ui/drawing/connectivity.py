"""The connectivity matrix: how many documents go from each region of a layer to each of the next, as numbers in cells.

The page, the pictures for print and the files have the same cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from ui.drawing import picture, places
from ui.drawing.clustering import similar_order
from ui.drawing.picture import Ask
from ui.drawing.scene import Link, Spot
from ui.drawing.view import EVERY_STEP
from ui.wording.units import in_unit, number_of, unit_word

MOST_CELLS = 1_000_000
DIGITS = 12  # of a difference of shares
MOST_SHOWN = 60  # rows, and columns, whose names can be read next to each other


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which matrix is wanted.

    Attributes:
        step: the layer that connections leave, by its index; `EVERY_STEP` for all; "" for that of most findings.
        value: the number of a cell, one of `VALUES`.
        category: whose documents are counted; "" for all.
        versus: of a category's difference of shares, the one that it is compared with; "" for the mean of the others.
        sort: of rows and columns, one of `SORTS`.
    """

    step: str = ""
    value: str = "documents"
    category: str = ""
    versus: str = ""
    sort: str = "graph"


@dataclass(frozen=True, slots=True)
class Cell:
    """A connection that documents take, as the question `connectivity-matrix` reports it.

    Attributes:
        documents: that take it: of the category asked for, else of all.
        part: these over the documents of the region that it leaves; None where it has none of the category.
        share: of the category's documents; of all categories the largest such share.
        most: the category with the largest share.
        spread: largest − smallest share of a category.
        difference: share of the category asked for − that of the other, or the mean of all others; None without one.
    """

    documents: int
    part: float | None
    share: float
    most: str
    spread: float
    difference: float | None


@dataclass(frozen=True)
class Connectivity:
    """A matrix of regions.

    Attributes:
        rows: the regions that connections leave, from the top down.
        columns: those that they reach, from left to right.
        cells: the connections, by the ids of their ends; a pair without one is taken by no document.
        value: what a cell's number is, one of `VALUES`.
        category, versus: whose documents are counted, and with whom they are compared; "" for all.
        layers: names of the layers.
        hidden: rows and columns of least documents that are left out.
        unit: what is counted, in the plural; the value `documents` is the number of these.
    """

    rows: Sequence[Spot]
    columns: Sequence[Spot]
    cells: Mapping[tuple[str, str], Cell]
    value: str = "documents"
    category: str = ""
    versus: str = ""
    layers: Mapping[int, str] = field(default_factory=dict)
    hidden: tuple[int, int] = (0, 0)
    unit: str = "documents"

    def number(self, source: str, target: str) -> float | None:
        """The number of a cell; 0 where no document goes that way, None where nothing can be divided."""
        cell = self.cells.get((source, target))
        if cell is None:
            return 0
        if self.value == "spread" and self.category:
            return cell.difference
        return getattr(cell, self.value)

    def drawn(self, source: str, target: str) -> bool:
        """Whether a cell has a colour: documents of those that are compared, or counted, go that way."""
        cell, number = self.cells.get((source, target)), self.number(source, target)
        return cell is not None and number is not None and (number != 0 or cell.documents > 0)

    @property
    def signed(self) -> bool:
        """Whether numbers lie on both sides of 0."""
        return self.value == "spread" and bool(self.category)

    @property
    def greatest(self) -> float:
        """The largest number, whatever its sign."""
        return max((abs(self.number(*ends) or 0) for ends in self.cells), default=0)

    @property
    def several(self) -> bool:
        """Whether its rows are of more than one layer."""
        return len({spot.layer for spot in self.rows}) > 1

    @property
    def between(self) -> str:
        """Which layers the rows and columns are of."""
        if self.several:
            return "Rows are the regions of a layer, columns those of the next"
        source, target = (self.layers[spots[0].layer] for spots in (self.rows, self.columns))
        return f"Rows are the regions of {source}, columns those of {target}"

    @property
    def left_out(self) -> str:
        """A sentence where not all regions are shown; else ""."""
        left = [
            f"{len(spots)} of {len(spots) + hidden} {what}"
            for spots, hidden, what in zip((self.rows, self.columns), self.hidden, ("rows", "columns"), strict=True)
            if hidden
        ]
        return f"Shown are the regions of most {self.unit}: {' and '.join(left)}. A CSV file has all." if left else ""

    @property
    def ticks(self) -> list[float]:
        """Numbers to be marked on a scale of colours: of signed ones both ends, of others by their square root."""
        greatest = self.greatest or 1
        if self.signed:
            return [-greatest, 0, greatest]
        return sorted({0, round(greatest / 4) if self.value == "documents" else greatest / 4, greatest})

    @property
    def of(self) -> str:
        """Whose documents are counted, as words that follow others."""
        return f" of {self.category}" if self.category else ""

    @property
    def part_title(self) -> str:
        """What a part is here."""
        return f"share of the source region's {self.unit}{self.of}"

    @property
    def share_title(self) -> str:
        """What a share is here."""
        return f"share of all {self.unit}{self.of}" if self.category else "largest share of a category"

    @property
    def difference_title(self) -> str:
        """What a difference of shares is here."""
        if not self.category:
            return "largest − smallest share of a category"
        return f"share of {self.category} − {f'share of {self.versus}' if self.versus else 'mean share of the others'}"

    @property
    def title(self) -> str:
        """What the numbers are."""
        return {
            "documents": f"{self.unit}{self.of}",
            "part": self.part_title,
            "share": self.share_title,
            "spread": self.difference_title,
        }[self.value]


def steps(of: Study, ask: Ask) -> dict[str, str]:
    """What a matrix can be of, by the layer that connections leave; all of them where these are few regions."""
    layers = picture.columns(of, ask)
    named = {str(a.index): f"{a.name} → {b.name}" for a, b in pairwise(layers)}
    regions = Counter(spot.layer for spot in picture.spots(of, ask))
    whole = len(named) > 1 and regions.total() - min(regions[layers[0].index], regions[layers[-1].index]) <= MOST_SHOWN
    return named | ({EVERY_STEP: "all layers"} if whole else {})


def first_step(of: Study, ask: Ask) -> str:
    """The layer that most findings leave; without findings, the connection in which the categories differ most."""
    found: Counter[int] = Counter()
    for row in ask(of, "findings-by-layer").records():
        found[row["layer"]] += row["more"] + row["less"]
    if found.total():
        return str(max(sorted(found), key=found.__getitem__))
    rows = ask(of, "telling-connections", limit=1).records()
    return str(rows[0]["layer"] if rows else picture.columns(of, ask)[0].index)


def connectivity(of: Study, ask: Ask, wanted: Matrix) -> Connectivity:
    """The matrix of a study, its rows and columns in the order asked for.

    Raises:
        UsageError: a study of components or of one layer, or there is no such step.
    """
    if not traits_of(of.atlas).holds_documents:
        rule, remedy = "A connectivity matrix counts documents", "Ask the question components"
        raise UsageError(in_unit(of, rule), f"{of.name} has components, which hold no {unit_word(of)}", remedy)
    offered = steps(of, ask)
    if not offered:
        raise UsageError("A connectivity matrix is of two layers", f"{of.name} has one")
    step = wanted.step or first_step(of, ask)
    if step not in offered:
        raise unknown_name("layer that connections leave", step, offered)
    leaving = {int(each) for each in offered if each != EVERY_STEP} if step == EVERY_STEP else {int(step)}
    cells = _cells(of, ask, wanted, None if step == EVERY_STEP else int(step))
    known = picture.spots(of, ask)
    shown = Connectivity(
        [spot for spot in known if spot.layer in leaving],
        [spot for spot in known if spot.layer - 1 in leaving],
        cells,
        wanted.value,
        wanted.category,
        wanted.versus if wanted.category else "",
        {column.index: column.name for column in picture.columns(of, ask)},
        unit=unit_word(of),
    )
    return _by_similarity(shown) if wanted.sort == "similar" else _by_place(of, ask, shown, known)


def of_most_documents(shown: Connectivity, most: int = MOST_SHOWN) -> Connectivity:
    """The same with at most so many rows and columns: the regions of most documents, in the order that they have."""
    rows, columns = _largest(shown.rows, most), _largest(shown.columns, most)
    left = len(shown.rows) - len(rows), len(shown.columns) - len(columns)
    return replace(shown, rows=rows, columns=columns, hidden=left)


def _largest(spots: Sequence[Spot], most: int) -> list[Spot]:
    kept = {spot.id for spot in sorted(spots, key=lambda spot: (-spot.size, spot.id))[:most]}
    return [spot for spot in spots if spot.id in kept]


def _cells(of: Study, ask: Ask, wanted: Matrix, layer: int | None) -> dict[tuple[str, str], Cell]:
    named = {"category": wanted.category or None, "versus": wanted.versus or None if wanted.category else None}
    rows = ask(of, "connectivity-matrix", layer=layer, **named, limit=MOST_CELLS).records()
    return {(local_id(of.id, row["source"]), local_id(of.id, row["target"])): _cell(row) for row in rows}


def _cell(row: Mapping[str, Any]) -> Cell:
    """A row of the question; differences without the last digits, which differ from 0 where shares are equal."""
    values = {field.name: row[field.name] for field in fields(Cell) if field.name != "documents"}
    values["documents"] = number_of(row)
    return Cell(**values | {n: round(values[n], DIGITS) for n in ("spread", "difference") if values[n] is not None})


def _by_place(of: Study, ask: Ask, shown: Connectivity, known: Sequence[Spot]) -> Connectivity:
    """Rows and columns layer by layer as the graph has them from the top down: its lanes, or stacks of these alone."""
    spots = [*shown.rows, *(spot for spot in shown.columns if spot not in shown.rows)]
    if traits_of(of.atlas).chained:
        cells = picture.in_lanes(of, ask, spots, known)
    else:
        cells = places.stacked(spots, [_link(*ends, cell) for ends, cell in shown.cells.items()])

    def place(spot: Spot) -> tuple[int, float]:
        return spot.layer, cells[spot.id].row

    return replace(shown, rows=sorted(shown.rows, key=place), columns=sorted(shown.columns, key=place))


def _by_similarity(shown: Connectivity) -> Connectivity:
    """Rows whose numbers lie in the same columns next to each other; columns by the mean place of their rows."""
    numbers = np.array([[shown.number(a.id, b.id) or 0.0 for b in shown.columns] for a in shown.rows], dtype=float)
    rows = _similar(shown.rows, numbers)
    place = {spot.id: i for i, spot in enumerate(rows)}
    weights = np.abs(numbers)
    totals = weights.sum(axis=0)
    means = np.array([place[spot.id] for spot in shown.rows]) @ weights / np.where(totals > 0, totals, 1)
    order = sorted(range(len(means)), key=lambda column: (shown.columns[column].layer, means[column]))
    return replace(shown, rows=rows, columns=[shown.columns[column] for column in order])


def _similar(spots: Sequence[Spot], numbers: np.ndarray) -> list[Spot]:
    """Regions in an order of similar rows, within each layer."""
    ordered: list[Spot] = []
    for layer in sorted({spot.layer for spot in spots}):
        places_of = [i for i, spot in enumerate(spots) if spot.layer == layer]
        ordered += [spots[places_of[leaf]] for leaf in similar_order(numbers[places_of])]
    return ordered


def _link(source: str, target: str, cell: Cell) -> Link:
    return Link(source, target, cell.documents, cell.spread, cell.most, cell.share, None)
