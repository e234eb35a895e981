"""Would other documents show the same differences? ICC of the deviations, between halves, and with documents placed.

Halves of a corpus share the atlas that was fitted to both: their agreement is the reliability given the atlas.
Documents outside a refit's bootstrap resample are only placed in it, and did not influence it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.numbers import finite
from mri_core.records.measures import PLACED, RELIABILITY, Measure
from mri_core.statistics.blocks import label_permutations, sampled, splits
from mri_core.statistics.paths import random_tables
from mri_core.statistics.tables import COUNTS, Tables, connection_tables

FEWEST = 10  # documents of a connection: with fewer, a half has almost none
HALVINGS = 100
SHUFFLES, SHUFFLE_HALVINGS = 20, 20


@dataclass(frozen=True)
class Reliability:
    """One value per step from a layer to the next; NaN if fewer than two connections have enough documents.

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
    """Agreement of the categories' deviations between two halves of the corpus, by step, also under shuffled labels.

    A deviation is the share of a category's documents that take a connection, less the mean of all categories' shares.
    Raw shares would be reliable under shuffled labels too, as connections differ in their overall use.

    Halves and shuffles of independent documents are drawn as tables with the same margins, step by step. Of more than
    200,000 documents in groups a sample is halved (`blocks.sampled`).

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each; a category has two documents at least.
        categories: their number.
        seed: of halvings and shuffles.
        groups: (documents,) blocks that halvings and shuffles keep together.
        halvings: their number.
        advance: called after the halvings, and after each shuffle.
    """
    if groups is not None and (chosen := sampled(labels, seed, groups)) is not None:
        codes, labels, groups = codes[chosen], labels[chosen], groups[chosen]
    tables = connection_tables(codes)
    enough = tables.totals() >= FEWEST
    if groups is None:
        found = _of_documents(tables, enough, labels, categories, seed, halvings, advance)
    else:
        found = _of_groups(tables, enough, labels, categories, seed, groups, halvings, advance)
    halves, shuffled = next(found), np.stack(list(found))
    connections = tables.sums(enough.astype(np.int64))
    return Reliability(halves, spearman_brown(halves), shuffled.mean(axis=0), shuffled.max(axis=0), connections)


def _of_groups(
    tables: Tables,
    enough: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray,
    halvings: int,
    advance: Callable[[], None],
) -> Iterator[np.ndarray]:
    """(steps,) agreement of halves of the groups, and of each shuffle of the labels."""
    yield _between_halves(tables, enough, labels, categories, seed, groups, halvings)
    advance()
    for number, permuted in enumerate(label_permutations(labels, SHUFFLES, seed, groups)):
        yield _between_halves(tables, enough, permuted, categories, seed + number, groups, SHUFFLE_HALVINGS)
        advance()


def _of_documents(
    tables: Tables,
    enough: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    halvings: int,
    advance: Callable[[], None],
) -> Iterator[np.ndarray]:
    """The same of independent documents, by tables with the same margins: each step's agreement is a mean of its own.

    Connections with too few documents are one row of a step's table, the last.
    """
    generator, sizes = np.random.default_rng(seed), np.bincount(labels, minlength=categories)
    steps = []
    parts = (np.split(own, tables.starts[1:-1]) for own in (tables.counts(labels, categories), enough))
    for counts, many in zip(*parts, strict=True):
        steps.append(np.vstack([counts[many], counts[~many].sum(axis=0)]))
    yield np.array([_halved(step, halvings, generator) for step in steps])
    advance()
    for _ in range(SHUFFLES):
        shuffled = (random_tables(step.sum(axis=1), sizes, 1, generator)[0] for step in steps)
        yield np.array([_halved(step, SHUFFLE_HALVINGS, generator) for step in shuffled])
        advance()


