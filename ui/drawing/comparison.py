"""The rows of a forest for print: connections, and how differently categories take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.drawing.scene import Spot


@dataclass(frozen=True, slots=True)
class Contrast:
    """A connection, and how much more a category takes it; below 0, less.

    Attributes:
        tint: place of its colour in the legend.
        low, high: the interval of the difference, where it has one.
    """

    source: Spot
    target: Spot
    difference: float
    tint: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Rows of a forest from the top down.

    Attributes:
        title: what they are, and why in this order.
        unit: what the differences are, of what is compared as `{0}` and `{1}`.
        sides: what is compared.
    """

    title: str
    unit: str
    sides: tuple[str, str]
    rows: Sequence[Contrast]
