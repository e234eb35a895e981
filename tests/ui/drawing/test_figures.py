"""Pictures as files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from mri_core.errors import UsageError
from tests.planted import HOSTILE
from tests.ui.evidence import tried
from tests.ui.pictures import COLOURS, ORIGIN, planted
from ui.drawing.answer_cells import Cells
from ui.drawing.comparison import Comparison, Contrast
from ui.drawing.effects import effect_of
from ui.drawing.figures.cells import cells_figure
from ui.drawing.figures.compare import compare_figure
from ui.drawing.figures.frame import save
from ui.drawing.figures.graph import drawn_figure, graph_figure
from ui.drawing.figures.interventions import interventions_figure
from ui.drawing.figures.layers import layers_figure
from ui.drawing.figures.matrix import shares_figure
from ui.drawing.heatmap import Heatmap, Mark, evenly
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.palette import NEUTRAL, category_colours
from ui.drawing.places import stacked as in_stacks
from ui.drawing.scene import Column, Key, Picture, Spot, Stroke, keys_of
from ui.drawing.view import View

LONG = [f"a category with quite a long name, number {i}" for i in range(15)]
READ = ["full activations", "regions", "random blocks", "shuffled labels"]
RISING = Panel("Rising", "bits", {"": [Point(i, i / 5) for i in range(3)]}, {})
PROBED = Panel(
    "Read",
    "accuracy",
    {"full": [Point(0, 0.7, 0.6, 0.8), Point(1, 0.8, 0.7, 0.9)], "regions": [Point(0, 0.5), Point(1, 0.6)]},
    {"chance": 0.25, "token embeddings": 0.7, "bag of words": 0.65},
)


def heat(categories: list[str], layers: int = 3, side: float | None = None) -> Heatmap:
    """Each category fills one region of each layer wholly, farther right the later it comes, and a second by half.

    Cells of a grid where a side is given, else of a matrix.
    """
    n = len(categories)
    marks = [
        Mark(
            "0", column, row, (row + 0.5) / n if side else row + n * by_half, 0.25 + by_half / 2, share, 1.0, ("word",)
        )
        for row in range(n)
        for column in range(layers)
        for by_half, y, share in ((0, 0.25, 1.0), (1, 0.75, 0.5))
    ]
    drawn = [Column(i, f"block {i}") for i in range(layers)]
    if side:
        return Heatmap(drawn, categories, marks, side)
    lanes = [str(i) for i in range(2 * n)]
    return Heatmap(
        drawn, categories, marks, None, lanes, frozenset((i, k) for i in range(layers) for k in range(2 * n))
    )


def contrast(layer: int, difference: float, low: float | None = None, high: float | None = None) -> Contrast:
    source, target = (Spot(f"L{layer + i}/R1", layer + i, "1", 5, "law", ("tax", HOSTILE[3])) for i in (0, 1))
    return Contrast(source, target, difference, int(difference < 0), low, high)


def forest(*rows: Contrast, sides: tuple[str, str] = ("law", "stars")) -> Comparison:
    return Comparison("Where they differ", "share of {0} − share of {1}", sides, rows)


def path(layers: int) -> list[Stroke]:
    """Along the first lane; no document takes the last step."""
    return [
        Stroke(f"{i}", f"L{i}/R0", f"L{i + 1}/R0", 1.0, "#0072B2", "", 0.9, dashed=i == layers - 2)
        for i in range(layers - 1)
    ]


def cells(across: list[str], down: list[str]) -> Cells:
    """Each value its place in the answer; the last is not known."""
    values = {(column, row): float(i) for i, (column, row) in enumerate(product(across, down))}
    return Cells(("layer", "category", "share"), across, down, {**values, (across[-1], down[-1]): None})


def pair(one: str, other: str) -> list[Key]:
    return keys_of(category_colours([one, other]))


def boxes(figure: Figure) -> list[tuple[str, np.ndarray]]:
    """Left, bottom, right and top of every word of a picture, in its own inches."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    unseen = {id(tick.label1) for axes in figure.axes for tick in beyond(axes)}
    words = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and id(t) not in unseen]
    return [(t.get_text(), t.get_window_extent(canvas.get_renderer()).extents / figure.dpi) for t in words]


