"""Confounds that may separate categories besides what their texts say: length, form, duplicates and balance.

Of tokens their place, frequency and type.

Each is a `Measure` of kind `confound`; `other` names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mri_core.records.measures import CONFOUND, Measure
from mri_core.statistics import correlation_ratio, explained_by_chance, explained_by_regions
from mri_core.texts.near_duplicates import NearDuplicates

EXAMPLES, SHOWN = 3, 5  # groups of near-duplicates, documents of each
TYPED = 50_000  # tokens that the mutual information of types and regions is computed from, a tenth of a second a layer


class Unadjusted(NamedTuple):
    """Regions of an atlas that adjusts for nothing.

    Attributes:
        ordinals: (chosen,) tokens that it was fitted to.
        codes: (chosen, layers) region of each.
    """

    ordinals: np.ndarray
    codes: np.ndarray


def length_in_regions(explained: Sequence[float], chance: Sequence[float], bare: Sequence[float]) -> list[Measure]:
    """`length`, layer by layer: eta squared of 1/L by region.

    Args:
        explained: of each layer.
        chance: what as many regions explain of random numbers.
        bare: the same without adjustment for length; empty if nothing was adjusted.
    """
    return _in_regions("length", explained, chance, bare)


def _in_regions(name: str, explained: Sequence[float], chance: Sequence[float], bare: Sequence[float]) -> list[Measure]:
    """The same of anything that regions may explain."""
    found = [{"by_chance": by_chance} for by_chance in chance]
    for layer, unadjusted in enumerate(bare):
        found[layer]["unadjusted"] = unadjusted
    pairs = enumerate(zip(explained, found, strict=True))
    return [Measure(CONFOUND, value, layer, other=name, details=details) for layer, (value, details) in pairs]


def length_by_category(lengths: np.ndarray, unit: str, labels: np.ndarray, names: Sequence[str]) -> Measure:
    """Eta squared of log length by category, with each category's mean length.

    Args:
        lengths: (documents,) of each text; an empty one counts as 1.
        unit: of the lengths.
        labels: (documents,) index of each one's name.
        names: of the categories.
    """
    return _by_category("length_by_category", lengths, np.log(np.maximum(lengths, 1)), unit, labels, names)


def _by_category(
    name: str, values: np.ndarray, scaled: np.ndarray, unit: str, labels: np.ndarray, names: Sequence[str]
) -> Measure:
    """Eta squared of scaled values by category, and the mean of the values as they are."""
    means = np.bincount(labels, values) / np.bincount(labels)
    details = {
        "by_chance": (len(names) - 1) / (len(labels) - 1),
        "unit": unit,
        "mean": dict(zip(names, means.tolist(), strict=True)),
    }
    return Measure(CONFOUND, correlation_ratio(scaled, labels), other=name, details=details)


def tokens_in_regions(
    positions: np.ndarray, frequencies: np.ndarray, codes: np.ndarray, unadjusted: Unadjusted | None = None
) -> list[Measure]:
    """`position` and `frequency`, layer by layer: eta squared of 1/position and of log frequency by region.

    Args:
        positions: (tokens,) place of each among those of its text, from 1.
        frequencies: (tokens,) log frequency of each.
        codes: (tokens, layers) region of each.
        unadjusted: regions without adjustment for the two; None if nothing was adjusted.
    """
    found = []
    for name, values in (("position", 1 / positions), ("frequency", frequencies)):
        bare = [] if unadjusted is None else explained_by_regions(values[unadjusted.ordinals], unadjusted.codes)
        found += _in_regions(name, explained_by_regions(values, codes), explained_by_chance(codes), bare)
    return found


def tokens_by_category(
    positions: np.ndarray, frequencies: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> list[Measure]:
    """`position_by_category` and `frequency_by_category`: eta squared of log position and of log frequency.

    Args:
        positions, frequencies: (tokens,) as `tokens_in_regions` takes them.
        labels: (tokens,) index of each one's name.
        names: of the categories.
    """
    return [
        _by_category("position_by_category", positions, np.log(positions), "position", labels, names),
        _by_category("frequency_by_category", frequencies, frequencies, "log frequency", labels, names),
    ]


def types_of_regions(types: np.ndarray, codes: np.ndarray, seed: int = 0, most: int = TYPED) -> list[Measure]:
    """`type`, layer by layer: how far a region is a set of word types.

    The adjusted mutual information of type and region (Vinh, Epps and Bailey 2010, with the mean of the two entropies):
    0 as by chance, 1 if each determines the other.

    Args:
        types: (tokens,) integer type of each.
        codes: (tokens, layers) region of each.
        seed: of the sample of `most` tokens, where there are more.
        most: tokens that it is computed from.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    if len(types) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(types), most, replace=False))
        types, codes = types[chosen], codes[chosen]
    details = {"tokens": len(types), "types": len(np.unique(types)), "by_chance": 0.0}
    values = (float(adjusted_mutual_info_score(types, own)) for own in codes.T)
    return [Measure(CONFOUND, value, layer, other="type", details=details) for layer, value in enumerate(values)]


