"""Network-Based Statistic (Zalesky, Fornito and Bullmore 2010): do connections that differ hang together?

A global test, not a location: documents chain connections by construction, so that one that takes an unusual path shows
on several connections in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mri_core.statistics.blocks import label_permutations
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
    """Hypergeometric mean and standard deviation (cells, categories) of each count, and the ends of each connection.

    Attributes:
        mean, spread: of the counts.
        tail, head: (cells,) the regions at its ends, numbered through all layers.
        nodes: their number.
    """

    mean: np.ndarray
    spread: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    nodes: int


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
    scale = _scale(tables, np.bincount(labels, minlength=categories))
    z = _z(scale, tables.counts(labels, categories))
    observed = [_largest(scale, z, threshold) for threshold in thresholds]
    reached = np.zeros(len(thresholds), dtype=int)
    for permuted in label_permutations(labels, permutations, seed, groups):
        z = _z(scale, tables.counts(permuted, categories))
        largest = [_largest(scale, z, threshold)[0] for threshold in thresholds]
        reached += [now >= was - CLOSE for now, (was, *_) in zip(largest, observed, strict=True)]
        advance()
    chances = (reached + 1) / (permutations + 1)
    return [
        Network(
            threshold, value, p, permutations, category, sign, tables.table[own], tables.first[own], tables.second[own]
        )
        for threshold, (value, category, sign, own), p in zip(thresholds, observed, chances.tolist(), strict=True)
    ]


def _scale(tables: Tables, sizes: np.ndarray) -> Scale:
    documents, totals = sizes.sum(), tables.totals()[:, None]
    part = sizes / documents
    variance = totals * part * (1 - part) * (documents - totals) / max(documents - 1, 1)
    layer = np.concatenate([tables.table, tables.table + 1])  # where a step ends the next one starts
    ends = np.stack([layer, np.concatenate([tables.first, tables.second])])
    nodes, number = np.unique(ends, axis=1, return_inverse=True)
    tail, head = number.reshape(2, -1)
    return Scale(totals * part, np.sqrt(variance), tail, head, nodes.shape[1])


def _z(scale: Scale, counts: np.ndarray) -> np.ndarray:
    return np.divide(counts - scale.mean, scale.spread, out=np.zeros(counts.shape), where=scale.spread > 0)


def _largest(scale: Scale, z: np.ndarray, threshold: float) -> tuple[float, int | None, int, np.ndarray]:
    """Value, category, sign and connections of the largest component; every category and sign is a graph of its own."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    cell, category = np.nonzero(np.abs(z) > threshold)
    if not len(cell):
        return 0.0, None, 0, cell
    beyond = z[cell, category]
    graph = (2 * category + (beyond > 0)) * scale.nodes
    nodes, edges = np.unique(np.stack([graph + scale.tail[cell], graph + scale.head[cell]]), return_inverse=True)
    tail, head = edges.reshape(2, -1)
    links = coo_array((np.ones(len(cell)), (tail, head)), shape=(len(nodes), len(nodes)))
    component = connected_components(links, directed=False)[1][tail]
    values = np.bincount(component, np.abs(beyond) - threshold)
    own = np.flatnonzero(component == np.argmax(values >= values.max() - CLOSE))  # the first of equal ones
    return float(values.max()), int(category[own[0]]), int(np.sign(beyond[own[0]])), cell[own]