def beyond(axes: Axes) -> list[Tick]:
    """Ticks that matplotlib keeps but does not draw."""
    ends = [(axis, *sorted(axis.get_view_interval())) for axis in (axes.xaxis, axes.yaxis)]
    return [tick for axis, low, high in ends for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: shares_figure(heat(LONG, 7)),
        lambda: shares_figure(heat(HOSTILE, 7, 0.1)),
        lambda: shares_figure(heat(["law"], 1)),
        lambda: graph_figure(planted(7, 9), COLOURS, View()),
        lambda: graph_figure(planted(31, 12, ("extraordinarily", "long", "words")), COLOURS, View()),
        lambda: graph_figure(planted(7, 24, tuple(HOSTILE[:3])), category_colours(LONG), View(category=LONG[0])),
        lambda: graph_figure(stacked(13, 20), category_colours(HOSTILE), View()),
        lambda: graph_figure(planted(2, 1), COLOURS, View(category="law")),
        lambda: compare_figure(
            forest(*(contrast(i, 0.5 - i / 10) for i in range(20)), sides=(LONG[0], LONG[1])), pair(*LONG[:2])
        ),
        lambda: compare_figure(forest(contrast(0, 0.5), sides=(HOSTILE[0], HOSTILE[1])), pair(*HOSTILE[:2])),
        lambda: drawn_figure(planted(7, 9), path(7), COLOURS, f"A dot is a region. {' '.join(LONG)} {HOSTILE[3]}."),
        lambda: cells_figure(cells([f"block {i}" for i in range(7)], LONG), "Colour: share (of its documents, 0 to 1)"),
        lambda: cells_figure(cells([f"block {i}" for i in range(31)], HOSTILE), f"Colour: {LONG[0]}"),
        lambda: layers_figure([RISING, PROBED]),
        lambda: interventions_figure([(name, effect_of(one)) for one in tried() for name in (LONG[0], HOSTILE[3])]),
        lambda: layers_figure([RISING, replace(PROBED, lines=dict.fromkeys(READ, PROBED.lines["full"]))]),
    ],
)
@pytest.mark.filterwarnings("ignore:Glyph .* missing")
def test_words_lie_within_the_picture_and_do_not_touch(figure: Callable[[], Figure]) -> None:
    drawn = figure()
    width, height = drawn.get_size_inches()
    assert width == 3.4
    found = boxes(drawn)
    for words, (left, bottom, right, top) in found:
        assert left >= 0, words
        assert bottom >= 0, words
        assert right <= width, words
        assert top <= height, words
    slack = 0.012  # a box has room above its letters and below
    for (one, a), (other, b) in combinations(found, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] - slack <= b[1] + slack or b[3] - slack <= a[1] + slack
        assert apart, (one, other)


def stacked(layers: int, lanes: int) -> Picture:
    """Regions in stacks of different height, whose rows are not those of their neighbours."""
    whole = planted(layers, lanes)
    spots = [spot for spot in whole.spots if int(spot.name) < lanes - spot.layer % 3]
    known = {spot.id for spot in spots}
    links = [link for link in whole.links if {link.source, link.target} <= known]
    return Picture(whole.columns, spots, links, in_stacks(spots, links))


@pytest.mark.parametrize("side", [0.5, None])
def test_a_heatmap_has_the_share_as_colour_and_every_category_has_a_row(side: float | None) -> None:
    figure = shares_figure(heat(["law", "stars"], 3, side))
    regions = figure.axes[0].collections[-1]
    assert sorted(set(regions.get_array())) == [0.5, 1.0]
    assert len(regions.get_paths()) == 12
    assert len({round(float(np.ptp(path.vertices[:, 0])), 6) for path in regions.get_paths()}) == 1
    assert {"law", "stars", "block 0", "block 1", "block 2"} <= {text for text, _ in boxes(figure)}