def form(by_category: Mapping[str, Mapping[str, Any]]) -> list[Measure]:
    """`tokens_per_word`, largest over smallest of a category; `cut`, largest minus smallest share of truncated texts;
    `unknown`, the largest share of tokens that the tokenizer does not know, if there are any.

    Args:
        by_category: facts of each category from `ingest.extract.token_report`; unknown ones are left out.
    """
    found = []
    ratios = {name: facts["tokens_per_word"] for name, facts in by_category.items() if "tokens_per_word" in facts}
    if len(ratios) > 1 and min(ratios.values()) > 0:
        value = max(ratios.values()) / min(ratios.values())
        found.append(Measure(CONFOUND, value, other="tokens_per_word", details={"by_category": ratios}))
    shares = {name: facts["cut_share"] for name, facts in by_category.items() if "cut_share" in facts}
    if len(shares) > 1:
        value = max(shares.values()) - min(shares.values())
        found.append(Measure(CONFOUND, value, other="cut", details={"by_category": shares}))
    unknown = {name: facts["unknown_share"] for name, facts in by_category.items() if "unknown_share" in facts}
    if unknown:
        found.append(Measure(CONFOUND, max(unknown.values()), other="unknown", details={"by_category": unknown}))
    return found


def duplicates(
    found: NearDuplicates, labels: np.ndarray, names: Sequence[str], groups: np.ndarray | None = None
) -> Measure:
    """The share of documents with a near-duplicate outside of their group.

    Args:
        found: the near-duplicates.
        labels: (documents,) index of each document's name.
        names: of the categories.
        groups: (documents,) number of each document's group, of documents known to belong together.

    Returns:
        with the documents, their shares of each category, how many have one in another category, and ordinals of
        some: the first of the largest groups.
    """
    marked = found.duplicated if groups is None else found.across(groups)
    shares = np.bincount(labels, marked) / np.bincount(labels)
    alike = np.unique(found.group[marked])
    largest = alike[np.argsort(-found.sizes[alike], kind="stable")][:EXAMPLES]
    details = {
        "documents": int(marked.sum()),
        "by_category": dict(zip(names, shares.tolist(), strict=True)),
        "across_categories": int((marked & found.across(labels)).sum()),
        "examples": [np.flatnonzero(found.group == group)[:SHOWN].tolist() for group in largest],
    }
    return Measure(CONFOUND, float(marked.mean()), other="duplicates", details=details)


def balance(sizes: Mapping[str, int]) -> Measure:
    """The documents of the largest category over those of the smallest."""
    most, least = max(sizes, key=sizes.__getitem__), min(sizes, key=sizes.__getitem__)
    return Measure(CONFOUND, sizes[most] / sizes[least], other="balance", details={"most": most, "least": least})
