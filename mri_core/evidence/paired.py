"""Two readings of the same documents in the regions of one atlas: who moved, and what changed by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from mri_core.records.measures import ALPHA
from mri_core.statistics.discordant import Changes, Discordant, find_changes
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import paired_tables

RELABELLINGS = 20_000  # of runs, at most
KINDS = ("regions", "connections", "moves")  # families of items


@dataclass(frozen=True)
class Drift:
    """How many documents changed region, by layer.

    Attributes:
        moved: (layers,) share of all documents.
        by_category: (layers, categories) of each category's.
        by_margin: (layers,) share of the moved documents in the sum of all margins in the second reading, so that a
            document counts by how far from the border it is; None if margins are unknown.
    """

    moved: np.ndarray
    by_category: np.ndarray
    by_margin: np.ndarray | None


@dataclass(frozen=True)
class Family:
    """Items of one kind that some document has in one reading only, with their tests.

    Attributes:
        kind: one of `KINDS`. A document that moves from one region to another loses and gains a region; of a move
            between two regions, those that go from the first to the second have gained it, and the others lost it.
        layer: (items,) of the region, of the connection's source, of the move.
        first, second: (items,) codes: of a connection its ends, of a move its two regions; of a region twice the same.
        changes: the tests of all documents together.
        gained, lost: (items, categories) documents.
        unlike_q: (items,) q that the categories differ in gaining it or in losing it, twice the smaller of the two.
    """

    kind: str
    layer: np.ndarray
    first: np.ndarray
    second: np.ndarray
    changes: Changes
    gained: np.ndarray
    lost: np.ndarray
    unlike_q: np.ndarray


def drift(codes: np.ndarray, others: np.ndarray, procedure: Procedure, margins: np.ndarray | None = None) -> Drift:
    """How many documents changed region.

    Args:
        codes, others: (documents, layers) regions in the two readings, of one atlas.
        procedure: with the documents' labels.
        margins: (documents, layers) in the second reading.
    """
    moved = codes != others
    sizes = np.bincount(procedure.labels, minlength=procedure.categories)
    by_category = np.stack(
        [np.bincount(procedure.labels, own, minlength=procedure.categories) / sizes for own in moved.T]
    )
    by_margin = None
    if margins is not None:
        total = margins.sum(axis=0)
        by_margin = np.divide((moved * margins).sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
    return Drift(moved.mean(axis=0), by_category, by_margin)


def families(codes: np.ndarray, others: np.ndarray, procedure: Procedure) -> list[Family]:
    """The tests of regions, connections and moves; a family without a discordant document is left out.

    Args:
        codes, others: (documents, layers) regions in the two readings, of one atlas.
        procedure: how the documents are tested.
    """
    kinds = zip(KINDS, (_regions, _connections, _moves), strict=True)
    found = (_family(kind, *ends(codes, others), procedure) for kind, ends in kinds)
    return [family for family in found if family is not None]


def changed_connections(codes: np.ndarray, others: np.ndarray, procedure: Procedure) -> tuple[int, int]:
    """How many connections change by more than chance, and how many were tested: of `families`, no more than that.

    Args:
        codes, others, procedure: as of `families`.
    """
    items = _items(*_connections(codes, others))
    if items is None:
        return 0, 0
    changes = _changes(items, procedure)
    return changes.passed, changes.tests


def _regions(codes: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([codes, codes], axis=2), np.stack([others, others], axis=2)


def _connections(codes: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.stack([own[:, :-1], own[:, 1:]], axis=2) for own in (codes, others))  # type: ignore[return-value]


def _moves(codes: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A document that goes from the lower region to the higher has gained their pair, the other way has lost it."""
    pair = np.stack([np.minimum(codes, others), np.maximum(codes, others)], axis=2)
    up, down = (others > codes)[:, :, None], (others < codes)[:, :, None]
    return np.where(down, pair, -1), np.where(up, pair, -1)


class _Items(NamedTuple):
    """Items that some document has in one reading only.

    Attributes:
        seen: the documents that do.
        key: (items,) a number for each item's table and codes below `width`.
        counted: (documents, tables) which lose an item, and which gain one.
        width: of the codes.
    """

    seen: Discordant
    key: np.ndarray
    counted: tuple[np.ndarray, np.ndarray]
    width: int


