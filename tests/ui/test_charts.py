"""The larger charts of the page."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.planted import HOSTILE
from ui.charts import BIGGEST, Panels, heatmap_chart, lines_chart
from ui.heatmap import Heatmap, Mark
from ui.layer_lines import Panel, Point
from ui.palette import COLOURS
from ui.scene import Column


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


def heat(side: float | None) -> Heatmap:
    marks = [Mark("3", 1, 0, 0.25, 0.75, 0.5, 1.5, tuple(HOSTILE)), Mark("4", 0, 1, 0.75, 0.25, 1.0, 2.0, ())]
    return Heatmap([Column(0, "embedding"), Column(1, "block 1")], HOSTILE[:2], [(0, 0.5, 0.5)], marks, side)


def regions(side: float | None) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The layer of the regions, and its rows."""
    drawn = heatmap_chart(heat(side)).to_dict()
    layer = next(layer for layer in drawn["layer"] if "tooltip" in layer["encoding"])
    return layer, drawn["datasets"][layer["data"]["name"]]


def test_a_cell_fills_its_part_of_the_panel_and_names_are_data_only() -> None:
    layer, rows = regions(0.5)
    panels = Panels(2, 2)
    assert layer["mark"]["type"] == "rect"  # type: ignore[index]
    assert [row["share"] for row in rows] == [1.0, 0.5]
    left, top = panels.at(0, 1)
    assert rows[0]["x"] == pytest.approx(left + panels.side / 2)
    assert rows[0]["x2"] == pytest.approx(left + panels.side)
    assert rows[0]["y"] == pytest.approx(top)
    assert rows[0]["category"] == HOSTILE[1]
    assert not any(name in str(layer) for name in HOSTILE)


def test_a_bubble_stands_at_its_centre_and_the_largest_fits_its_panel() -> None:
    layer, rows = regions(None)
    panels = Panels(2, 2)
    assert layer["mark"]["type"] == "circle"  # type: ignore[index]
    assert (rows[1]["x"], rows[1]["y"]) == pytest.approx(panels.at(1, 0, 0.25, 0.75))
    largest = layer["encoding"]["size"]["scale"]["range"][1]  # type: ignore[index]
    assert (largest / 3.141592653589793) ** 0.5 == pytest.approx(BIGGEST * panels.side)


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
