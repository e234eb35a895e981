"""The colours of the categories."""

from __future__ import annotations

import pytest

from ui.drawing.palette import COLOURS, NEUTRAL, category_colours, repeated, translucent
from ui.drawing.scene import keys_by_colour, keys_of


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_category_has_its_colour_whatever_the_order() -> None:
    assert category_colours(["b", "a", "c"]) == category_colours(["c", "b", "a", "a"])
    assert list(category_colours(["b", "a"])) == ["a", "b"]


def test_as_many_categories_as_colours_are_told_apart() -> None:
    colours = category_colours(str(i) for i in range(len(COLOURS)))
    assert len(set(colours.values())) == len(COLOURS)
    assert len(category_colours(str(i) for i in range(100))) == 100


def test_more_categories_than_colours_are_said_and_every_name_is_in_the_legend() -> None:
    names = [f"cat-{i:02}" for i in range(30)]
    keys = keys_by_colour(category_colours(names))
    assert len(keys) == len({key.colour for key in keys}) == len(COLOURS) == 15
    assert keys[0].name == "cat-00 or cat-15"
    assert sorted(name for key in keys for name in key.name.split(" or ")) == names
    assert repeated(30) == "30 categories share 15 colours: the legend names those of one colour together."
    assert repeated(15) == ""


def test_dots_of_one_colour_differ_by_their_marker() -> None:
    keys = keys_of(category_colours(str(i) for i in range(100)))
    assert len({(key.colour, key.marker) for key in keys}) == 100


@pytest.mark.parametrize("colour", [*COLOURS, NEUTRAL])
@pytest.mark.parametrize(("ground", "least"), [("#FFFFFF", 1.25), ("#191917", 2.0)])
def test_a_colour_stands_out_from_a_light_and_a_dark_page(colour: str, ground: str, least: float) -> None:
    assert contrast(colour, ground) >= least


def test_a_translucent_colour_keeps_its_parts() -> None:
    assert translucent("#0072B2", 0.5) == "rgba(0,114,178,0.50)"
