"""Layers of a grid lie as the layer before, however the axes of a layer happen to point."""

from __future__ import annotations

import numpy as np
import pytest

from ui.drawing.alignment import SYMMETRIES, aligned

PLACES = {(x, y): (x - 1.0, y - 1.0) for x in range(3) for y in range(3)}
TAKEN = {(0, 0): 5, (2, 0): 3, (1, 2): 9, (0, 1): 1}  # no symmetry of the square keeps these


@pytest.mark.parametrize("turn", range(len(SYMMETRIES)))
def test_a_layer_whose_axes_are_turned_or_mirrored_lies_as_the_one_before(turn: int) -> None:
    layers = [[f"{layer} {cell}" for cell in PLACES] for layer in range(3)]
    turns = (np.eye(2), SYMMETRIES[turn], np.eye(2))
    where = {
        f"{layer} {cell}": tuple((how @ np.array(place)).tolist())
        for layer, how in enumerate(turns)
        for cell, place in PLACES.items()
    }
    flows = {(f"{i} {cell}", f"{i + 1} {cell}"): float(count) for i in range(2) for cell, count in TAKEN.items()}
    found = aligned(layers, where, flows)
    for layer in range(3):
        assert {cell: found[f"{layer} {cell}"] for cell in PLACES} == PLACES
    assert found == aligned(layers, where, dict(reversed(flows.items())))


def test_the_symmetries_of_a_square_are_eight_and_the_first_changes_nothing() -> None:
    assert len({turn.tobytes() for turn in SYMMETRIES}) == 8
    assert all(np.array_equal(turn @ turn.T, np.eye(2)) for turn in SYMMETRIES)
    assert np.array_equal(SYMMETRIES[0], np.eye(2))


def test_where_nothing_tells_how_a_layer_lies_it_stays_as_it_is() -> None:
    where = {"a": (0.5, 0.25), "b": (-0.5, 0.25), "c": (0.0, 0.5)}
    assert aligned([["a", "b"], ["c"]], where, {}) == where
    assert aligned([["a", "b"], ["c"]], where, {("a", "c"): 3.0}) == where
    assert aligned([], {}, {}) == {}
