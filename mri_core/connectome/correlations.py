"""From scores on components to weighted interlayer connections: correlations of components in each category."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from mri_core.records.connectome import Activity, Connectome, Flows

FEWEST = 4  # documents: with three, rho can only be ±1 or ±1/2, and its variance has no n − 3 to divide by
EQUAL = 1e-6  # of a component's greatest score: a smaller spread is float32 rounding


class Undefined(NamedTuple):
    """Components of a layer that are constant over the documents of a category, so that they have no rho there."""

    layer: int
    category: int
    components: int


class Correlations(NamedTuple):
    """Correlations between components.

    Attributes:
        connectome: whose weights are Spearman's rho.
        small: categories with fewer than 4 documents, which have no connections.
        undefined: the constant components; their connections are left out.
    """

    connectome: Connectome
    small: tuple[int, ...]
    undefined: tuple[Undefined, ...]


def build_correlations(
    scores: np.ndarray, categories: np.ndarray, category_count: int, threshold: float
) -> Correlations:
    """Spearman's rho of the components of neighbouring layers over the documents of each category.

    Args:
        scores: (documents, layers, components) from the atlas.
        categories: (documents,) integer index of each document's category.
        category_count: number of categories; every one has at least one document.
        threshold: connections have a greater |rho|.

    Returns:
        a connectome whose regions are all components, ordered by layer and number; its weights keep their sign.
    """
    documents, layers, components = scores.shape
    sizes = np.bincount(categories, minlength=category_count)
    large = np.flatnonzero(sizes >= FEWEST).tolist()
    noise = EQUAL * np.abs(scores).max(axis=0)
    ranked, undefined = [], []
    for category in large:
        inside = scores[categories == category]
        constant = np.ptp(inside, axis=0) <= noise
        ranked.append(_unit_ranks(inside, constant))
        count = constant.sum(axis=1)
        undefined += [Undefined(layer, category, int(count[layer])) for layer in np.flatnonzero(count).tolist()]
    return Correlations(
        Connectome(
            region_layer=np.repeat(np.arange(layers), components),
            region_code=np.tile(np.arange(components), layers),
            region_documents=None,
            category_documents=sizes,
            placement=np.empty((documents, 0), dtype=np.int32),
            flows=_flows(dict(zip(large, ranked, strict=True)), layers, components, threshold),
            activity=Activity(*np.empty((3, 0), dtype=np.int64), *np.empty((2, 0))),
        ),
        tuple(np.flatnonzero(sizes < FEWEST).tolist()),
        tuple(sorted(undefined)),
    )


def spearman(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Spearman's rho of each column of `left` with each of `right`, with mean ranks for ties.

    Args:
        left: (documents, m), no column constant.
        right: (documents, n), likewise.

    Returns:
        (m, n) from -1 to 1.
    """
    rho = _unit_ranks(left, np.ptp(left, axis=0) == 0).T @ _unit_ranks(right, np.ptp(right, axis=0) == 0)
    return np.clip(rho, -1, 1)


def _flows(ranked: dict[int, np.ndarray], layers: int, components: int, threshold: float) -> Flows:
    """The connections by source, target and category."""
    rows = list(_kept(ranked, layers, components, threshold))
    source, target, category, rho = (np.concatenate(parts) for parts in zip(*rows, strict=True)) if rows else NONE
    order = np.lexsort((category, target, source))
    return Flows(source[order], target[order], category[order], rho[order], share=None, lift=None)


NONE = (*np.empty((3, 0), dtype=np.int64), np.empty(0))


def _kept(
    ranked: dict[int, np.ndarray], layers: int, components: int, threshold: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    for layer, (category, ranks) in product(range(layers - 1), ranked.items()):
        rho = np.clip(ranks[:, layer].T @ ranks[:, layer + 1], -1, 1)
        source, target = np.nonzero(np.abs(rho) > threshold)
        first = layer * components
        yield source + first, target + first + components, np.full(len(source), category), rho[source, target]


def _unit_ranks(scores: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Ranks along the first axis, centred and of length 1, so that products are rho; 0 for constant columns."""
    from scipy.stats import rankdata  # imported here: it is slow, and needed for components only

    ranks = rankdata(scores, axis=0) - (len(scores) + 1) / 2
    lengths = np.linalg.norm(ranks, axis=0)
    return np.where(constant, 0.0, ranks / np.where(lengths > 0, lengths, 1))