def test_of_many_layers_a_few_evenly_apart_are_drawn() -> None:
    assert evenly(range(31), 7) == [0, 5, 10, 15, 20, 25, 30]
    assert evenly([1, 2], 7) == [1, 2]


def test_a_graph_has_the_page_s_places_colours_and_connections() -> None:
    shown = planted(3, 4)
    figure = graph_figure(shown, COLOURS, View())
    lines, dots = figure.axes[0].collections
    assert isinstance(lines, LineCollection)
    assert len(lines.get_segments()) == len(shown.links)
    middles = [path.get_extents() for path in dots.get_paths()]
    across = [round((box.x0 + box.x1) / 2, 3) for box in middles]
    down = [round((box.y0 + box.y1) / 2, 3) for box in middles]
    assert len(set(across)) == 3
    assert len(set(down)) == 4
    assert [to_hex(colour).upper() for colour in dots.get_facecolors()] == [
        COLOURS[spot.dominant].upper() for spot in shown.spots
    ]


def test_every_layer_is_named_where_the_names_do_not_touch_and_some_evenly_apart_where_they_would() -> None:
    def named(layers: int) -> list[str]:
        words = [text for text, _ in boxes(graph_figure(planted(layers, 2), COLOURS, View()))]
        return [text for text in words if text.startswith("block ")]

    assert named(7) == [f"block {i}" for i in range(7)]
    few = [int(name.removeprefix("block ")) for name in named(31)]
    assert 3 <= len(few) < 31
    assert len(set(np.diff(few))) == 1


def test_a_drawing_has_its_own_lines_and_what_nothing_takes_is_dashed() -> None:
    lines = drawn_figure(planted(3, 4), path(3), COLOURS, "A path.").axes[0].collections[0]
    assert [to_hex(colour).upper() for colour in lines.get_colors()] == ["#0072B2"] * 2
    assert [dashes is not None for _, dashes in lines.get_linestyles()] == [True, False]  # the last is drawn first


def test_cells_have_the_answer_s_values_and_a_gap_where_there_is_none() -> None:
    drawn = cells_figure(cells(["block 0", "block 1"], ["law", "stars"]), "Colour: share").axes[0].collections[0]
    assert drawn.get_array().tolist() == [[0.0, 2.0], [1.0, None]]


def test_a_forest_has_differences_in_the_colour_of_who_takes_more_and_intervals_where_they_are_known() -> None:
    colours = pair("law", "stars")
    law, stars = (key.colour for key in colours)
    axes = compare_figure(forest(contrast(0, 0.4, 0.3, 0.5), contrast(1, -0.2)), colours).axes[0]
    dots = {float(line.get_xdata()[0]): line.get_color() for line in axes.lines if line.get_marker() == "o"}
    assert dots == {0.4: law, -0.2: stars}
    assert [0.3, 0.5] in [list(line.get_xdata()) for line in axes.lines]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top


def test_categories_of_one_colour_have_markers_of_their_own_in_a_forest_and_its_legend() -> None:
    figure = compare_figure(
        forest(contrast(0, 0.4), contrast(1, -0.2)), keys_of({"cat-00": "#0072B2", "cat-15": "#0072B2"})
    )
    dots = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", "")]
    assert [line.get_marker() for line in dots] == ["o", "s"]
    assert [handle.get_marker() for handle in figure.legends[0].get_lines()] == ["o", "s"]


def test_a_category_may_be_called_as_what_it_is_compared_with() -> None:
    figure = compare_figure(forest(contrast(0, 0.4)), [Key("the others", "#D55E00"), Key("the others", NEUTRAL)])
    assert [text for text, _ in boxes(figure)].count("the others") == 2


def test_each_line_of_a_panel_is_drawn_by_layer_with_its_interval_and_levels() -> None:
    rising, probed = layers_figure([RISING, PROBED]).axes
    assert rising.lines[0].get_xydata().tolist() == [[0, 0.0], [1, 0.2], [2, 0.4]]
    assert probed.lines[0].get_xydata().tolist() == [[0, 0.7], [1, 0.8]]
    assert [line.get_ydata()[0] for line in probed.lines[2:]] == [0.25, 0.7, 0.65]
    assert len({line.get_linestyle() for line in probed.lines[2:]}) == 3
    band = probed.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.6, 0.9)


