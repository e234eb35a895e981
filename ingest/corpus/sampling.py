"""Stratified samples: how many documents of each category, and which."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mri_core.errors import UsageError


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


def allocate(counts: list[int], limit: int) -> list[int]:
    """Shares of `limit` in proportion to `counts` by largest remainders (Hamilton's method), but at least 1 each.

    Raises:
        UsageError: the limit is below the number of categories.
    """
    if limit < len(counts):
        fact = f"It is {limit} and there are {len(counts)} categories"
        raise UsageError("The limit is at least the number of categories", fact, "Raise --limit or choose --categories")
    total = sum(counts)
    shares = [max(1, limit * count // total) for count in counts]

    def due(at: int) -> int:
        return limit * counts[at] - total * shares[at]

    for _ in range(limit - sum(shares)):
        shares[max(range(len(counts)), key=due)] += 1
    for _ in range(sum(shares) - limit):
        shares[min((at for at, share in enumerate(shares) if share > 1), key=due)] -= 1
    return shares
