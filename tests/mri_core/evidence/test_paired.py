"""Two readings of the same documents: what moved, what changed by more than chance, and what exceeds sham runs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest

from mri_core.evidence.paired import drift, exceeds, families, found_items
from mri_core.statistics.procedure import Procedure

CATEGORIES = 3


def readings(seed: int, moving: float = 0.2, documents: int = 240, layers: int = 4) -> tuple[np.ndarray, ...]:
    """Regions of two readings, of which the second differs at random, and labels."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 5, (documents, layers))
    others = np.where(random.random(codes.shape) < moving, random.integers(0, 5, codes.shape), codes)
    return codes, others, random.integers(0, CATEGORIES, documents)


def test_drift_is_the_share_of_documents_in_another_region() -> None:
    codes, others = np.array([[0, 1], [0, 1], [2, 1], [2, 1]]), np.array([[0, 1], [1, 1], [2, 0], [2, 0]])
    margins = np.array([[0.5, 0.1], [0.5, 0.1], [0.5, 0.4], [0.5, 0.4]])
    found = drift(codes, others, Procedure(np.array([0, 0, 1, 1]), 2), margins)
    assert found.moved.tolist() == [0.25, 0.5]
    assert found.by_category.tolist() == [[0.5, 0.0], [0.0, 1.0]]
    assert found.by_margin is not None
    assert found.by_margin.tolist() == pytest.approx([0.25, 0.8])


def test_equal_readings_have_no_family() -> None:
    codes, _, labels = readings(0)
    assert families(codes, codes, Procedure(labels, CATEGORIES)) == []


def test_every_item_is_counted_as_a_loop_over_the_documents_counts_it() -> None:
    codes, others, labels = readings(1)
    found = {family.kind: family for family in families(codes, others, Procedure(labels, CATEGORIES))}
    gained, lost, moves = Counter[tuple[int, ...]](), Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for before, after in zip(codes.tolist(), others.tolist(), strict=True):
        for layer, (old, new) in enumerate(zip(pairwise(before), pairwise(after), strict=True)):
            if old != new:
                gained[layer, *new] += 1
                lost[layer, *old] += 1
        for layer, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                moves[layer, one, other] += 1
    connections = found["connections"]
    for item, key in enumerate(zip(*(part.tolist() for part in ends(connections)), strict=True)):
        own = connections.changes.gained[item], connections.changes.lost[item]
        assert own == (gained[key], lost[key])
        assert connections.gained[item].sum() == gained[key]
    assert len(connections.layer) == len(gained.keys() | lost.keys())
    for item, (layer, low, high) in enumerate(zip(*(part.tolist() for part in ends(found["moves"])), strict=True)):
        assert low < high
        there, back = moves[layer, low, high], moves[layer, high, low]
        assert (found["moves"].changes.gained[item], found["moves"].changes.lost[item]) == (there, back)
        assert found["moves"].changes.p[item] == pytest.approx(binomtest(there, there + back).pvalue)


def ends(family) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return family.layer, family.first, family.second


def test_a_planted_move_is_found_with_its_direction_and_its_category() -> None:
    codes, others, labels = readings(2, moving=0.05)
    movers = np.flatnonzero((codes[:, 2] == 1) & (labels == 0))
    others[movers, 2] = 4
    moves = next(f for f in families(codes, others, Procedure(labels, CATEGORIES)) if f.kind == "moves")
    first = int(found_items(moves)[0])
    assert (moves.layer[first], moves.first[first], moves.second[first]) == (2, 1, 4)
    assert moves.changes.effect[first] > 0
    assert moves.gained[first, 0] >= len(movers)
    assert moves.unlike_q[first] <= 0.05


def test_a_move_that_all_categories_make_alike_is_no_difference_between_them() -> None:
    codes, others, labels = readings(3, moving=0.0)
    moving = (codes[:, 1] == 2) & (np.arange(len(codes)) % 2 == 0)
    others[moving, 1] = 3
    moves = next(f for f in families(codes, others, Procedure(labels, CATEGORIES)) if f.kind == "moves")
    assert len(found_items(moves)) == 1
    assert moves.unlike_q[0] > 0.05


@pytest.mark.slow  # an error rate, by simulation
def test_readings_exchanged_at_random_are_seldom_called_a_change() -> None:
    called = []
    for seed in range(60):
        codes, others, labels = readings(seed)
        swap = np.random.default_rng(seed).random(len(codes)) < 0.5
        first, second = np.where(swap[:, None], others, codes), np.where(swap[:, None], codes, others)
        called.append([family.changes.passed > 0 for family in families(first, second, Procedure(labels, CATEGORIES))])
    assert (np.mean(called, axis=0) <= 0.12).all()


def test_the_unit_of_what_exceeds_the_sham_is_the_run() -> None:
    real, sham = [np.array([0.5, 0.1]), np.array([0.6, 0.2])], [np.array([0.2, 0.2]), np.array([0.1, 0.1])]
    difference, p, least = exceeds(real, sham)
    assert difference == pytest.approx([0.4, 0.0])
    assert least == pytest.approx(1 / 6)
    assert p[0] == pytest.approx(1 / 6)
    assert p[1] > 0.5


def test_of_many_runs_a_sample_of_the_relabellings_is_taken() -> None:
    random = np.random.default_rng(0)
    real, sham = ([random.normal(mean, 1, 2) for _ in range(12)] for mean in (3, 0))
    difference, p, least = exceeds(real, sham)
    assert least < 1e-4
    assert (p <= 2 * least).all()
    assert difference == pytest.approx(np.mean(real, axis=0) - np.mean(sham, axis=0))
