"""Confounds that may separate categories besides what their texts say: length, form, duplicates and balance.

Each is a `Measure` of kind `confound`; `other` names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mri_core.records.measures import CONFOUND, Measure
from mri_core.statistics import correlation_ratio
from mri_core.texts.near_duplicates import NearDuplicates

EXAMPLES, SHOWN = 3, 5  # groups of near-duplicates, documents of each


def length_in_regions(explained: Sequence[float], chance: Sequence[float], bare: Sequence[float]) -> list[Measure]:
    """`length`, layer by layer: eta squared of 1/L by region.

    Args:
        explained: of each layer.
        chance: what as many regions explain of random numbers.
        bare: the same without adjustment for length; empty if nothing was adjusted.
    """
    found = [{"by_chance": by_chance} for by_chance in chance]
    for layer, unadjusted in enumerate(bare):
        found[layer]["unadjusted"] = unadjusted
    pairs = enumerate(zip(explained, found, strict=True))
    return [Measure(CONFOUND, value, layer, other="length", details=details) for layer, (value, details) in pairs]


def length_by_category(lengths: np.ndarray, unit: str, labels: np.ndarray, names: Sequence[str]) -> Measure:
    """Eta squared of log length by category, with each category's mean length.

        Args:
                    labels: (documents,) which of the names each is of.
    lengths: (documents,) of each text; an empty one counts as 1.
            unit: of the lengths.
            labels: (documents,) index of each one's name.
            labels: (documents,) which of the names each is of.
            names: of the categories.
    """
    means = np.bincount(labels, lengths) / np.bincount(labels)
    details = {
        "by_chance": (len(names) - 1) / (len(labels) - 1),
        "unit": unit,
        "mean": dict(zip(names, means.tolist(), strict=True)),
    }
    share = correlation_ratio(np.log(np.maximum(lengths, 1)), labels)
    return Measure(CONFOUND, share, other="length_by_category", details=details)


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
