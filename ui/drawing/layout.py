"""Where the regions of a layered graph stand: layers are columns, rows are found here. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

SWEEPS = 16  # there and back eight times; of a scrambled grid, 8 leave up to a fifth more crossings, 40 hardly fewer


class Cell(NamedTuple):
    """A place in the picture: the column is the layer's position, the row is counted from the top."""

    column: int
    row: float


def lane_order(names: Iterable[str], moves: Mapping[tuple[str, str], float]) -> list[str]:
    """One order of the lanes for all layers in which strong moves are short.

    Spectral seriation (Atkins, Boman and Hendrickson 1998): by the Fiedler vector of the moves between two lanes,
    both directions added; then lane after lane goes where the moves are shortest.

    Args:
        names: the lanes.
        moves: weight moved from one lane to another, over all layers; staying counts for nothing.
    """
    lanes = sorted(set(names), key=natural)
    if len(lanes) < 3:
        return lanes
    number = {name: i for i, name in enumerate(lanes)}
    weight = np.zeros((len(lanes), len(lanes)))
    for (source, target), moved in moves.items():
        if source != target:
            weight[number[source], number[target]] += moved
            weight[number[target], number[source]] += moved
    return [lanes[i] for i in _settle(_seriate(weight), weight)]


def lanes(regions: Mapping[str, tuple[int, str]], order: Sequence[str]) -> dict[str, Cell]:
    """Cells of chained regions: each keeps the row of its name through all layers.

    Args:
        regions: layer and name of each region, by id.
        order: the names from top to bottom.
    """
    columns = _columns(layer for layer, _ in regions.values())
    row = {name: float(i) for i, name in enumerate(order)}
    return {key: Cell(columns[layer], row[name]) for key, (layer, name) in regions.items()}


def stacks(regions: Mapping[str, tuple[int, str]], links: Mapping[tuple[str, str], float]) -> dict[str, Cell]:
    """Cells of regions that have no lanes: each layer ordered by barycentre, sweeping there and back.

    Sugiyama, Tagawa and Toda (1981). Layers with fewer regions are centred.

    Args:
        regions: layer and name of each region, by id.
        links: weight of each connection, by the ids of its ends.
    """
    columns = _columns(layer for layer, _ in regions.values())
    stack: dict[int, list[str]] = defaultdict(list)
    for key in sorted(regions, key=lambda k: natural(regions[k][1])):
        stack[columns[regions[key][0]]].append(key)
    if not stack:
        return {}
    tallest = max(map(len, stack.values()))
    before, after = _neighbours(regions, links)
    rows = {key: row for keys in stack.values() for key, row in _centred(keys, tallest)}
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        for column in sorted(stack, reverse=not forwards):
            pull = before if forwards else after
            stack[column].sort(key=lambda key, pull=pull: _barycentre(key, pull, rows))  # type: ignore[misc]
            rows.update(_centred(stack[column], tallest))
    return {key: Cell(column, rows[key]) for column, keys in stack.items() for key in keys}


def free_width(
    column: int, top: float, height: float, dots: Mapping[int, Sequence[tuple[float, float]]], gap: float, stride: int
) -> float:
    """How wide a label may be before it meets a dot of another column, or half the way to the next label.

    Where regions keep their row, no dot stands at the height of a label; in stacks one may.

    Args:
        column: that of the label, in whose middle it stands.
        top, height: of the label.
        dots: height of the middle, and radius, of the dots of each column.
        gap: from a column to the next.
        stride: every how many columns there are labels.
    """
    free = stride * gap
    for step in range(1, stride + 1):
        for beside in (column - step, column + step):
            for middle, radius in dots.get(beside, ()):
                if top < middle + radius and middle < top + height:
                    free = min(free, 2 * (step * gap - radius))
    return free


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key under which "2" comes before "10", and "2-10" after "2-9"."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in name.split("-"))


def _columns(layers: Iterable[int]) -> dict[int, int]:
    return {layer: column for column, layer in enumerate(sorted(set(layers)))}


def _seriate(weight: np.ndarray) -> list[int]:
    """Order by the Fiedler vector; a faint tie between all pairs keeps parts without moves together and in order."""
    weight = weight + (1e-6 * weight.max() or 1.0) * (1 - np.eye(len(weight)))
    laplacian = np.diag(weight.sum(axis=0)) - weight
    fiedler = np.linalg.eigh(laplacian)[1][:, 1].round(9)
    if fiedler[np.flatnonzero(fiedler)[0]] > 0:  # an eigenvector has no sign: the lowest number goes to the top
        fiedler = -fiedler
    return [int(i) for i in np.argsort(fiedler, kind="stable")]


def _settle(order: list[int], weight: np.ndarray) -> list[int]:
    """Puts lane after lane where the sum of weight × distance is least, until none moves any more."""
    for _ in range(len(order)):
        before = order
        for lane in before:
            order = _put_best(lane, order, weight)
        if order == before:
            break
    return order


def _put_best(lane: int, order: list[int], weight: np.ndarray) -> list[int]:
    rest = [other for other in order if other != lane]
    among = np.triu(weight[np.ix_(rest, rest)])
    parted = np.cumsum([0.0, *(among.sum(axis=1) - among.sum(axis=0))])  # pairs it stands between
    places, others = np.ogrid[: len(order), : len(rest)]
    distance = np.abs(others + (others >= places) - places)
    cost = parted + distance @ weight[lane, rest]
    here = order.index(lane)
    best = int(cost.argmin())
    if cost[best] > cost[here] - 1e-9 * (1 + cost[here]):
        best = here
    return [*rest[:best], lane, *rest[best:]]


def _centred(keys: Sequence[str], tallest: int) -> list[tuple[str, float]]:
    gap = tallest / len(keys)
    return [(key, (i + 0.5) * gap - 0.5) for i, key in enumerate(keys)]


Pull = Mapping[str, Sequence[tuple[str, float]]]


def _neighbours(regions: Mapping[str, object], links: Mapping[tuple[str, str], float]) -> tuple[Pull, Pull]:
    before: dict[str, list[tuple[str, float]]] = defaultdict(list)
    after: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (source, target), weight in sorted(links.items()):
        if source in regions and target in regions:
            before[target].append((source, weight))
            after[source].append((target, weight))
    return before, after


def _barycentre(key: str, pull: Pull, rows: Mapping[str, float]) -> float:
    """Mean row of a region's neighbours on one side, by weight; its own row where it has none."""
    neighbours = pull.get(key, ())
    total = sum(weight for _, weight in neighbours)
    return sum(rows[k] * weight for k, weight in neighbours) / total if total else rows[key]
