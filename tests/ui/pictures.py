"""Pictures of the layered graph whose regions and connections are known."""

from __future__ import annotations

from ui.drawing.origin import Origin
from ui.drawing.palette import category_colours
from ui.drawing.places import in_lanes
from ui.drawing.scene import Column, Link, Picture, Spot

COLOURS = category_colours(["law", "stars"])
ORIGIN = Origin(
    "news", "news-0123abcd", "minilm", "0123456789abcdef", 12_345, "llm-mri-graph 0.1.0", "llm-mri-graph 9.9.9"
)


def planted(layers: int = 3, lanes: int = 4, words: tuple[str, ...] = ("star", "planet")) -> Picture:
    """Lanes that every document keeps; of each two neighbouring ones the upper is law's, the other that of stars."""
    columns = [Column(i, f"block {i}") for i in range(layers)]
    spots = [
        Spot(f"L{i}/R{k}", i, str(k), 10 * (k + 1), ("law", "stars")[k % 2], words)
        for i in range(layers)
        for k in range(lanes)
    ]
    links = [
        Link(f"L{i}/R{k}", f"L{i + 1}/R{k}", 10, 0.5 / (k + 1), ("law", "stars")[k % 2], 0.6, ("law", None)[k % 2])
        for k in range(lanes)
        for i in range(layers - 1)
    ]
    return Picture(columns, spots, links, in_lanes(spots, ()))
