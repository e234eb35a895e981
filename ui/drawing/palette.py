"""One colour a category, the same on every page, told apart with colour-blind eyes and on light and dark ground."""

from __future__ import annotations

from collections.abc import Iterable

# Okabe and Ito (2008) without black, which a dark page swallows; then those of Paul Tol's "muted" and "light" schemes
# that neither white nor near-black swallows.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#F0E442",
    "#999933",
    "#AA4499",
    "#77AADD",
    "#CC6677",
    "#44AA99",
    "#DDCC77",
    "#117733",
    "#BBBBBB",
)
ABOVE, BELOW = "#D6604D", "#4393C3"  # differences, by their sign: of ColorBrewer's RdBu, safe for colour-blind eyes
NEUTRAL = "#7F7F7F"  # as far from white as from a dark page


def category_colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each category, by sorted name; beyond the palette's end colours come round again."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(sorted(set(names)))}


def repeated(count: int, what: str = "categories") -> str:
    """That colours come round again, in a sentence; "" where each category, or other thing, has one of its own."""
    if count <= len(COLOURS):
        return ""
    return f"{count} {what} share {len(COLOURS)} colours: the legend names those of one colour together."


def mixed(colour: str, ground: str, part: float) -> str:
    """A colour over another: `part` of it from 0 to 1, all of these `#RRGGBB`."""
    pairs = ((int(one[i : i + 2], 16) for one in (colour, ground)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(own * part + under * (1 - part)):02X}" for own, under in pairs)


def ground(*, dark: bool) -> str:
    """Behind a chart."""
    return "#0E1117" if dark else "#FFFFFF"


def ink(*, dark: bool) -> str:
    """Of words within a chart: the page's theme colours axes and titles only."""
    return "#FAFAFA" if dark else "#31333F"


def translucent(colour: str, opacity: float) -> str:
    """`#RRGGBB` as CSS `rgba(…)` with an opacity from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:.2f})"
