"""A figure of Matplotlib within a page: hostile words stay words, and names of its parts are its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from matplotlib.figure import Figure

from tests.planted import HOSTILE
from ui.drawing.figures.layers import layers_figure
from ui.drawing.layer_lines import Panel, Point
from ui.publishing.inline_svg import inline_svg


class Seen(HTMLParser):
    """The elements of a page, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs


def drawn(name: str, words: str = "plain") -> str:
    figure = Figure()
    figure.text(0.1, 0.1, words)
    axes = figure.add_subplot()
    axes.plot([0, 1], [1, 0], marker="o")
    return inline_svg(figure, name, words)


def test_hostile_words_make_no_element_and_no_attribute_that_runs() -> None:
    for words in HOSTILE:
        seen = Seen(drawn("figure", words))
        assert seen.names <= {"svg", "defs", "g", "path", "text", "tspan", "use", "clippath", "rect"}
        assert not any(name.startswith("on") or "javascript:" in (value or "") for name, value in seen.attributes)


def test_two_figures_of_a_page_share_no_name_and_point_at_their_own_parts() -> None:
    one, other = drawn("one"), drawn("other")
    names = [set(re.findall(r'\bid="([^"]+)"', page)) for page in (one, other)]
    assert names[0]
    assert names[0].isdisjoint(names[1])
    pointed = set(re.findall(r'href="#([^"]+)"', one)) | set(re.findall(r"url\(#([^)]+)\)", one))
    assert pointed
    assert pointed <= names[0]


def test_ground_and_ink_are_the_page_s_and_nothing_is_named_outside() -> None:
    page = drawn("figure")
    assert "#ffffff" not in page
    assert "var(--paper)" in page
    assert "http" not in page
    assert "<style" not in page


def test_the_alternative_text_is_an_attribute_whatever_it_holds() -> None:
    (label,) = [value for name, value in Seen(drawn("figure", HOSTILE[6])).attributes if name == "aria-label"]
    assert label == HOSTILE[6]


def test_a_legend_of_long_names_has_a_row_for_each() -> None:
    points = [Point(0, 1.0), Point(1, 2.0)]
    heights = [
        layers_figure([Panel("title", "unit", {name: points, f"{name}2": points}, {})]).get_size_inches()[1]
        for name in ("short", "a name that is as long as half of the picture is wide")
    ]
    assert heights[1] > heights[0]
