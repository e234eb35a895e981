"""The words of a region: those over-represented in its documents against the layer's others, beyond chance."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mri_core.chunks import chunks
from mri_core.texts.readable import readable
from mri_core.texts.word_threshold import least_counts
from mri_core.texts.words import WORDS

FEWEST_DOCUMENTS = 2  # a word of one document characterises that document, not a region
FEWEST_WORDS = 2  # the odds of one word against no other are undefined
LEAST_Z = 1.96
MOST_KEYWORDS = 8
COUNTED_AT_ONCE = 1 << 20  # occurrences
PRIOR_WEIGHT = 0.1  # a word of n documents enters the prior with n / 10


class WordCounts(NamedTuple):
    """Which words occur in which documents. A word counts once per document, so that no text dominates its region.

    Where the documents are tokens, each has one word, its type, which counts once per text too: of the tokens of a text
    that are of one type, one that was drawn is counted, so that in a random set every word is as likely as any other.

    Attributes:
        words: (words,) in alphabetical order, each in two documents at least.
        documents: (words,) documents of each word; of types their texts, each of which has one counted token.
        ends: (documents,) where a document's part of `occurrences` ends; it begins where that of the one before does.
        occurrences: (ends[-1],) the documents' words as indices; the number of words marks a word left out.
        counted: (tokens,) whether a token is the one that is counted of its text and type; None if the documents are no
            tokens, which all are counted.
    """

    words: np.ndarray
    documents: np.ndarray
    ends: np.ndarray
    occurrences: np.ndarray
    counted: np.ndarray | None = None


def count_words(texts: Iterable[str]) -> WordCounts | None:
    """Reads the texts once, as a stream; None unless two words occur in two documents each.

    Four bytes are stored for each word of a document.
    """
    known: dict[str, int] = {}
    occurrences, ends = array("i"), array("q")
    for text in texts:
        own = set(WORDS.findall(readable(text).lower()))
        occurrences.extend(sorted(known.setdefault(word, len(known)) for word in own))
        ends.append(len(occurrences))
    found = np.frombuffer(occurrences, dtype=np.intc)
    documents = np.zeros(len(known), dtype=np.int64)
    for _, chunk in chunks(found, COUNTED_AT_ONCE):
        documents += np.bincount(chunk, minlength=len(known))
    words = np.array(list(known), dtype=object)
    frequent = np.flatnonzero(documents >= FEWEST_DOCUMENTS)
    if len(frequent) < FEWEST_WORDS:
        return None
    frequent = frequent[np.argsort(words[frequent])]
    number = np.full(len(known), len(frequent), dtype=np.intc)
    number[frequent] = np.arange(len(frequent))
    for place, chunk in chunks(found, COUNTED_AT_ONCE):
        found[place] = number[chunk]
    return WordCounts(words[frequent], documents[frequent], np.frombuffer(ends, dtype=np.int64), found)


class Population(NamedTuple):
    """Some documents, as their words are counted.

    Attributes:
        documents: their number, of tokens that of the counted ones.
        words: (words,) how many of them have each word.
    """

    documents: int
    words: np.ndarray


def population(counts: WordCounts, members: np.ndarray) -> Population:
    """Some documents, by their ordinals in rising order, with the words of each; of tokens, the texts of each type."""
    if counts.counted is not None:
        once = members[counts.counted[members]]
        return Population(len(once), np.bincount(counts.occurrences[once], minlength=len(counts.words) + 1)[:-1])
    starts = np.concatenate([[0], counts.ends[:-1]])
    inside = np.zeros(len(counts.words) + 1, dtype=np.int64)
    for _, chunk in chunks(members):
        parts = [counts.occurrences[starts[m] : counts.ends[m]] for m in chunk]
        inside += np.bincount(np.concatenate(parts), minlength=len(inside))
    return Population(len(members), inside[:-1])


def _whole(counts: WordCounts) -> Population:
    """All documents of a corpus."""
    documents = len(counts.ends) if counts.counted is None else int(counts.counted.sum())
    return Population(documents, counts.documents)


def keywords(counts: WordCounts, regions: np.ndarray) -> dict[int, tuple[str, ...]]:
    """The words most specific to each region, by the lower confidence limit of log odds against all other documents.

    A word must be over-represented beyond chance: in so many of the region's documents that a random set of as many
    has any such word in 5 % of cases at most (`least_counts`), and with log odds at z = 1.96 or more, so that documents
    which merely have more words get none. Log odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn
    2008, "Fightin' Words", equations 16, 20 and 22), the prior in proportion to the words' counts over all documents.
    Words are ordered by log odds − 1.96 standard errors, the least over-representation that is compatible with the
    counts. By z itself, as in that paper, words that occur everywhere (`you`, `can`, `of`) would precede those of a
    topic: they have the smallest standard errors, however small their over-representation.

    Args:
        counts: from `count_words`.
        regions: (documents,) integer region of each document.
    """
    whole = _whole(counts)
    return {int(code): words_of(counts, np.flatnonzero(regions == code), whole) for code in np.unique(regions)}


def words_of(counts: WordCounts, members: np.ndarray, among: Population | None = None) -> tuple[str, ...]:
    """The words most specific to some documents against all others, as `keywords` finds those of regions.

    Args:
        counts: from `count_words`.
        members: ordinals of the documents, in rising order.
        among: the documents that they are a part of; None for the whole corpus.
    """
    whole = _whole(counts) if among is None else among
    size, inside = population(counts, members)
    lowest = _least_log_odds(inside.astype(float), whole.words, counts.documents)
    beyond_chance = inside >= least_counts(whole.words, size, whole.documents)
    best = np.flatnonzero(beyond_chance & (lowest >= 0))
    best = best[np.argsort(-lowest[best], kind="stable")][:MOST_KEYWORDS]
    return tuple(counts.words[best].tolist())


def showing(counts: WordCounts, words: Sequence[str], documents: Sequence[int]) -> tuple[int, ...]:
    """The documents sorted by how many of the words they have, most first; ties keep their order.

    Args:
        counts: from `count_words`.
        words: of these counts.
        documents: ordinals.
    """
    wanted = np.searchsorted(counts.words, np.array(words, dtype=object))
    starts = np.concatenate([[0], counts.ends[:-1]])
    shown = [np.isin(wanted, counts.occurrences[starts[d] : counts.ends[d]]).sum() for d in documents]
    return tuple(documents[i] for i in np.argsort(-np.array(shown), kind="stable"))


def _least_log_odds(inside: np.ndarray, total: np.ndarray, corpus: np.ndarray) -> np.ndarray:
    """(words,) lower confidence limit of each word's log odds against the others; 0 or more is a z of 1.96 or more.

    Args:
        inside: (words,) documents of each word here.
        total: (words,) here and in the others.
        corpus: (words,) in the whole corpus.
    """
    prior = PRIOR_WEIGHT * corpus
    here, elsewhere = inside + prior, total - inside + prior
    odds_here, odds_elsewhere = here / (here.sum() - here), elsewhere / (elsewhere.sum() - elsewhere)
    lowest: np.ndarray = np.log(odds_here / odds_elsewhere) - LEAST_Z * np.sqrt(1 / here + 1 / elsewhere)
    return lowest
