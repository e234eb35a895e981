"""Stratified samples: how many documents of each category, and which."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mri_core.errors import UsageError
from mri_core.statistics.blocks import whole_groups

EVERY_CATEGORY = "A sample has a document of every category"


def stratified_sample(counts: Mapping[str, int], limit: int, seed: int) -> dict[str, bytes]:
    """For each category a byte for each of its documents in order: 1 if it is in the sample.

    Raises:
        UsageError: the limit is below the number of categories.
    """
    names = sorted(counts)
    generator = np.random.default_rng(seed)
    masks = {}
    for name, size in zip(names, allocate([counts[name] for name in names], limit), strict=True):
        mask = np.zeros(counts[name], dtype=np.uint8)
        mask[generator.choice(counts[name], size, replace=False)] = 1
        masks[name] = mask.tobytes()
    return masks


def sampled_ordinals(labels: np.ndarray, size: int, seed: int, groups: np.ndarray | None, option: str) -> np.ndarray:
    """Ordinals of a sample of the documents, in rising order: stratified by category, groups whole.

    Args:
        labels: (documents,) category of each, each of which has some.
        size: of the sample; with groups see `whole_groups`.
        seed: of the sample.
        groups: (documents,) integer group of each; None if they are independent.
        option: that asks for so many.

    Raises:
        UsageError: the size is below the number of categories.
    """
    sizes = allocate(np.bincount(labels).tolist(), size, option)
    if groups is not None:
        return np.flatnonzero(whole_groups(labels, size, seed, groups))
    generator = np.random.default_rng(seed)
    of_category = [np.flatnonzero(labels == label) for label in range(len(sizes))]
    drawn = [generator.choice(own, count, replace=False) for own, count in zip(of_category, sizes, strict=True)]
    return np.sort(np.concatenate(drawn))


def allocate(counts: list[int], limit: int, option: str = "--limit") -> list[int]:
    """Shares of `limit` in proportion to `counts` by largest remainders (Hamilton's method), but at least 1 each.

    Args:
        counts: of each category.
        limit: how many are to be chosen.
        option: that asks for so many.

    Raises:
        UsageError: the limit is below the number of categories.
    """
    if limit < len(counts):
        fact = f"It is {limit} and there are {len(counts)} categories"
        raise UsageError(EVERY_CATEGORY, fact, f"Raise {option}, or choose --categories")
    total = sum(counts)
    shares = [max(1, limit * count // total) for count in counts]

    def due(at: int) -> int:
        return limit * counts[at] - total * shares[at]

    for _ in range(limit - sum(shares)):
        shares[max(range(len(counts)), key=due)] += 1
    for _ in range(sum(shares) - limit):
        shares[min((at for at, share in enumerate(shares) if share > 1), key=due)] -= 1
    return shares
