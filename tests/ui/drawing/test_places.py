"""Where the regions of a picture stand."""

from __future__ import annotations

from ui.drawing.layout import Cell
from ui.drawing.places import closed_up, in_lanes
from ui.drawing.scene import Spot

SPOTS = [Spot(f"L{layer}/R{name}", layer, name, 5, "law", ()) for layer in range(3) for name in "0123"]


def test_lanes_between_which_documents_move_are_neighbours() -> None:
    cells = in_lanes(SPOTS, (("0", "3", 40), ("3", "1", 20), ("1", "2", 30)))
    rows = {spot.name: cells[spot.id].row for spot in SPOTS}
    assert [abs(rows[one] - rows[other]) for one, other in ("03", "31", "12")] == [1, 1, 1]
    assert all(cells[spot.id] == Cell(spot.layer, rows[spot.name]) for spot in SPOTS)


def test_rows_and_columns_that_none_of_the_regions_shown_uses_are_closed() -> None:
    shown = [spot for spot in SPOTS if spot.layer != 1 and spot.name in "03"]
    cells = closed_up(shown, {spot.id: Cell(spot.layer, float(spot.name)) for spot in SPOTS})
    assert cells == {"L0/R0": Cell(0, 0), "L0/R3": Cell(0, 1), "L2/R0": Cell(1, 0), "L2/R3": Cell(1, 1)}