def _halved(counts: np.ndarray, halvings: int, generator: np.random.Generator) -> float:
    """Mean agreement of two halves of a table (connections, categories), whose last row is not compared."""
    at_once, total = max(1, COUNTS // counts.size), 0.0
    for start in range(0, halvings, at_once):
        half = _halves(counts, min(at_once, halvings - start), generator)
        both = [_deviations(own[:, :-1], own.sum(axis=1, keepdims=True)) for own in (half, counts - half)]
        total += agreement(np.stack(both, axis=-1).reshape(len(half), -1, 2)).sum()
    return total / halvings


def _halves(counts: np.ndarray, halvings: int, generator: np.random.Generator) -> np.ndarray:
    """(halvings, connections, categories) of a random half of each category's documents, an odd one in either half."""
    halves = np.empty((halvings, *counts.shape), dtype=np.int64)
    for category, own in enumerate(counts.T):
        size = int(own.sum())
        taken = np.clip(np.floor(size / 2 + generator.random(halvings)).astype(int), 1, size - 1)
        for half in np.unique(taken).tolist():
            there = taken == half
            drawn = generator.multivariate_hypergeometric(own, half, int(there.sum()), method="marginals")
            halves[there, :, category] = drawn
    return halves


def agreement(ratings: np.ndarray) -> np.ndarray:
    """ICC(A,1): absolute agreement of single ratings, two-way (McGraw and Wong 1996; ICC(2,1) of Shrout and Fleiss).

    Args:
        ratings: (…, targets, raters).

    Returns:
        (…,); NaN if there are fewer than two targets, or nothing varies.
    """
    targets, raters = ratings.shape[-2:]
    if targets < 2:
        return np.full(ratings.shape[:-2], np.nan)
    centred = ratings - ratings.mean(axis=(-2, -1), keepdims=True)
    rows, columns = centred.mean(axis=-1, keepdims=True), centred.mean(axis=-2, keepdims=True)
    between = raters * np.square(rows).sum(axis=(-2, -1)) / (targets - 1)
    by_rater = targets * np.square(columns).sum(axis=(-2, -1)) / (raters - 1)
    rest = np.square(centred - rows - columns).sum(axis=(-2, -1)) / ((targets - 1) * (raters - 1))
    spread = between + (raters - 1) * rest + raters / targets * (by_rater - rest)
    return np.divide(between - rest, spread, out=np.full(spread.shape, np.nan), where=spread > 0)


class Agreed(NamedTuple):
    """Agreement between documents that an atlas was fitted to and held-out documents that are only placed in it.

    Attributes:
        steps: (steps,) ICC(A,1) of the deviations; NaN if there are too few connections, or a category lacks documents
            on one side.
        connections: (steps,) with enough documents.
        longer: size of the corpus relative to one of two equal parts that would agree as well: all over the harmonic
            mean of the two, as an error's variance is proportional to one over the size; NaN if undefined.
    """

    steps: np.ndarray
    connections: np.ndarray
    longer: float


def placed_agreement(tables: Tables, drawn: np.ndarray, labels: np.ndarray, categories: int) -> Agreed:
    """The agreement in one refit.

    Args:
        tables: of the connections that all documents take in it.
        drawn: (documents,) whether it was fitted to them.
        labels: (documents,) integer category of each.
        categories: their number.
    """
    enough = tables.totals() >= FEWEST
    connections = tables.sums(enough.astype(np.int64))
    sizes = [np.bincount(labels[part], minlength=categories) for part in (drawn, ~drawn)]
    if min(own.min() for own in sizes) == 0:
        return Agreed(np.full(len(connections), np.nan), connections, np.nan)
    longer = (1 / drawn.mean() + 1 / (1 - drawn.mean())) / 2
    counts = [tables.counts(labels, categories, part)[enough] for part in (drawn, ~drawn)]
    return Agreed(_by_step(counts, sizes, connections), connections, longer)


def placed_measures(found: Sequence[Agreed]) -> list[Measure]:
    """A `reliability_placed` for each step, by its first layer, from the refits in which it is defined."""
    measures = []
    for layer, known in enumerate(np.stack([own.steps for own in found], axis=1)):
        defined = known[~np.isnan(known)]
        details = {"refits": len(defined), "connections": float(np.mean([own.connections[layer] for own in found]))}
        if not len(defined):
            why = f"fewer than 2 connections have {FEWEST} documents, or a category is on one side alone"
            measures.append(Measure(PLACED, None, layer, details={**details, "undefined": why}))
            continue
        mean, longer = float(defined.mean()), float(np.nanmean([own.longer for own in found]))
        details = {**details, "agreement": mean, "least": float(defined.min()), "most": float(defined.max())}
        whole = float(spearman_brown(np.array(mean), longer))
        measures.append(Measure(PLACED, whole, layer, details={**details, "longer": longer}))
    return measures


def spearman_brown(parts: np.ndarray, longer: float = 2) -> np.ndarray:
    """Reliability of a corpus `longer` times as long as its parts, that agree by r: kr/(1 + (k − 1)r).

    A negative r is returned unchanged: it indicates no reliability that a longer corpus could increase, and stepped up
        it
    could fall below −1.
    """
    return np.where(parts < 0, parts, longer * parts / (1 + (longer - 1) * np.maximum(parts, 0)))


def reliability_measures(found: Reliability) -> list[Measure]:
    """A `reliability` for each step, by its first layer."""
    return [
        Measure(
            RELIABILITY,
            finite(found.whole[layer]),
            layer,
            details={
                "halves": finite(found.halves[layer]),
                "floor": finite(found.floor[layer]),
                "floor_high": finite(found.floor_high[layer]),
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
    groups: np.ndarray,
    halvings: int,
) -> np.ndarray:
    """(steps,) mean over halvings of the deviations' agreement between halves."""
    counts, connections = tables.counts(labels, categories)[enough], tables.sums(enough.astype(np.int64))
    sizes = np.bincount(labels, minlength=categories)
    sums = np.zeros(len(tables.cell))
    for first in splits(labels, halvings, seed, groups):
        part = tables.counts(labels, categories, first)[enough]
        part_sizes = np.bincount(labels[first], minlength=categories)
        sums += _by_step((part, counts - part), (part_sizes, sizes - part_sizes), connections)
    return sums / halvings


def _by_step(counts: Sequence[np.ndarray], sizes: Sequence[np.ndarray], connections: np.ndarray) -> np.ndarray:
    """(steps,) agreement of two parts' deviations, from their counts (connections, categories) of all steps."""
    halves = [_deviations(own, size) for own, size in zip(counts, sizes, strict=True)]
    steps = np.split(np.stack(halves, axis=-1), np.cumsum(connections)[:-1])
    return np.array([agreement(step.reshape(-1, 2)) for step in steps])


def _deviations(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    shares = counts / np.maximum(sizes, 1)
    return np.asarray(shares - shares.mean(axis=-1, keepdims=True))
