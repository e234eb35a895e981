"""The smallest number of a set's documents with a word that exceeds chance."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

ANY = 0.05  # chance that a random set of documents has any word that passes
AT_ONCE = 256  # word counts computed together
DEVIATIONS, FURTHER = 12, 24  # how far above its mean a count's tail is computed; a small mean has a long tail
TIE = 1e-9  # relative: tails that differ by less are equal


def least_counts(occurrences: np.ndarray, size: int, documents: int) -> np.ndarray:
    """The least number of documents of a set that must have each word, for it to be over-represented beyond chance.

    A word's tail is that of Fisher's exact test, the hypergeometric P(X >= k) of a set drawn at random. All words of
    the set are held to one bound on it, the largest with which the words' attainable tails add up to 5 % at most
    (Tarone 1990, "A modified Bonferroni method for discrete data"). That sum bounds the chance that a random set has
    any word which passes, whatever the dependence of words and the set's size, so that no simulation is needed.

    Args:
        occurrences: (words,) documents of each word among all documents.
        size: documents of the set.
        documents: all that the set is drawn from.

    Returns:
        (words,) counts; above the word's own and the set's documents if no count suffices.
    """
    different, kind, words = _different(occurrences)
    lowest = np.maximum(1, np.floor(different * size / documents).astype(np.int64))
    tails, weights = [], []
    for start in range(0, len(different), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        probability = _probabilities(different[part], lowest[part], size, documents)
        tails.append(probability[:, ::-1].cumsum(axis=1)[:, ::-1])
        weights.append(probability * words[part, None])
    bound = _bound(np.concatenate([t.ravel() for t in tails]), np.concatenate([w.ravel() for w in weights]))
    least = lowest + np.concatenate([(tail > bound).sum(axis=1) for tail in tails])
    return least[kind]


def _different(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `np.unique` with inverse and counts, of natural numbers, without the sorting."""
    counts = np.bincount(numbers)
    there = np.flatnonzero(counts)
    place = np.empty(len(counts), dtype=np.int64)
    place[there] = np.arange(len(there))
    return there, place[numbers], counts[there]


def _probabilities(occurrences: np.ndarray, lowest: np.ndarray, size: int, documents: int) -> np.ndarray:
    """(words, counts) hypergeometric probability of each count from the lowest on, as far as it is not 0."""
    spread = np.sqrt(occurrences.max() * size / documents * (1 - size / documents))
    count = lowest[:, None] + np.arange(FURTHER + int(DEVIATIONS * spread))
    own = occurrences[:, None]
    fits = (count <= np.minimum(own, size)) & (size - count <= documents - own)
    count = np.where(fits, count, np.maximum(0, own + size - documents))  # any that is possible
    logarithm = gammaln(np.arange(documents + 1) + 1.0)  # of the factorials
    ways = logarithm[own] - logarithm[count] - logarithm[own - count]
    others = logarithm[documents - own] - logarithm[size - count] - logarithm[documents - own - size + count]
    all_ways = logarithm[documents] - logarithm[size] - logarithm[documents - size]
    return np.where(fits, np.exp(ways + others - all_ways), 0)


def _bound(tails: np.ndarray, weights: np.ndarray) -> float:
    """The largest tail with which all of this size or less add up to 5 % at most."""
    order = np.argsort(tails, kind="stable")
    rising, total = tails[order], weights[order].cumsum()
    last = np.searchsorted(rising, rising * (1 + TIE), side="right") - 1
    return float(rising[total[last] <= ANY].max(initial=0)) * (1 + TIE)
