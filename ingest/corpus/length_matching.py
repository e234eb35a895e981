"""Documents of like lengths: a seeded subsample that holds as many texts of each length in every category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ingest.corpus.sampling import allocate
from mri_core.errors import CorpusError

BINS = 4  # to each doubling of the length: categories two standard deviations apart are then alike in their means


class Matched(NamedTuple):
    """Which documents are kept.

    Attributes:
        masks: for each category a byte for each of its documents in order: 1 if it is kept.
        documents: how many would be kept without a limit.
    """

    masks: dict[str, bytes]
    documents: int


def match_lengths(
    lengths: np.ndarray, labels: np.ndarray, names: Sequence[str], limit: int | None, seed: int
) -> Matched:
    """Of each bin of lengths every category keeps as many documents as the one that has the fewest there.

    A bin spans a quarter of a doubling. A limit takes the same bins of every category, but for one document where it
    is no multiple of the categories.

    Args:
        lengths: (documents,) characters of each text, at least 1.
        labels: (documents,) which of the names each is of.
        names: of the categories.
        limit: most documents; None for all that match.
        seed: of the draw.

    Raises:
        CorpusError: in no bin there is a document of every category.
        UsageError: the limit is below the number of categories.
    """
    bins = np.floor(BINS * np.log2(lengths)).astype(np.int64)
    counts = np.zeros((len(names), bins.max() + 1), dtype=np.int64)
    np.add.at(counts, (labels, bins), 1)
    kept = counts.min(axis=0)
    if not kept.any():
        raise _nothing_left(counts, names)
    generator = np.random.default_rng(seed)
    # The bin of each document that a category keeps, in the order in which a limit takes them: the same in all.
    turns = generator.permutation(np.repeat(np.arange(len(kept)), kept))
    everything = len(turns) * len(names)
    sizes = [len(turns)] * len(names) if limit is None or limit >= everything else allocate([1] * len(names), limit)
    masks = {}
    for label, (name, size) in enumerate(zip(names, sizes, strict=True)):
        wanted = np.bincount(turns[:size], minlength=len(kept))
        masks[name] = _drawn(bins[labels == label], wanted, generator).tobytes()
    return Matched(masks, everything)


def _drawn(bins: np.ndarray, wanted: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(documents,) bytes, 1 for as many of each bin as are wanted."""
    order = generator.permutation(len(bins))
    order = order[np.argsort(bins[order], kind="stable")]
    sorted_bins = bins[order]
    ranks = np.arange(len(order)) - np.searchsorted(sorted_bins, sorted_bins)
    mask = np.zeros(len(bins), dtype=np.uint8)
    mask[order[ranks < wanted[sorted_bins]]] = 1
    return mask


def _nothing_left(counts: np.ndarray, names: Sequence[str]) -> CorpusError:
    """Names the category without which the others would keep the most."""
    rule = "Lengths are matched among categories that have texts of like lengths"
    if len(names) == 2:
        fact = f"No text of {names[0]!r} is about as long as one of {names[1]!r}, so that neither would keep any"
        return CorpusError(rule, fact, "Leave out --match")
    left = [int(np.delete(counts, label, axis=0).min(axis=0).sum()) for label in range(len(names))]
    at = int(np.argmax(left))
    fact = f"{names[at]!r} would keep no text, and so no other category either; without it each keeps {left[at]}"
    return CorpusError(rule, fact, "Leave it out with --categories, or leave out --match")
