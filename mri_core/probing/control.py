"""The control task of a probe (Hewitt and Liang 2019): labels that only memory can predict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mri_core.probing.resampling import Split, splits

DRAWS = 50  # of a split's labels, until each category is on both sides


class ControlTask(NamedTuple):
    """Labels (documents,) that are learnt and asked for in a split."""

    labels: np.ndarray
    split: Split


def control_tasks(
    labels: np.ndarray, types: np.ndarray | None, count: int, seed: int, groups: np.ndarray | None
) -> Iterator[ControlTask | None]:
    """The control task of each split.

    Hewitt and Liang give each type of word a random label. A document is its own type: its labels are shuffled once,
    and splits are stratified by them. Of tokens each type has a label, drawn anew for each split of their own labels.

    Args:
        labels: (documents,) category of each.
        types: (tokens,) integer type of each; None if the documents are no tokens.
        count, seed, groups: of `splits`, whose errors it raises.

    Yields:
        The task; None of a split with too few types to have each category on both sides.
    """
    generator = np.random.default_rng(seed)
    if types is None:
        shuffled = generator.permutation(labels)
        yield from (ControlTask(shuffled, split) for split in splits(shuffled, count, seed, groups))
        return
    for split in splits(labels, count, seed, groups):
        drawn = (labels_of_types(labels, types, generator) for _ in range(DRAWS))
        whole = (own for own in drawn if all(set(own[side]) == set(labels) for side in split))
        found = next(whole, None)
        yield None if found is None else ControlTask(found, split)


def labels_of_types(labels: np.ndarray, types: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(tokens,) a random label for each type, with about as many tokens of each label as there are.

    Types lie in random order next to one another, as long as they have tokens, and so do the labels: a type has the
    label that its middle lies in.

    Args:
        labels: (tokens,) category of each.
        types: (tokens,) integer type of each.
        generator: of the orders.
    """
    _, kinds, tokens = np.unique(types, return_inverse=True, return_counts=True)
    known, sizes = np.unique(labels, return_counts=True)
    order, places = generator.permutation(len(tokens)), generator.permutation(len(known))
    middles = np.cumsum(tokens[order]) - tokens[order] / 2
    drawn = np.empty(len(tokens), dtype=labels.dtype)
    drawn[order] = known[places][np.searchsorted(np.cumsum(sizes[places]), middles, side="right")]
    return drawn[kinds]
