"""The layered graph as a pyvis network, and as a file."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import networkx as nx
import pytest
from pyvis.network import Network

from tests.planted import HOSTILE
from tests.ui.pictures import COLOURS, ORIGIN, planted
from ui.drawing.export import as_graphml, as_html
from ui.drawing.foremost import by_evidence, by_shares, foremost
from ui.drawing.network import HEADER, NARROWEST, WIDTH, build_network, draw_network, legend, strokes
from ui.drawing.palette import NEUTRAL
from ui.drawing.places import stacked
from ui.drawing.scene import Key, Link, Picture, Stroke, keys_of, told
from ui.wording import found_again


def regions(network: Network) -> dict[str, dict[str, object]]:
    return {node["id"]: node for node in network.nodes if not node["id"].startswith("layer ")}


def test_every_region_and_every_connection_is_drawn_once() -> None:
    picture = planted()
    network = build_network(picture, COLOURS, "spread")
    assert set(regions(network)) == {spot.id for spot in picture.spots}
    assert {(edge["from"], edge["to"]) for edge in network.edges} == {(k.source, k.target) for k in picture.links}
    assert len(network.edges) == len(picture.links)


def test_a_chained_region_runs_straight_and_layers_run_from_left_to_right() -> None:
    drawn = regions(build_network(planted(), COLOURS, "spread"))
    assert drawn["L0/R2"]["y"] == drawn["L1/R2"]["y"] == drawn["L2/R2"]["y"]
    assert drawn["L0/R2"]["x"] < drawn["L1/R2"]["x"] < drawn["L2/R2"]["x"]


def test_more_documents_make_a_larger_dot_and_the_dominant_category_colours_it() -> None:
    drawn = regions(build_network(planted(), COLOURS, "spread"))
    sizes = [drawn[f"L0/R{k}"]["size"] for k in range(4)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    assert drawn["L0/R0"]["color"]["background"] == COLOURS["law"]
    assert drawn["L0/R1"]["color"]["background"] == COLOURS["stars"]


def test_the_measure_is_the_width_and_the_tint_the_colour() -> None:
    picture = planted()
    edges = {edge["id"]: edge for edge in build_network(picture, COLOURS, "spread").edges}
    widths = [edges[f"L0/R{k}>L1/R{k}"]["width"] for k in range(4)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[-1]
    assert edges["L0/R0>L1/R0"]["color"]["highlight"] == COLOURS["law"]
    assert edges["L0/R1>L1/R1"]["color"]["highlight"] == NEUTRAL
    assert len({edge["width"] for edge in build_network(picture, COLOURS, "documents").edges}) == 1


def test_a_line_that_nothing_takes_is_dashed_and_the_first_is_on_top() -> None:
    lines = [Stroke(f"{i}", f"L{i}/R0", f"L{i + 1}/R0", 1.0, "#0072B2", "", dashed=i == 1) for i in range(2)]
    edges = draw_network(planted(3, 2), lines, COLOURS).edges
    assert [(edge["id"], bool(edge["dashes"])) for edge in edges] == [("1", True), ("0", False)]


@pytest.mark.parametrize("layers", [2, 7, 13, 31])
@pytest.mark.parametrize("lanes", [6, 9, 12, 24])
def test_labels_do_not_touch_in_the_narrowest_container(layers: int, lanes: int) -> None:
    network = build_network(planted(layers, lanes, ("extraordinarily", "long", "words")), COLOURS, "spread")
    factor = NARROWEST / WIDTH
    boxes = []
    for node in regions(network).values():
        if node["label"].strip():
            half = len(node["label"]) * 5.6 / 2  # measured: 11 pixel letters are 5.6 wide on average
            top = node["y"] + node["size"] + 1
            boxes.append((node["x"] * factor - half, node["x"] * factor + half, top, top + 12))
    dots = [(n["x"] * factor, n["y"], n["size"]) for n in regions(network).values()]
    assert boxes
    assert min(left for left, *_ in boxes) >= 0
    assert max(right for _, right, *_ in boxes) <= NARROWEST
    for i, (left, right, top, bottom) in enumerate(boxes):
        assert not any(left < r and l < right and top < b and t < bottom for l, r, t, b in boxes[i + 1 :])  # noqa: E741
        assert not any(left < x < right and top < y - size + 1 < bottom for x, y, size in dots if y - size > top - 1)


@pytest.mark.parametrize(("layers", "lanes"), [(1, 1), (2, 1), (31, 24), (7, 60)])
def test_the_picture_lies_within_its_frame(layers: int, lanes: int) -> None:
    network = build_network(planted(layers, lanes), COLOURS, "spread")
    height = int(network.height.removesuffix("px"))
    for node in regions(network).values():
        assert 0 < node["x"] < WIDTH
        assert HEADER - 10 < node["y"] < height


def test_a_picture_without_connections_is_drawn() -> None:
    picture = planted()
    network = build_network(Picture(picture.columns, picture.spots, [], picture.places), COLOURS, "spread")
    assert network.edges == []
    assert build_network(Picture([], [], [], {}), {}, "spread").nodes == []


class Page(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "onerror")]
        if tag == "script":
            self.scripts.append("")
            self._in_script = True

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


def test_a_saved_picture_says_what_it_is_and_what_its_colours_mean() -> None:
    keys = keys_of(COLOURS)
    saved = as_html(build_network(planted(), COLOURS, "spread"), ORIGIN, "How texts go through it", keys)
    assert saved.count(">news</") == 2  # the title and the heading
    assert "How texts go through it" in saved
    assert all(f"color: {colour}" in saved and name in saved for name, colour in COLOURS.items())
    assert "<h1></h1>" not in saved
    assert ">news: minilm (revision 0123456789ab), n = 12,345 documents</p>" in saved
    metas = dict(re.findall(r'<meta name="([^"]+)" content="([^"]*)">', saved))
    assert metas["generator"] == "llm-mri-graph 9.9.9"
    assert (metas["Study-ID"], metas["Model-Revision"], metas["Documents"]) == (
        "news-0123abcd",
        "0123456789abcdef",
        "12345",
    )


def _link(layer: int, number: int, spread: float) -> Link:
    return Link(f"L{layer}/R{number}", f"L{layer + 1}/R{number}", 1, spread, "law", spread, "law")


def test_of_connections_that_tie_every_layer_gets_its_part_and_the_rest_is_counted() -> None:
    ahead = [_link(0, i, 0.9 - i / 10) for i in range(3)]
    tied = [_link(layer, 3 + i, 0.05) for layer in range(5) for i in range(10)]
    after = [_link(0, 90, 0.01)]
    layers = {link.source: int(link.source[1]) for link in (*ahead, *tied, *after)}
    drawn, ties = foremost([*ahead, *tied, *after], layers, 13, by_shares)
    assert drawn[:3] == ahead
    assert sorted(layers[link.source] for link in drawn[3:]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert ties == 40
    assert foremost([*ahead, *tied], layers, 100, by_shares) == ([*ahead, *tied], 0)


def test_findings_of_equal_stability_tie_only_where_their_intervals_end_alike() -> None:
    known = [(1.0, 0.9), (1.0, 0.4), (1.0, 0.4), (0.5, 0.4), (None, 2.0)]
    links = [
        replace(_link(layer, 0, 0.1), stability=stability, nearer=nearer, q=0.01)
        for layer, (stability, nearer) in enumerate(known)
    ]
    drawn, ties = foremost(links, {link.source: layer for layer, link in enumerate(links)}, 2, by_evidence)
    assert drawn == links[:2]
    assert ties == 1
    assert foremost(links, {link.source: 0 for link in links}, 4, by_evidence) == (links[:4], 0)


def test_a_line_has_the_colour_of_what_is_found_is_dashed_where_it_is_less_and_fainter_the_less_it_comes_back() -> None:
    whole = planted(2, 4)
    sure = [(0.8, False), (0.5, True), (0.1, False), (None, True)]
    links = [
        replace(link, tint="stars", less=less, found=("stars",), stability=stability)
        for link, (stability, less) in zip(whole.links, sure, strict=True)
    ]
    found = replace(whole, links=links, order="findings")
    lines = strokes(found, COLOURS, "spread")
    assert {line.colour for line in lines} == {COLOURS["stars"]}
    assert [line.dashed for line in lines] == [less for _, less in sure]
    often, half, seldom, unknown = (line.opacity for line in lines)
    assert often > half > seldom
    assert unknown == strokes(whole, COLOURS, "spread")[0].opacity
    named = {key.name: (key.form, key.opacity) for key in legend(found, COLOURS)}
    assert named["takes less"] == ("dashed", 1)
    assert [named[f"again in {share}"][1] for share in ("80% of refits", "half of refits", "fewer")] == [
        often,
        half,
        seldom,
    ]
    assert [key.name for key in legend(whole, COLOURS)] == list(COLOURS)


@pytest.mark.parametrize(
    ("purity", "dark", "fill"),
    [(1.0, False, "#0072B2"), (0.0, False, "#FFFFFF"), (0.5, False, "#80B8D8"), (0.0, True, "#0E1117")],
)
def test_a_dot_is_a_ring_in_the_category_s_colour_that_is_filled_as_far_as_the_category_has_it(
    purity: float, dark: bool, fill: str
) -> None:
    whole = planted()
    picture = replace(whole, spots=[replace(spot, dominance=0.5, purity=purity) for spot in whole.spots])
    colour = regions(build_network(picture, COLOURS, "spread", dark=dark))["L0/R0"]["color"]
    assert (colour["border"], colour["background"]) == (COLOURS["law"], fill)  # type: ignore[index]
    assert [key.form for key in legend(picture, {})] == ["dot", "ring"]
    assert "largest share: law (50%, every category weighing alike)" in picture.spots[0].told


@pytest.mark.parametrize(
    ("rows", "matched", "told"),
    [
        ([], True, ""),
        (
            [(0.8, True), (0.5, False), (0.49, True), (None, True)],
            True,
            "1 of 3 findings come back in at least 80% of the refits, 1 in fewer than half; of 1 other that is not "
            "known; 3 of 4 findings stay in their region from layer to layer, 1 move.",
        ),
        ([(None, True), (None, False)], True, "1 of 2 findings stay in their region from layer to layer, 1 move."),
        ([(1.0, True)], False, "1 of 1 findings come back in at least 80% of the refits, 0 in fewer than half."),
        ([(None, True)], False, ""),
    ],
)
def test_a_headline_says_how_many_findings_come_back_and_how_many_only_stay(
    rows: list[tuple[float | None, bool]], matched: bool, told: str
) -> None:
    assert found_again.told(found_again.counted(rows, matched=matched), "findings") == told


def test_hovering_tells_how_sure_a_finding_is() -> None:
    link = replace(_link(0, 1, 0.5), found=("law more",), q=0.012, stability=0.95)
    assert told(link).endswith("\nfound: law more; q 0.012; found again in 95% of refits")
    assert "q" not in told(replace(link, found=()))


def test_a_saved_picture_loads_nothing_and_holds_its_hostile_words_as_data() -> None:
    words = (*HOSTILE, "<a href='http://example.invalid'>")
    picture = planted(words=words)
    hostile = "</title><script>alert(1)</script>"
    saved = as_html(
        build_network(picture, COLOURS, "spread"),
        replace(ORIGIN, study=hostile, model=hostile),
        hostile,
        [Key(hostile, "#0072B2")],
    )
    page = Page()
    page.feed(saved)
    assert page.loads == []
    assert "img" not in page.tags
    assert not any(script.startswith(("document.title", "alert")) for script in page.scripts)
    assert "showPopup(nodeId)" not in saved  # pyvis's own tooltip would take a title for markup
    nodes = json.loads(re.search(r"nodes = new vis\.DataSet\((\[.*\])\);", saved).group(1))  # type: ignore[union-attr]
    assert any(HOSTILE[1] in node.get("title", "") for node in nodes)


def test_graphml_holds_every_region_and_connection_and_whatever_they_are_called() -> None:
    picture = planted(words=(*HOSTILE, "bell\x07", "null\x00"))
    graph = nx.read_graphml(io.BytesIO(as_graphml(picture)))
    assert set(graph.nodes) == {spot.id for spot in picture.spots}
    assert set(graph.edges) == {(link.source, link.target) for link in picture.links}
    assert graph.nodes["L1/R2"]["documents"] == 30
    assert graph.nodes["L1/R2"]["layer_name"] == "block 1"
    assert HOSTILE[1] in graph.nodes["L1/R2"]["keywords"]
    assert graph.edges["L0/R1", "L1/R1"]["difference_of_shares"] == 0.25


def test_labels_of_stacks_do_not_reach_the_dots_beside_them() -> None:
    whole = planted(7, 12, ("extraordinarily", "long", "words"))
    spots = [spot for spot in whole.spots if int(spot.name) < 12 - 3 * (spot.layer % 2)]
    known = {spot.id for spot in spots}
    links = [link for link in whole.links if {link.source, link.target} <= known]
    drawn_in_stacks = Picture(whole.columns, spots, links, stacked(spots, links))
    drawn = regions(build_network(drawn_in_stacks, COLOURS, "spread"))
    factor = NARROWEST / WIDTH
    labelled = [node for node in drawn.values() if node["label"].strip()]
    assert any(len(node["label"]) > 6 for node in labelled)
    for node in labelled:
        half, top = len(node["label"]) * 5.6 / 2, node["y"] + node["size"] + 1
        for other in drawn.values():
            if top < other["y"] + other["size"] - 1 and other["y"] - other["size"] + 1 < top + 12:
                assert abs(other["x"] - node["x"]) * factor >= half + other["size"] - 1


def test_a_picture_says_how_many_of_the_findings_it_draws() -> None:
    whole = planted()
    assert whole.left_out == ""
    drawn = len(whole.links)
    found = replace(whole, known=drawn + 36, order="findings")
    assert found.left_out.startswith(f"{drawn} of {drawn + 36} connections that are findings are drawn")
    assert "of at least 5000 connections are drawn" in replace(whole, known=5_000).left_out
    assert (replace(whole, known=4_999).is_counted, replace(whole, known=5_000).is_counted) == (True, False)
