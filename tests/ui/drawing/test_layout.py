"""Where the regions of a layered graph stand."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.drawing.layout import Cell, lane_order, lanes, natural, stacks


def length(order: list[str], moves: dict[tuple[str, str], float]) -> float:
    return sum(weight * abs(order.index(a) - order.index(b)) for (a, b), weight in moves.items())


def test_a_chain_of_moves_becomes_neighbouring_lanes() -> None:
    chain = ["4", "0", "7", "2", "9", "1"]
    moves = dict.fromkeys(pairwise(chain), 5.0)
    order = lane_order(chain, moves)
    assert order in (chain, chain[::-1])


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_lanes_is_nearly_the_shortest_there_is(seed: int) -> None:
    generator = np.random.default_rng(seed)
    names = [str(i) for i in range(6)]
    moves = {(a, b): float(generator.pareto(1)) for a, b in permutations(names, 2)}
    shortest = min(length(list(order), moves) for order in permutations(names))
    assert length(lane_order(names, moves), moves) <= 1.1 * shortest


def test_the_order_of_lanes_does_not_depend_on_the_order_of_the_input() -> None:
    generator = np.random.default_rng(0)
    names = [str(i) for i in range(12)]
    moves = {(a, b): float(generator.random()) for a, b in permutations(names, 2)}
    again = dict(sorted(moves.items(), reverse=True))
    assert lane_order(names, moves) == lane_order(reversed(names), again)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(0, 15).map(str), st.integers(0, 15).map(str)), st.floats(0, 1e6), max_size=60)
)
def test_every_lane_is_there_once_whatever_moves(moves: dict[tuple[str, str], float]) -> None:
    names = [str(i) for i in range(16)]
    assert sorted(lane_order(names, moves)) == sorted(names)


def test_a_region_keeps_its_lane_through_all_layers() -> None:
    regions = {f"L{layer}/R{name}": (layer, name) for layer in (2, 3, 5) for name in "abc"}
    cells = lanes(regions, ["b", "c", "a"])
    assert {cells[f"L{layer}/Ra"].row for layer in (2, 3, 5)} == {2.0}
    assert [cells[f"L{layer}/Ra"].column for layer in (2, 3, 5)] == [0, 1, 2]


def test_stacked_regions_are_ordered_so_that_planted_connections_do_not_cross() -> None:
    mirror = {"0": "3", "1": "2", "2": "1", "3": "0"}
    regions = {f"L{layer}/R{name}": (layer, name) for layer in range(3) for name in "0123"}
    links = {(f"L0/R{name}", f"L1/R{other}"): 1.0 for name, other in mirror.items()}
    links |= {(f"L1/R{name}", f"L2/R{other}"): 1.0 for name, other in mirror.items()}
    cells = stacks(regions, links)
    assert all(cells[source].row == cells[target].row for source, target in links)


def crossings(cells: dict[str, Cell], links: dict[tuple[str, str], float]) -> int:
    """Pairs of connections between the same two layers that cross."""
    ends = [(cells[a].column, cells[a].row, cells[b].row) for a, b in links]
    return sum(one[0] == two[0] and (one[1] - two[1]) * (one[2] - two[2]) < 0 for one, two in combinations(ends, 2))


def test_of_scrambled_strands_that_fork_few_connections_cross() -> None:
    generator = np.random.default_rng(2)
    names = [generator.permutation(12) for _ in range(6)]
    regions = {f"L{layer}/R{i}": (layer, str(names[layer][i])) for layer in range(6) for i in range(12)}
    ends = [(layer, i, i + fork) for layer in range(5) for i in range(12) for fork in (0, 1) if i + fork < 12]
    links = {(f"L{layer}/R{i}", f"L{layer + 1}/R{j}"): 2.0 - (j - i) for layer, i, j in ends}
    scrambled = {key: Cell(layer, float(name)) for key, (layer, name) in regions.items()}
    assert crossings(stacks(regions, links), links) < crossings(scrambled, links) / 4


def test_no_two_regions_of_a_layer_share_a_row() -> None:
    generator = np.random.default_rng(1)
    regions = {f"L{layer}/R{name}": (layer, str(name)) for layer in range(4) for name in range(3 + 2 * layer)}
    links = {(a, b): float(generator.random()) for a in regions for b in regions if regions[b][0] == regions[a][0] + 1}
    cells = stacks(regions, links)
    for layer in range(4):
        rows = sorted(cell.row for cell in cells.values() if cell.column == layer)
        assert min(np.diff(rows)) >= 0.99


def test_nothing_is_laid_out_as_nothing() -> None:
    assert stacks({}, {}) == {}
    assert lanes({}, []) == {}
    assert lane_order([], {}) == []


def test_a_lone_region_has_a_cell() -> None:
    assert stacks({"L4/R0": (4, "0")}, {}) == {"L4/R0": Cell(0, 0.0)}


def test_names_sort_as_numbers_do() -> None:
    assert sorted(["10", "2", "2-10", "2-9"], key=natural) == ["2", "2-9", "2-10", "10"]
