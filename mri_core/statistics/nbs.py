"""Network-Based Statistic (Zalesky, Fornito and Bullmore 2010): do connections that differ form components?

A global test that locates nothing: a document's connections form a path by construction, so that an unusual path
affects several consecutive connections.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mri_core.statistics.crossing import Crossing
from mri_core.statistics.grouped_items import Drawn, GroupedItems
from mri_core.statistics.paths import permuted_counts
from mri_core.statistics.tables import Tables, connection_tables

PERMUTATIONS = 2_000
THRESHOLDS = (3.0, 4.0)
CLOSE = 1e-9  # values of equal components differ by rounding


@dataclass(frozen=True)
class Network:
    """The largest component of connections beyond a threshold, and its p.

    Attributes:
        threshold: of |z|.
        value: Σ (|z| − threshold) over its connections; 0 if no connection passes.
        p: (b + 1)/(m + 1), b the number of permutations whose largest component, of any category and sign, is as large.
        permutations: m.
        category: that of the component; None if no connection passes.
        sign: 1 if the category takes them more often than the rest, -1 less often; 0 if there are none.
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
class Ends:
    """The regions at the ends of each connection.

    Attributes:
        tail, head: (cells,) numbered through all layers.
        nodes: their number.
    """

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
    """The Network-Based Statistic at each threshold, all with the same label permutations.

    z = (count − hypergeometric mean)/sd of a category against the rest; documents in groups count by their weights.
    Connections with z beyond the threshold, of one category and one sign, that share a region are one component.

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
    items = None if groups is None else GroupedItems.of(tables, labels, groups, Crossing.none(categories))
    chance = NetworksByChance(tables, labels, categories, items, thresholds)
    if items is None:
        for counts in permuted_counts(tables, labels, categories, permutations, seed):
            chance.add(counts)
            for _ in counts:
                advance()
    else:
        for permuted, drawn in items.labelled(permutations, seed, tables.at_once(categories)):
            chance.add(drawn)
            for _ in permuted:
                advance()
    return chance.compared()


class NetworksByChance:
    """The largest components as observed, and how often permutations, added some at a time, have as large ones.

    Args:
        tables: of connections.
        labels, categories, thresholds: as `network_statistics` takes them.
        items: of documents in groups; else None.
    """

    def __init__(
        self,
        tables: Tables,
        labels: np.ndarray,
        categories: int,
        items: GroupedItems | None = None,
        thresholds: Sequence[float] = THRESHOLDS,
    ) -> None:
        self._tables, self._ends, self._thresholds = tables, _ends(tables), thresholds
        self._beyond: Callable[[Any], Beyond]
        if items is None:
            self._beyond = _finder(tables, labels, categories, min(thresholds))
            seen = self._beyond(tables.counts(labels[None], categories))
        else:
            self._beyond = _finder_in_groups(items, min(thresholds))
            seen = self._beyond(items.observed())
        self._observed = [_largest(self._ends, seen, threshold) for threshold in thresholds]
        self._reached, self._permutations = np.zeros(len(thresholds), dtype=int), 0

    def add(self, drawn: np.ndarray | Drawn) -> None:
        """Adds permutations: counts (permutations, connections, categories), or those of documents in groups."""
        beyond, several = self._beyond(drawn), len(drawn.taken if isinstance(drawn, Drawn) else drawn)
        for number, (threshold, (was, *_)) in enumerate(zip(self._thresholds, self._observed, strict=True)):
            values = _values(self._ends, beyond, threshold, several)
            self._reached[number] += np.count_nonzero(values >= was - CLOSE)
        self._permutations += several

    def compared(self) -> list[Network]:
        """The observed component of each threshold, with its p."""
        tables, count = self._tables, self._permutations
        networks = []
        for threshold, (value, category, sign, own), times in zip(
            self._thresholds, self._observed, self._reached.tolist(), strict=True
        ):
            ends = tables.table[own], tables.first[own], tables.second[own]
            networks.append(Network(threshold, value, (times + 1) / (count + 1), count, category, sign, *ends))
        return networks


def _ends(tables: Tables) -> Ends:
    layer = np.concatenate([tables.table, tables.table + 1])  # where a step ends the next one starts
    end = np.concatenate([tables.first, tables.second])
    nodes, number = np.unique(layer * (int(end.max()) + 1) + end, return_inverse=True)
    tail, head = number.reshape(2, -1)
    return Ends(tail, head, len(nodes))


def _finder(tables: Tables, labels: np.ndarray, categories: int, threshold: float) -> Callable[[np.ndarray], Beyond]:
    """A function that finds z beyond the threshold in counts (permutations, connections, categories)."""
    sizes = np.bincount(labels, minlength=categories)
    documents, totals = sizes.sum(), tables.totals()[:, None]
    part = sizes / documents
    mean = totals * part
    spread = np.sqrt(mean * (1 - part) * (documents - totals) / max(documents - 1, 1))
    varies = spread > 0
    # Bounds of counts within the threshold: comparing counts avoids computing nearly all z.
    least = np.where(varies, np.ceil(mean - threshold * spread), 0).astype(np.int64)
    most = np.where(varies, np.floor(mean + threshold * spread), documents).astype(np.int64)

    def beyond(counts: np.ndarray) -> Beyond:
        at = np.nonzero((counts > most) | (counts < least))
        permutation, cell, category = at
        return Beyond(permutation, cell, category, (counts[at] - mean[at[1:]]) / spread[at[1:]])

    return beyond


def _finder_in_groups(items: GroupedItems, threshold: float) -> Callable[[Drawn], Beyond]:
    """The same of documents in groups.

    z is the signed root of the distance: a plain z varies more by chance in small categories than in large ones.
    """
    margins = items.margins()

    def beyond(drawn: Drawn) -> Beyond:
        moments = margins.moments(drawn.weights, drawn.weights_possible)
        z = np.sign(moments.apart) * np.sqrt(margins.distance(moments))
        at = np.nonzero(np.abs(z) > threshold)
        permutation, cell, category = at
        return Beyond(permutation, cell, category, z[at])

    return beyond


def _past(beyond: Beyond, threshold: float) -> Beyond:
    return Beyond(*(column[np.abs(beyond.z) > threshold] for column in beyond))


def _largest(ends: Ends, beyond: Beyond, threshold: float) -> tuple[float, int | None, int, np.ndarray]:
    """Value, category, sign and connections of the largest observed component."""
    past = _past(beyond, threshold)
    if not len(past.cell):
        return 0.0, None, 0, past.cell
    component = _components(ends, past)
    values = np.bincount(component, np.abs(past.z) - threshold)
    own = np.flatnonzero(component == np.argmax(values >= values.max() - CLOSE))  # the first of equal ones
    return float(values.max()), int(past.category[own[0]]), int(np.sign(past.z[own[0]])), past.cell[own]


def _values(ends: Ends, beyond: Beyond, threshold: float, permutations: int) -> np.ndarray:
    """(permutations,) value of the largest component of each."""
    largest, past = np.zeros(permutations), _past(beyond, threshold)
    if len(past.cell):
        component = _components(ends, past)
        values = np.bincount(component, np.abs(past.z) - threshold)
        np.maximum.at(largest, past.permutation, values[component])
    return largest


def _components(ends: Ends, past: Beyond) -> np.ndarray:
    """The component of each connection; every permutation, category and sign is a graph of its own."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    signs = 2 * (int(past.category.max()) + 1)
    graph = (past.permutation * signs + 2 * past.category + (past.z > 0)) * ends.nodes
    joined = np.stack([graph + ends.tail[past.cell], graph + ends.head[past.cell]])
    nodes, edges = np.unique(joined, return_inverse=True)
    tail, head = edges.reshape(2, -1)
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(nodes), len(nodes)))
    return np.asarray(connected_components(links, directed=False)[1][tail])