def test_where_nothing_is_known_there_is_no_picture() -> None:
    with pytest.raises(UsageError, match="shows what is known"):
        layers_figure([])


def test_a_png_is_as_wide_as_a_column_and_replaces_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "layers.png"
    file.write_text("old")
    save(layers_figure([RISING]), file)
    assert struct.unpack(">I", file.read_bytes()[16:20]) == (round(3.4 * 300),)


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_vector_files_are_what_their_ending_says_and_the_same_each_time(
    tmp_path: Path, ending: str, start: bytes
) -> None:
    files = [tmp_path / f"{i}.{ending}" for i in range(2)]
    for file in files:
        save(layers_figure([RISING]), file)
    assert files[0].read_bytes().startswith(start)
    assert files[0].read_bytes() == files[1].read_bytes()
    if ending == "svg":
        assert "Rising" in files[0].read_text()


def test_a_figure_that_is_saved_again_is_the_same_picture(tmp_path: Path) -> None:
    figure = layers_figure([RISING, PROBED])
    files = [tmp_path / f"{place}.png" for place in range(3)]
    for file in files:
        save(figure, file, ORIGIN)
    assert len({file.read_bytes() for file in files}) == 1


def test_a_saved_picture_says_below_itself_and_in_its_file_where_it_comes_from(tmp_path: Path) -> None:
    figure = layers_figure([RISING])
    bare, png, svg, pdf = (tmp_path / name for name in ("bare.png", "one.png", "one.svg", "one.pdf"))
    for file in (png, svg, pdf):
        save(figure, file, ORIGIN)
    save(figure, bare)  # the words are of the file, not of the figure
    with Image.open(png) as picture, Image.open(bare) as other:
        assert picture.text["Study-ID"] == "news-0123abcd"  # type: ignore[attr-defined]
        assert picture.text["Software"] == "llm-mri-graph 9.9.9"  # type: ignore[attr-defined]
        assert (picture.width, picture.height) == (other.width, other.height + round((0.13 + 0.06) * 300))
        grown = np.asarray(picture.convert("L"))
        assert (grown[: other.height] == np.asarray(other.convert("L"))).all()
        assert grown[other.height :].min() < 128  # words
    assert re.search(
        r"<text [^>]*>news: minilm \(revision 0123456789ab\), n = 12,345 documents</text>", svg.read_text()
    )
    assert "Documents: 12345" in svg.read_text().partition("</metadata>")[0]
    info = pdf.read_bytes().decode("latin-1")
    assert "/Title (news)" in info
    assert "Model-Revision: 0123456789abcdef" in info


@pytest.mark.parametrize("figure", [layers_figure([RISING]), graph_figure(planted(), COLOURS, View())])
def test_a_long_model_and_a_hostile_one_stay_within_the_paper(tmp_path: Path, figure: Figure) -> None:
    hostile = replace(ORIGIN, study="a" * 100, model=f"owner/{HOSTILE[1]} $x^2$ {'long-name ' * 12}", revision="")
    save(figure, tmp_path / "long.svg", hostile)
    written = (tmp_path / "long.svg").read_text()
    assert "<script>" not in written
    assert "$x^2$" in written
    save(figure, tmp_path / "long.png", hostile)
    with Image.open(tmp_path / "long.png") as picture:
        assert picture.text["Model"] == hostile.model  # type: ignore[attr-defined]
        edge = np.asarray(picture.convert("L"))[-100:, -6:]
        assert edge.min() == 255


def test_hostile_names_are_words_of_a_vector_file(tmp_path: Path) -> None:
    file = tmp_path / "graph.svg"
    save(graph_figure(planted(words=tuple(HOSTILE[:3])), category_colours([*HOSTILE, "_hidden"]), View()), file)
    saved = file.read_text()
    assert "<script>" not in saved
    assert "&lt;script&gt;" in saved
    assert "_hidden" in saved
    assert "$e^x$" in saved
