"""A layer's grid turned or mirrored to lie as that of the layer before: signs and order of its axes are chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Place = tuple[float, float]

# Of the square: signs of the axes, and their order. The first changes nothing.
SYMMETRIES = tuple(
    np.array([[right, 0], [0, down]])[:, order] for order in ([0, 1], [1, 0]) for right in (1, -1) for down in (1, -1)
)
TIE = 1e-9  # of the greatest agreement: what differs less is equal


def aligned(
    layers: Sequence[Sequence[str]], places: Mapping[str, Place], flows: Mapping[tuple[str, str], float]
) -> dict[str, Place]:
    """Places of the cells, layer by layer as near as can be to where their documents were.

    Orthogonal Procrustes (Schönemann 1966) over the eight symmetries of a square, by the documents that go from cell
    to cell: principal axes are defined but for their sign, and change their order where they explain alike. Of
    symmetries that fit alike the first is taken, which changes the least.

    Args:
        layers: the cells of each.
        places: of the cells, from the middle of their panel.
        flows: documents that go from a cell to a cell of the next layer.
    """
    found = {cell: places[cell] for cell in layers[0]} if layers else {}
    arriving: dict[str, list[tuple[str, float]]] = {}
    for (source, target), weight in flows.items():
        arriving.setdefault(target, []).append((source, weight))
    for cells in layers[1:]:
        turn = _best(cells, places, found, arriving)
        found |= {cell: _turned(turn, places[cell]) for cell in cells}
    return found


def _best(
    cells: Sequence[str],
    places: Mapping[str, Place],
    before: Mapping[str, Place],
    arriving: Mapping[str, Sequence[tuple[str, float]]],
) -> np.ndarray:
    """The symmetry under which the cells agree the most with where their documents come from."""
    pairs = [
        (places[cell], before[source], weight)
        for cell in cells
        for source, weight in arriving.get(cell, ())
        if source in before
    ]
    if not pairs:
        return SYMMETRIES[0]
    here, there, weights = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    here, there = (side - np.average(side, axis=0, weights=weights) for side in (here, there))
    agreement = [float((weights[:, None] * (here @ turn.T) * there).sum()) for turn in SYMMETRIES]
    most = max(agreement)
    return SYMMETRIES[next(i for i, value in enumerate(agreement) if value >= most - TIE * max(abs(most), 1))]


def _turned(turn: np.ndarray, place: Place) -> Place:
    x, y = (turn @ np.array(place)).tolist()
    return x, y
