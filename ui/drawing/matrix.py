"""Where the cells of matrices of categories and regions stand, a matrix for each layer: in pixels or inches alike."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from ui.drawing.heatmap import Heatmap


@dataclass(frozen=True)
class Matrices:
    """Matrices side by side, the categories' names left of each row of them.

    Attributes:
        layers, rows, lanes: how many there are; rows are categories.
        room: of the whole width.
        left: of it for the names.
        widest: a cell at most.
        high: a cell.
        head: above a matrix, for the layer's name.
        foot: below it, for the regions' names.
        gap: between two matrices.
    """

    layers: int
    rows: int
    lanes: int
    room: float
    left: float
    widest: float
    high: float
    head: float
    foot: float
    gap: float

    @property
    def wide(self) -> float:
        """Width of a cell."""
        return min(self.widest, (self.room - self.left - self.gap) / max(self.lanes, 1))

    @property
    def across(self) -> int:
        """Matrices side by side."""
        fit = int((self.room - self.left) / (self.lanes * self.wide + self.gap) + 1e-9)
        return max(1, min(self.layers, fit))

    @property
    def deep(self) -> int:
        """Rows of matrices."""
        return ceil(self.layers / self.across)

    @property
    def _step(self) -> float:
        return self.head + self.rows * self.high + self.foot

    @property
    def height(self) -> float:
        """Of all matrices."""
        return self.deep * self._step

    def at(self, layer: int, row: float, lane: float) -> tuple[float, float]:
        """Upper left corner of a cell, from the upper left corner of all."""
        down, right = divmod(layer, self.across)
        x = self.left + right * (self.lanes * self.wide + self.gap) + lane * self.wide
        return x, down * self._step + self.head + row * self.high

    def named(self, least: float) -> list[int]:
        """The lanes whose names have `least` of room each."""
        return list(range(0, self.lanes, max(1, ceil(least / self.wide))))

    def beginnings(self) -> list[int]:
        """The layers at the left of a row."""
        return list(range(0, self.layers, self.across))


def matrices(shown: Heatmap, **lengths: float) -> Matrices:
    """Where the cells of a heatmap of clusters stand; `lengths` as the attributes of `Matrices`."""
    return Matrices(len(shown.layers), len(shown.categories), len(shown.lanes), **lengths)
