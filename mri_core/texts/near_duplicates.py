"""Near-duplicate texts, which are not independent documents.

MinHash of word shingles (Broder 1997), banded. Memory is that of the signatures, half a kilobyte a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from mri_core.chunks import chunks
from mri_core.texts.words import every_word

SHINGLE = 3  # words
SIMILAR = 0.7  # Jaccard: of forty words one or two may differ
HASHES, BAND = 128, 4  # at a similarity of .7 all but 1 of 5,000 pairs share one of the 32 bands
AT_ONCE = 1 << 16  # shingles


@dataclass(frozen=True)
class NearDuplicates:
    """Which documents are near-duplicates of one another.

    Attributes:
        group: (documents,) number of each document's group; one without near-duplicates is alone in its own. Given as
            `groups` to permutations it keeps near-duplicates together.
        sizes: (groups,) documents of each.
    """

    group: np.ndarray
    sizes: np.ndarray

    @property
    def duplicated(self) -> np.ndarray:
        """(documents,) whether each has a near-duplicate."""
        return self.sizes[self.group] > 1

    def across(self, codes: np.ndarray) -> np.ndarray:
        """(documents,) whether each is in a group with documents of another of these codes, such as categories."""
        lowest, highest = np.full(len(self.sizes), codes.max()), np.full(len(self.sizes), codes.min())
        np.minimum.at(lowest, self.group, codes)
        np.maximum.at(highest, self.group, codes)
        return (lowest < highest)[self.group]


def near_duplicates(texts: Iterable[str], similar: float = SIMILAR) -> NearDuplicates:
    """Groups of texts, each similar enough to another, by the estimated Jaccard similarity of their shingles.

    Words are compared without case and punctuation. The standard error of a similarity s is √(s(1 − s)/128), .04
    at .7. The same texts give the same groups.

    Args:
        texts: one a document, read once.
        similar: least similarity.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    signatures = np.concatenate([np.empty((0, HASHES), dtype=np.uint32), *_signatures(texts)])
    first, second = (np.concatenate(ends) for ends in zip(*_pairs(signatures, similar), strict=True))
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(signatures),) * 2)
    group = connected_components(links, directed=False)[1]
    return NearDuplicates(group, np.bincount(group))


def shingles(text: str) -> list[str]:
    """Each three words in a row; of a shorter text all of it."""
    words = every_word(text.casefold())
    return [" ".join(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))]


def _signatures(texts: Iterable[str]) -> Iterator[np.ndarray]:
    """(some texts, hashes) least value of each hash over a text's shingles, until there are no more texts."""
    generator = np.random.default_rng(0)
    factors, terms = _hashes(generator), _hashes(generator)
    for found in _batches(_keys(text, generator) for text in texts):
        keys = np.concatenate(found)
        starts = np.cumsum([0, *map(len, found[:-1])])
        least = [
            np.minimum.reduceat((keys * factor + term) >> np.uint64(32), starts)
            for factor, term in zip(factors, terms, strict=True)
        ]
        yield np.stack(least, axis=1).astype(np.uint32)


def _keys(text: str, generator: np.random.Generator) -> np.ndarray:
    """(shingles,) a number for each; a text without a word gets a random one and is like no other."""
    found = shingles(text)
    if found == [""]:
        return generator.integers(2**32, size=1, dtype=np.uint64)
    return np.fromiter((crc32(shingle.encode()) for shingle in found), np.uint64, len(found))


def _batches(keys: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Batches of texts with a bounded total of shingles, whatever their lengths."""
    batch: list[np.ndarray] = []
    size = 0
    for own in keys:
        batch.append(own)
        size += len(own)
        if size >= AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _hashes(generator: np.random.Generator) -> np.ndarray:
    """Odd 64-bit numbers, for multiply-shift hashing (Dietzfelbinger et al. 1997)."""
    return generator.integers(2**63, size=HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _pairs(signatures: np.ndarray, similar: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Similar documents among those that are alike in a band: each with the first of them, and the one before."""
    mix = _hashes(np.random.default_rng(1))[:BAND]
    for start in range(0, HASHES, BAND):
        band = (signatures[:, start : start + BAND] * mix).sum(axis=1)
        order = np.argsort(band, kind="stable")
        again = np.flatnonzero(band[order[1:]] == band[order[:-1]]) + 1
        places = np.arange(len(order))
        places[again] = 0
        heads = np.maximum.accumulate(places)[again]
        for others in (heads, again - 1):
            yield _similar(signatures, order[others], order[again], similar)


def _similar(
    signatures: np.ndarray, first: np.ndarray, second: np.ndarray, similar: float
) -> tuple[np.ndarray, np.ndarray]:
    alike = np.empty(len(first), dtype=bool)
    for place, block in chunks(first):
        alike[place] = (signatures[block] == signatures[second[place]]).mean(axis=1) >= similar
    return first[alike], second[alike]
