"""How many different texts the tokens of a region, a connection or a category come from."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from mri_core.distinct import how_often
from mri_core.records.connectome import Connectome


def with_texts(connectome: Connectome, labels: np.ndarray, texts: np.ndarray) -> Connectome:
    """The connectome with `texts` of each row of its flows and its activity, and of those that are avoided.

    Args:
        connectome: of tokens.
        labels: (tokens,) integer category of each, that it was counted by.
        texts: (tokens,) integer text of each.
    """
    placement, flows, activity = connectome.placement, connectome.flows, connectome.activity
    regions, categories = len(connectome.region_layer), len(connectome.category_documents)
    steps = [source.astype(np.int64) * regions + target for source, target in pairwise(placement.T)]
    of_flows = (flows.source.astype(np.int64) * regions + flows.target) * categories + flows.category
    of_activity = activity.region.astype(np.int64) * categories + activity.category
    avoided = connectome.avoided
    if avoided is not None:
        avoided = replace(avoided, texts=np.zeros(len(avoided.source), dtype=np.int64))
    return replace(
        connectome,
        flows=replace(flows, texts=_texts(of_flows, [step * categories + labels for step in steps], texts)),
        activity=replace(
            activity, texts=_texts(of_activity, [own * categories + labels for own in placement.T], texts)
        ),
        avoided=avoided,
    )


def texts_of_regions(placement: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """(regions,) different texts in each region.

    Args:
        placement: (tokens, layers) region of each, numbered through all layers as in `Connectome`.
        texts: (tokens,) integer text of each.
    """
    return _texts(np.arange(int(placement.max()) + 1), list(placement.T), texts)


def texts_of_categories(labels: np.ndarray, texts: np.ndarray, categories: int) -> np.ndarray:
    """(categories,) different texts with a token of each, of labels (tokens,) and texts (tokens,)."""
    return _texts(np.arange(categories), [labels], texts)


def _texts(rows: np.ndarray, columns: list[np.ndarray], texts: np.ndarray) -> np.ndarray:
    """(rows,) different texts with a key, of keys (rows,) in rising order and those of the tokens in each column.

    No key is in two columns.
    """
    counts, most = np.zeros(len(rows), dtype=np.int64), int(texts.max()) + 1
    for keys in columns:
        first = int(keys.min())
        pairs = how_often((keys.astype(np.int64) - first) * most + texts)[0]
        found, many = np.unique(pairs // most + first, return_counts=True)
        counts[np.searchsorted(rows, found)] = many
    return counts
