"""The tokens that put a region's documents in it: the mean of their parts in the documents' margins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from math import isnan
from typing import NamedTuple

import numpy as np

from mri_core.records.explained import Token
from mri_core.records.measures import DRIVING, Measure
from mri_core.texts.words import word_places

FEWEST_DOCUMENTS = 2  # a token of one document drives that document, not a region
MOST = 10  # tokens of a region
LEVEL = 0.95


class Driving(NamedTuple):
    """A token in the margins of a region's documents.

    Attributes:
        token: a word in lower case, the parts of whose tokens are added up; or other characters.
        part: mean over the documents, 0 in those without it.
        ci_low, ci_high: 95 % confidence interval of the mean (Student's t).
        documents: with it.
        leads: it is among the `MOST` with the largest mean.
    """

    token: str
    part: float
    ci_low: float
    ci_high: float
    documents: int
    leads: bool


def by_word(text: str, tokens: Sequence[Token], parts: np.ndarray) -> dict[str, float]:
    """The parts of a text's tokens, added up for each word, and for each token that lies in none.

    Args:
        text: that the tokens are of.
        tokens: its positions.
        parts: (positions,) NaN for those that have none.
    """
    places = word_places(text)
    ends = [end for _, end, _ in places]
    found: dict[str, float] = {}
    for token, part in zip(tokens, parts.tolist(), strict=True):
        if not isnan(part):
            name = _name(token, places, ends)
            found[name] = found.get(name, 0.0) + part
    return found


def driving(documents: Sequence[Mapping[str, float]], words: Collection[str] = ()) -> list[Driving]:
    """The tokens with the largest mean part, and the words of a region whatever their part; the largest first.

    Args:
        documents: of a region, each with its parts by word; 2 or more.
        words: that are over-represented in the region.
    """
    count = len(documents)
    held: dict[str, list[float]] = {}
    for parts in documents:
        for name, part in parts.items():
            held.setdefault(name, []).append(part)
    known = {name: np.array(own) for name, own in held.items() if len(own) >= FEWEST_DOCUMENTS or name in words}
    means = {name: float(own.sum()) / count for name, own in known.items()}
    order = sorted(known, key=lambda name: (-means[name], name))
    leading = {name for name in order[:MOST] if means[name] > 0 and len(known[name]) >= FEWEST_DOCUMENTS}
    return [
        Driving(name, means[name], *_interval(known[name], count), len(known[name]), name in leading)
        for name in order
        if name in leading or name in words
    ]


def driving_measures(
    regions: Mapping[str, Sequence[Mapping[str, float]]], words: Mapping[str, Collection[str]], layer: int
) -> list[Measure]:
    """The measures of a layer; a region with less than 2 documents has none.

    Args:
        regions: by their ids within the study, the parts of each of their documents.
        words: that are over-represented in each.
        layer: its index.
    """
    return [
        Measure(
            DRIVING,
            one.part,
            layer,
            other=f"{region} {one.token}",
            ci_low=one.ci_low,
            ci_high=one.ci_high,
            details={"documents": one.documents, "sample": len(documents), "leads": one.leads},
        )
        for region, documents in sorted(regions.items())
        if len(documents) >= FEWEST_DOCUMENTS
        for one in driving(documents, words.get(region, ()))
    ]


def _name(token: Token, places: Sequence[tuple[int, int, str]], ends: Sequence[int]) -> str:
    """The word that a token lies in; else its own characters, white space by its escapes."""
    if token.start is not None and token.end is not None:
        first = bisect_right(ends, token.start)  # the first word that ends behind the token's beginning
        if first < len(places) and places[first][0] < token.end:
            return places[first][2]
    return token.text.strip().lower() or repr(token.text)[1:-1]


def _interval(parts: np.ndarray, count: int) -> tuple[float, float]:
    """Of the mean over so many documents, those without the token at 0."""
    from scipy.special import stdtrit

    mean = parts.sum() / count
    squares = np.square(parts - mean).sum() + (count - len(parts)) * mean**2
    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * np.sqrt(squares / (count - 1) / count)
    return float(mean - half), float(mean + half)
