"""The words that tell a region: those over-represented in its documents against the layer's others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WORDS = r"(?u)\b[^\W\d_][\w'’-]*\w\b"  # two characters or more, beginning with a letter
FEWEST_DOCUMENTS = 2  # a word of one document tells that document, not a region
FEWEST_WORDS = 2  # the odds of one word against no other are not defined
LEAST_Z = 1.96
MOST_KEYWORDS = 8
PRIOR_WEIGHT = 0.1  # a word of n documents enters the prior with n / 10


class WordCounts(NamedTuple):
    """Which words occur in which documents: `presence` is (documents, words), 0 or 1.

    A word counts once a document, so that no single text speaks for its region.
    """

    words: np.ndarray
    presence: csr_matrix


def count_words(texts: Iterable[str]) -> WordCounts | None:
    """Reads the texts once, as a stream; None where no two words occur in two documents each."""
    from sklearn.feature_extraction.text import CountVectorizer  # seconds to import: reading commands never come here

    vectorizer = CountVectorizer(token_pattern=WORDS, binary=True)
    try:
        presence = vectorizer.fit_transform(texts).tocsc()
    except ValueError:  # scikit-learn's "empty vocabulary"
        return None
    frequent = np.flatnonzero(np.diff(presence.indptr) >= FEWEST_DOCUMENTS)
    if len(frequent) < FEWEST_WORDS:
        return None
    return WordCounts(vectorizer.get_feature_names_out()[frequent], presence[:, frequent].tocsr())


def keywords(counts: WordCounts, regions: np.ndarray) -> dict[int, tuple[str, ...]]:
    """The most telling words of each region, by falling z of the log odds against all other documents.

    Log odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 16, 20
    and 22), the prior in proportion to the words' counts over all documents; words below z = 1.96 tell nothing.

    Args:
        counts: from `count_words`.
        regions: (documents,) integer region of each document.
    """
    codes, member = np.unique(regions, return_inverse=True)
    inside = _indicator(member, len(codes)) @ counts.presence
    z = _log_odds_z(inside.toarray().astype(float))
    best = np.argsort(-z, axis=1, kind="stable")[:, :MOST_KEYWORDS]
    return {
        int(code): tuple(str(counts.words[w]) for w in best[row] if z[row, w] >= LEAST_Z)
        for row, code in enumerate(codes)
    }


def _indicator(member: np.ndarray, count: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    documents = np.arange(len(member))
    return csr_matrix((np.ones(len(member)), (member, documents)), shape=(count, len(member)))


def _log_odds_z(inside: np.ndarray) -> np.ndarray:
    """z (regions, words) of each word's log odds in a region against the others, from its counts (regions, words)."""
    total = inside.sum(axis=0)
    prior = PRIOR_WEIGHT * total
    here, elsewhere = inside + prior, total - inside + prior
    odds_here = here / (here.sum(axis=1, keepdims=True) - here)
    odds_elsewhere = elsewhere / (elsewhere.sum(axis=1, keepdims=True) - elsewhere)
    return np.log(odds_here / odds_elsewhere) / np.sqrt(1 / here + 1 / elsewhere)