def _items(before: np.ndarray, after: np.ndarray) -> _Items | None:
    """The items of two readings (documents, tables, 2 codes; -1 for none); None if there are none."""
    width = int(max(before.max(), after.max())) + 1
    table = np.arange(before.shape[1])
    keys = [(table * width + own[:, :, 0]) * width + own[:, :, 1] for own in (before, after)]
    discordant = keys[0] != keys[1]
    counted = discordant & (before[:, :, 0] >= 0), discordant & (after[:, :, 0] >= 0)
    losing, gaining = map(np.nonzero, counted)
    key = np.concatenate([keys[0][losing], keys[1][gaining]])
    if not len(key):
        return None
    distinct, item = np.unique(key, return_inverse=True)
    document = np.concatenate([losing[0], gaining[0]])
    gained = np.arange(len(key)) >= len(losing[0])
    return _Items(Discordant(item, document, gained, len(distinct), len(before)), distinct, counted, width)


def _changes(items: _Items, procedure: Procedure) -> Changes:
    return find_changes(items.seen, procedure.fdr, procedure.groups, procedure.permutations, procedure.seed)


def _family(kind: str, before: np.ndarray, after: np.ndarray, procedure: Procedure) -> Family | None:
    items = _items(before, after)
    if items is None:
        return None
    changes, width = _changes(items, procedure), items.width
    more, less = items.seen.counts(procedure.labels, procedure.categories)
    pairs = zip((before, after), items.counted, strict=True)
    unlike = np.fmin(*(_unlike(codes, counted, items.key, width, procedure) for codes, counted in pairs))
    layer, ends = np.divmod(items.key, width * width)
    return Family(kind, layer, ends // width, ends % width, changes, more, less, np.minimum(1, 2 * unlike))


def _unlike(
    codes: np.ndarray, counted: np.ndarray, distinct: np.ndarray, width: int, procedure: Procedure
) -> np.ndarray:
    """(items,) q that categories differ in how many of their documents gain, or lose, an item; NaN where none do."""
    ends = np.where(counted[:, :, None], codes, width)  # a cell of its own for documents that do neither
    tables = paired_tables(ends[:, :, 0], ends[:, :, 1])
    q = procedure.differences(tables).q
    item = tables.first < width
    keys = (tables.table[item] * width + tables.first[item]) * width + tables.second[item]
    found = np.full(len(distinct), np.nan)
    found[np.searchsorted(distinct, keys)] = q[item]
    return found


def exceeds(real: Sequence[np.ndarray], sham: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, float]:
    """By how much runs exceed sham runs, and p over all ways to call as many runs real: the unit is the training run.

    Returns:
        (layers,) difference of the means; (layers,) one-sided exact p, familywise over the layers (Westfall and Young
        1993, by the largest difference); the smallest p that so many runs can have.

    Args:
        real, sham: (layers,) of each run; one of each at least.
    """
    runs = np.stack([*real, *sham])
    own = runs[: len(real)].mean(axis=0) - runs[len(real) :].mean(axis=0)
    largest = np.array(
        [(runs[inside].mean(axis=0) - runs[~inside].mean(axis=0)).max() for inside in _relabelled(len(runs), len(real))]
    )
    p = (largest[:, None] >= own - 1e-12).mean(axis=0)
    return own, p, 1 / len(largest)


def _relabelled(runs: int, real: int) -> Iterator[np.ndarray]:
    """(runs,) which are called real: every choice, or the own one and a seeded sample of 20,000 if there are more."""
    everyone = np.arange(runs)
    if comb(runs, real) <= RELABELLINGS:
        yield from (np.isin(everyone, chosen) for chosen in combinations(everyone.tolist(), real))
        return
    yield everyone < real
    random = np.random.default_rng(0)
    yield from (random.permutation(runs) < real for _ in range(RELABELLINGS))


def found_items(family: Family, alpha: float = ALPHA) -> np.ndarray:
    """Numbers of a family's items that changed, the surest first."""
    passing = np.flatnonzero(family.changes.q <= alpha)
    nearer = np.where(family.changes.effect > 0, family.changes.ci_low, -family.changes.ci_high)
    return passing[np.lexsort((family.changes.p[passing], -nearer[passing]))]
