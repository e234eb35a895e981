"""From region codes to weighted interlayer connections for each category. Pure functions on arrays."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from mri_core.distinct import distinct, how_often
from mri_core.records.connectome import Activity, Connectome, Flows


def build_connectome(codes: np.ndarray, categories: np.ndarray, category_count: int) -> Connectome:
    """Counts the documents of each category in each region and on each connection.

    A document takes exactly one connection from each layer to the next, so the weights of a category between two
    neighbouring layers add up to its documents.

    Args:
        codes: (documents, layers) integer code of the region that each document passes, from the atlas.
        categories: (documents,) integer index of each document's category.
        category_count: number of categories; every one has at least one document.

    Returns:
        The connectome; its regions are the occupied ones, ordered by layer and code.
    """
    placement, region_layer, region_code = _number_regions(codes)
    category_documents = np.bincount(categories, minlength=category_count)
    region_count = len(region_code)

    region, by_category, documents = _count(placement.T, categories, category_count)
    activity = Activity(region, by_category, documents, *_shares(region, by_category, documents, category_documents))

    steps = (source.astype(np.int64) * region_count + target for source, target in pairwise(placement.T))
    pair, by_category, weight = _count(steps, categories, category_count)
    shares = _shares(pair, by_category, weight, category_documents)
    flows = Flows(pair // region_count, pair % region_count, by_category, weight, *shares)
    return Connectome(
        region_layer=region_layer,
        region_code=region_code,
        region_documents=np.bincount(region, weights=documents, minlength=region_count).astype(np.int64),
        category_documents=category_documents,
        placement=placement,
        flows=flows,
        activity=activity,
    )


def category_shares(connectome: Connectome) -> np.ndarray:
    """(regions, categories) share of each category's documents that pass each region."""
    activity = connectome.activity
    shares = np.zeros((len(connectome.region_code), len(connectome.category_documents)))
    shares[activity.region, activity.category] = activity.share
    return shares


def _number_regions(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Consecutive indices for the occupied regions of all layers: (placement, layer of each, code of each)."""
    placement = np.empty(codes.shape, dtype=np.int32)
    layers, occupied_codes, offset = [], [], 0
    for layer in range(codes.shape[1]):
        occupied, inverse = distinct(codes[:, layer])
        placement[:, layer] = inverse + offset
        layers.append(np.full(len(occupied), layer))
        occupied_codes.append(occupied)
        offset += len(occupied)
    return placement, np.concatenate(layers), np.concatenate(occupied_codes)


def _count(
    keys: Iterable[np.ndarray], categories: np.ndarray, category_count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts of each (key, category): the keys, the categories and the counts, ordered by both.

    Args:
        keys: for each layer (documents,) keys, larger than those of the layers before.
    """
    counted = [(np.empty(0, dtype=np.int64),) * 3]  # a single layer has no steps
    for layer in keys:
        first = int(layer.min())
        combined, counts = how_often((layer.astype(np.int64) - first) * category_count + categories)
        counted.append((combined // category_count + first, combined % category_count, counts))
    key, category, count = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    return key, category, count


def _shares(
    keys: np.ndarray, categories: np.ndarray, counts: np.ndarray, totals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the category's documents, and lift: the share over the mean of all categories' shares of that key."""
    share = counts / totals[categories]
    _, group = np.unique(keys, return_inverse=True)
    mean_share = np.bincount(group, weights=share) / len(totals)
    return share, share / mean_share[group]
