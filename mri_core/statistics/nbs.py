"""Network-Based Statistic (Zalesky, Fornito and Bullmore 2010): do connections that differ hang together?

A global test, not a location: documents chain connections by construction, so that one that takes an unusual path shows
on several connections in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.statistics.blocks import permuted_labels
from mri_core.statistics.tables import Tables, connection_tables

PERMUTATIONS = 2_000
THRESHOLDS = (3.0, 4.0)
CLOSE = 1e-9  # equal components' values differ by rounding


@dataclass(frozen=True)
class Network:
    """The largest component of connections beyond a threshold, and its chance.

    Attributes:
        threshold: of |z|.
        value: Σ (|z| − threshold) over its connections; 0 where no connection passes.
        p: (b + 1)/(m + 1), b the permutations whose largest component, of any category and sign, is as large.
        permutations: m.
        category: whose connections they are; None where no connection passes.
        sign: 1 where the category takes them more often than the rest, -1 less often; 0 where there are none.
        step, source, target: (connections,) the layer they leave from, and their ends.
    """

    threshold: float
    value: float
    p: float
    permutations: int
    category: int | None
    sign: int
    step: np.ndarray
    source: np.ndarray
    target: np.ndarray


@dataclass(frozen=True)
class Scale:
    """What counts are measured by, and the ends of each connection.

    Attributes:
        mean, spread: (cells, categories) hypergeometric mean and standard deviation of each count.
        least, most: (cells, categories) counts within the lowest threshold; comparing them spares nearly all z.
        tail, head: (cells,) the regions at its ends, numbered through all layers.
        nodes: their number.
    """

    mean: np.ndarray
    spread: np.ndarray
    least: np.ndarray
    most: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    nodes: int


class Beyond(NamedTuple):
    """Connections and categories with |z| beyond the lowest threshold, and z, of some permutations."""

    permutation: np.ndarray
    cell: np.ndarray
    category: np.ndarray
    z: np.ndarray


def network_statistics(
    codes: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray | None = None,
    permutations: int = PERMUTATIONS,
    thresholds: Sequence[float] = THRESHOLDS,
    advance: Callable[[], None] = lambda: None,
) -> list[Network]:
    """The Network-Based Statistic at each threshold, all by the same label permutations.

    z = (count − hypergeometric mean)/sd of a category against the rest. Connections with z beyond the threshold, of one
    category and one sign, that share a region are one component.

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each.
        categories: their number.
        seed: of the permutations.
        groups: (documents,) blocks that permutations keep together.
        permutations: their number.
        thresholds: of |z|.
        advance: called after each permutation.
    """
    tables = connection_tables(codes)
    scale = _scale(tables, np.bincount(labels, minlength=categories), min(thresholds))
    seen = _beyond(scale, tables.counts(labels, categories)[None])
    observed = [_largest(scale, seen, threshold) for threshold in thresholds]
    reached = np.zeros(len(thresholds), dtype=int)
    for permuted in permuted_labels(labels, permutations, seed, groups, at_once=tables.at_once(categories)):
        beyond = _beyond(scale, tables.counts(permuted, categories))
        for number, (threshold, (was, *_)) in enumerate(zip(thresholds, observed, strict=True)):
            reached[number] += np.count_nonzero(_values(scale, beyond, threshold, len(permuted)) >= was - CLOSE)
        for _ in permuted:
            advance()
    chances = (reached + 1) / (permutations + 1)
    return [
        Network(
            threshold, value, p, permutations, category, sign, tables.table[own], tables.first[own], tables.second[own]
        )
        for threshold, (value, category, sign, own), p in zip(thresholds, observed, chances.tolist(), strict=True)
    ]


def _scale(tables: Tables, sizes: np.ndarray, threshold: float) -> Scale:
    documents, totals = sizes.sum(), tables.totals()[:, None]
    part = sizes / documents
    mean = totals * part
    spread = np.sqrt(mean * (1 - part) * (documents - totals) / max(documents - 1, 1))
    varies = spread > 0
    least = np.where(varies, np.ceil(mean - threshold * spread), 0).astype(np.int64)
    most = np.where(varies, np.floor(mean + threshold * spread), documents).astype(np.int64)
    layer = np.concatenate([tables.table, tables.table + 1])  # where a step ends the next one starts
    end = np.concatenate([tables.first, tables.second])
    nodes, number = np.unique(layer * (int(end.max()) + 1) + end, return_inverse=True)
    tail, head = number.reshape(2, -1)
    return Scale(mean, spread, least, most, tail, head, len(nodes))


def _beyond(scale: Scale, counts: np.ndarray) -> Beyond:
    at = np.nonzero((counts > scale.most) | (counts < scale.least))
    own = counts[at] - scale.mean[at[1:]]
    permutation, cell, category = at
    return Beyond(permutation, cell, category, own / scale.spread[at[1:]])


def _past(beyond: Beyond, threshold: float) -> Beyond:
    return Beyond(*(column[np.abs(beyond.z) > threshold] for column in beyond))


def _largest(scale: Scale, beyond: Beyond, threshold: float) -> tuple[float, int | None, int, np.ndarray]:
    """Value, category, sign and connections of the largest component of what was observed."""
    past = _past(beyond, threshold)
    if not len(past.cell):
        return 0.0, None, 0, past.cell
    component = _components(scale, past)
    values = np.bincount(component, np.abs(past.z) - threshold)
    own = np.flatnonzero(component == np.argmax(values >= values.max() - CLOSE))  # the first of equal ones
    return float(values.max()), int(past.category[own[0]]), int(np.sign(past.z[own[0]])), past.cell[own]


def _values(scale: Scale, beyond: Beyond, threshold: float, permutations: int) -> np.ndarray:
    """(permutations,) value of the largest component of each."""
    largest, past = np.zeros(permutations), _past(beyond, threshold)
    if len(past.cell):
        component = _components(scale, past)
        values = np.bincount(component, np.abs(past.z) - threshold)
        np.maximum.at(largest, past.permutation, values[component])
    return largest


def _components(scale: Scale, past: Beyond) -> np.ndarray:
    """The component of each connection; every permutation, category and sign is a graph of its own."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    signs = 2 * (int(past.category.max()) + 1)
    graph = (past.permutation * signs + 2 * past.category + (past.z > 0)) * scale.nodes
    ends = np.stack([graph + scale.tail[past.cell], graph + scale.head[past.cell]])
    nodes, edges = np.unique(ends, return_inverse=True)
    tail, head = edges.reshape(2, -1)
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(nodes), len(nodes)))
    return np.asarray(connected_components(links, directed=False)[1][tail])
