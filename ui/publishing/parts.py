"""What the sections of a report are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ui.publishing.tables import DataTable


@dataclass(frozen=True)
class Drawn:
    """A figure.

    Attributes:
        svg: its drawing, made by `inline_svg`: markup.
        title: what it shows.
        caption: how it is read.
        method: heading of docs/method.md that describes more; "" for none.
        paper: whether its colours are made for a white ground.
    """

    svg: str
    title: str
    caption: str = ""
    method: str = ""
    paper: bool = False


@dataclass(frozen=True)
class Section:
    """A section whose parts stand in this order: sentences, figures, a table.

    Attributes:
        key: its address within the page.
        caption: what the table is, below it.
        method: heading of docs/method.md that describes more; "" for none.
    """

    key: str
    title: str
    sentences: Sequence[str] = ()
    figures: Sequence[Drawn] = ()
    table: DataTable | None = None
    caption: str = ""
    method: str = ""


@dataclass(frozen=True)
class Entry:
    """A region beside the graph.

    Attributes:
        layer: its layer's name.
        title: its number and words.
        told: its documents.
        connections: those that are drawn, each in a line: the other region's place in the list, and what is known.
    """

    layer: str
    title: str
    told: str
    connections: Sequence[tuple[int, str]] = field(default=())
