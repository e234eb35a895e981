"""The larger charts of the page."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.planted import HOSTILE
from ui.drawing.heatmap import Heatmap, Mark
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.matrix import Matrices, matrices
from ui.drawing.palette import COLOURS
from ui.drawing.scene import Column
from ui.web.widgets.charts import Panels, heatmap_chart, lines_chart
from ui.web.widgets.matrix_chart import LENGTHS, matrix_chart


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (7, 6), (13, 15)])
def test_panels_are_square_lie_side_by_side_and_fit_a_laptop(columns: int, rows: int) -> None:
    panels = Panels(columns, rows)
    boxes = [panels.box(column, row, 0.5, 0.5, 1) for row in range(rows) for column in range(columns)]
    assert all(box["x2"] - box["x"] == pytest.approx(box["y2"] - box["y"]) for box in boxes)
    assert min(box["x"] for box in boxes) >= 0
    assert max(box["x2"] for box in boxes) <= panels.width <= 1120
    assert max(box["y2"] for box in boxes) <= panels.height
    for one, other in pairwise(boxes):
        assert one["x2"] < other["x"] or one["y2"] < other["y"]


LAYERS = [Column(0, "embedding"), Column(1, "block 1")]
PLACED = [(0.25, 0.75), (0.75, 0.25)]  # of cells
LANES = [(2, 0), (0, 0)]


def heat(at: list[tuple[float, float]], **of_atlas: Any) -> Heatmap:
    marks = [Mark("3", 1, 0, *at[0], 0.5, 1.5, tuple(HOSTILE)), Mark("4", 0, 1, *at[1], 1.0, 2.0, ())]
    return Heatmap(LAYERS, HOSTILE[:2], marks, **of_atlas)


def regions(chart: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The layer of the regions, and its rows."""
    drawn = chart.to_dict()
    layer = next(layer for layer in drawn["layer"] if "tooltip" in layer["encoding"])
    return layer, drawn["datasets"][layer["data"]["name"]]


def test_a_cell_fills_its_part_of_the_panel_and_names_are_data_only() -> None:
    layer, rows = regions(heatmap_chart(heat(PLACED, side=0.5)))
    panels = Panels(2, 2)
    assert layer["mark"]["type"] == "rect"
    assert [row["share"] for row in rows] == [0.5, 1.0]
    left, top = panels.at(0, 1)
    assert rows[1]["x"] == pytest.approx(left + panels.side / 2)
    assert rows[1]["x2"] == pytest.approx(left + panels.side)
    assert rows[1]["y"] == pytest.approx(top)
    assert rows[1]["category"] == HOSTILE[1]
    assert not any(name in str(layer) for name in HOSTILE)


def test_a_region_of_a_cluster_is_a_column_that_has_its_place_in_the_matrix_of_every_layer() -> None:
    present = frozenset({(0, 0), (1, 0), (1, 2)})
    shown = heat(LANES, lanes=["4", HOSTILE[0], "3"], present=present)
    _, rows = regions(matrix_chart(shown))
    places = matrices(shown, **LENGTHS)
    assert [(row["x"], row["y"]) for row in rows] == [places.at(1, 0, 2), places.at(0, 1, 0)]
    assert all(row["x2"] - row["x"] == pytest.approx(places.wide) for row in rows)
    drawn = matrix_chart(shown).to_dict()
    empty = drawn["datasets"][drawn["layer"][0]["data"]["name"]]
    assert len(empty) == 2 * len(present)  # a cell for each category, no region that is not there
    assert not any(name in str(drawn["layer"]) for name in HOSTILE)


@pytest.mark.parametrize(("layers", "rows", "lanes"), [(1, 1, 1), (13, 6, 24), (13, 15, 60), (7, 3, 150)])
def test_matrices_lie_side_by_side_and_fit_a_laptop(layers: int, rows: int, lanes: int) -> None:
    places = Matrices(layers, rows, lanes, **LENGTHS)
    corners = [places.at(layer, row, lane) for layer in range(layers) for row in range(rows) for lane in range(lanes)]
    assert len({(round(x, 6), round(y, 6)) for x, y in corners}) == len(corners)
    assert min(x for x, _ in corners) == LENGTHS["left"]
    assert max(x for x, _ in corners) + places.wide <= LENGTHS["room"] + 1e-6
    assert max(y for _, y in corners) + places.high <= places.height
    assert {x for layer in places.beginnings() for x, _ in [places.at(layer, 0, 0)]} == {LENGTHS["left"]}


def test_lines_have_their_colours_intervals_and_levels() -> None:
    panel = Panel("Read", "accuracy", {"full": [Point(0, 0.7, 0.6, 0.8)], "regions": [Point(0, 0.5)]}, {"chance": 0.25})
    drawn = lines_chart(panel, 3).to_dict()
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["area", "line", "rule", "point"]
    scale = drawn["layer"][1]["encoding"]["color"]["scale"]
    assert (scale["domain"], scale["range"]) == (["full", "regions"], [COLOURS[3], COLOURS[4]])
    level = drawn["layer"][2]
    assert drawn["datasets"][level["data"]["name"]] == [{"value": 0.25, "level": "chance"}]
    assert level["encoding"]["strokeDash"]["scale"]["domain"] == ["chance"]  # named in the legend: lines hide words
    plain = lines_chart(Panel("Rising", "bits", {"": [Point(0, 1.0), Point(1, 2.0)]}, {}), 0).to_dict()
    assert [layer["mark"]["type"] for layer in plain["layer"]] == ["line", "point"]
