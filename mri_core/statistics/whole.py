"""The tests of the whole connectome, layers and network, on the same permutations; of many documents on a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mri_core.statistics.blocks import MOST_DOCUMENTS, sampled
from mri_core.statistics.divergence import Divergence, LayersByChance, divergence
from mri_core.statistics.nbs import PERMUTATIONS, Network, NetworksByChance, network_statistics
from mri_core.statistics.paths import permuted_counts, random_tables, summed
from mri_core.statistics.tables import Tables, connection_tables, region_tables

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Whole(NamedTuple):
    """The divergence of each layer, the Network-Based Statistic at each threshold, and how many documents are permuted.

    Attributes:
        sample: documents of the sample that is permuted; None if all are.
    """

    layers: Divergence
    networks: list[Network]
    sample: int | None = None


def whole_tests(
    codes: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray | None = None,
    permutations: int = PERMUTATIONS,
    advance: Callable[[], None] = lambda: None,
    most: int = MOST_DOCUMENTS,
) -> Whole:
    """`divergence` and `network_statistics` of a study.

    Of more than `most` documents a sample (`blocks.sampled`) is tested by permutations: the network statistic, and of
    independent documents the layers' p and standardised values. The divergences, their mean by chance and their errors
    are always those of all documents.

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each; every one has a document.
        categories: their number.
        seed: of the permutations and the sample.
        groups: (documents,) blocks that permutations keep together.
        permutations: their number.
        advance: called twice for each permutation.
        most: documents that are permuted; the divergence of documents in groups permutes all.
    """
    chosen = sampled(labels, seed, groups, most)
    some, size = (slice(None), None) if chosen is None else (chosen, int(chosen.sum()))
    if groups is not None:
        layers = divergence(codes, labels, categories, seed, groups, permutations, advance)
        own = (codes[some], labels[some], categories, seed, groups[some])
        return Whole(layers, network_statistics(*own, permutations, advance=advance), size)
    tested = _of_documents(codes[some], labels[some], categories, seed, permutations, advance)
    if chosen is None:
        return tested
    everyone = _of_layers_apart(codes, labels, categories, seed, permutations)
    layers = replace(everyone, standardised=tested.layers.standardised, p=tested.layers.p)
    return Whole(layers, tested.networks, size)


def _of_documents(
    codes: np.ndarray, labels: np.ndarray, categories: int, seed: int, permutations: int, advance: Callable[[], None]
) -> Whole:
    """Both tests of independent documents: regions are counted by summing connections."""
    connections, regions = connection_tables(codes), region_tables(codes)
    layers, networks = LayersByChance(regions, labels, categories), NetworksByChance(connections, labels, categories)
    ends = _ends(connections, regions)
    for counts in permuted_counts(connections, labels, categories, permutations, seed):
        networks.add(counts)
        layers.add(summed(ends, counts))
        for _ in range(2 * len(counts)):
            advance()
    return Whole(layers.compared(), networks.compared())


def _ends(connections: Tables, regions: Tables) -> csr_array:
    """(regions, connections) 1 where a region of any layer but the last is the source, and of the last the target."""
    from scipy.sparse import csr_array

    width = int(max(connections.first.max(), connections.second.max())) + 1
    last = np.flatnonzero(connections.table == len(connections.cell) - 1)
    of_sources = connections.table * width + connections.first
    of_targets = len(connections.cell) * width + connections.second[last]
    row = np.searchsorted(regions.table * width + regions.first, np.append(of_sources, of_targets))
    column = np.append(np.arange(len(connections.first)), last)
    return csr_array((np.ones(len(row), dtype=np.int64), (row, column)), shape=(len(regions.first), len(of_sources)))


def _of_layers_apart(
    codes: np.ndarray, labels: np.ndarray, categories: int, seed: int, permutations: int
) -> Divergence:
    """The divergence with each layer's tables drawn alone, for its values alone: its p is not used."""
    tables, sizes = region_tables(codes), np.bincount(labels, minlength=categories)
    totals = np.split(tables.totals(), tables.starts[1:-1])
    layers, generator = LayersByChance(tables, labels, categories), np.random.default_rng(seed)
    at_once = tables.at_most(categories)
    for first in range(0, permutations, at_once):
        several = min(at_once, permutations - first)
        layers.add(np.concatenate([random_tables(own, sizes, several, generator) for own in totals], axis=1))
    return layers.compared()
