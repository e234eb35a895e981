"""Would another half of the corpus show the same differences? ICC between halves of the deviations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mri_core.records import Measure
from mri_core.statistics.blocks import label_permutations, splits
from mri_core.statistics.tables import Tables, connection_tables

FEWEST = 10  # documents of a connection: of fewer a half sees next to none
HALVINGS = 100
SHUFFLES, SHUFFLE_HALVINGS = 20, 20


@dataclass(frozen=True)
class Reliability:
    """One value a step from a layer to the next; NaN where fewer than two connections have enough documents.

    Attributes:
        halves: ICC(A,1) between halves, mean over the halvings.
        whole: the same of the whole corpus, by Spearman–Brown.
        floor, floor_high: mean of `halves` under shuffled labels, and the largest of the shuffles.
        connections: with enough documents.
    """

    halves: np.ndarray
    whole: np.ndarray
    floor: np.ndarray
    floor_high: np.ndarray
    connections: np.ndarray


def reliability(
    codes: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray | None = None,
    halvings: int = HALVINGS,
    advance: Callable[[], None] = lambda: None,
) -> Reliability:
    """How alike two halves of the corpus find the categories' deviations, for each step, and shuffled labels beside it.

    A deviation is the share of a category's documents that take a connection, less the mean of all categories' shares.
    Raw shares would be reliable under shuffled labels too, as connections are used unlike by all.

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each; a category has two documents at least.
        categories: their number.
        seed: of halvings and shuffles.
        groups: (documents,) blocks that halvings and shuffles keep together.
        halvings: their number.
        advance: called after the halvings, and after each shuffle.
    """
    tables = connection_tables(codes)
    enough = tables.totals() >= FEWEST
    halves = _between_halves(tables, enough, labels, categories, seed, groups, halvings)
    advance()
    shuffled = []
    for number, permuted in enumerate(label_permutations(labels, SHUFFLES, seed, groups)):
        shuffled.append(_between_halves(tables, enough, permuted, categories, seed + number, groups, SHUFFLE_HALVINGS))
        advance()
    connections = tables.sums(enough.astype(np.int64))
    return Reliability(halves, spearman_brown(halves), np.mean(shuffled, axis=0), np.max(shuffled, axis=0), connections)


def agreement(ratings: np.ndarray) -> float:
    """ICC(A,1): absolute agreement of single ratings, two-way (McGraw and Wong 1996; ICC(2,1) of Shrout and Fleiss).

    Args:
        ratings: (targets, raters). NaN where there are fewer than two targets, or nothing varies.
    """
    targets, raters = ratings.shape
    if targets < 2:
        return float("nan")
    centred = ratings - ratings.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    between = raters * np.square(rows).sum() / (targets - 1)
    by_rater = targets * np.square(columns).sum() / (raters - 1)
    rest = np.square(centred - rows[:, None] - columns).sum() / ((targets - 1) * (raters - 1))
    spread = between + (raters - 1) * rest + raters / targets * (by_rater - rest)
    return float((between - rest) / spread) if spread > 0 else float("nan")


def spearman_brown(halves: np.ndarray) -> np.ndarray:
    """Reliability of the whole from that between its halves: 2r/(1 + r); r itself where the halves disagree.

    A negative r tells of no reliability that a longer corpus could have more of; stepped up it would pass −1.
    """
    return np.where(halves < 0, halves, 2 * halves / (1 + np.maximum(halves, 0)))


def reliability_measures(found: Reliability) -> list[Measure]:
    """A `reliability` for each step, by its first layer."""
    return [
        Measure(
            "reliability",
            _number(found.whole[layer]),
            layer,
            details={
                "halves": _number(found.halves[layer]),
                "floor": _number(found.floor[layer]),
                "floor_high": _number(found.floor_high[layer]),
                "connections": int(found.connections[layer]),
            }
            | (
                {"undefined": f"fewer than 2 connections have {FEWEST} documents"}
                if np.isnan(found.whole[layer])
                else {}
            ),
        )
        for layer in range(len(found.halves))
    ]


def _between_halves(
    tables: Tables,
    enough: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray | None,
    halvings: int,
) -> np.ndarray:
    """(steps,) mean over halvings of the deviations' agreement between halves."""
    counts, ends = tables.counts(labels, categories)[enough], np.cumsum(tables.sums(enough.astype(np.int64)))
    sizes = np.bincount(labels, minlength=categories)
    sums = np.zeros(len(tables.cell))
    for first in splits(labels, halvings, seed, groups):
        part = tables.counts(labels, categories, first)[enough]
        part_sizes = np.bincount(labels[first], minlength=categories)
        halves = _deviations(part, part_sizes), _deviations(counts - part, sizes - part_sizes)
        steps = np.split(np.stack(halves, axis=-1), ends[:-1])
        sums += [agreement(step.reshape(-1, 2)) for step in steps]
    return sums / halvings


def _deviations(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    shares = counts / np.maximum(sizes, 1)
    return shares - shares.mean(axis=1, keepdims=True)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
