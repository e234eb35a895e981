"""Two studies of other documents in one atlas: each category of the one against its namesake of the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.errors import UsageError, one_line
from mri_core.evidence.unpaired import Contrast, contrast
from mri_core.records.graph import GIVEN, Study
from mri_core.records.measures import CONFOUND
from mri_core.statistics.fdr import Method
from mri_core.statistics.procedure import Procedure
from mri_core.store.reading import Readable
from mri_core.studies.overlap import repeated
from mri_core.studies.placements import categories_of, in_one_numbering, keywords_of, method_of, read_placements
from mri_core.studies.same_documents import check_atlas, misfits

MANY = 0.5  # of the smaller study's documents
UNLIKE = 1.25  # times: mean lengths, or tokens per word, that differ by more are warned of


@dataclass(frozen=True)
class OtherDocuments:
    """The comparison of two studies of other documents.

    Attributes:
        base, other: the studies.
        categories: that both have, and which the tests are of.
        sizes: (categories, 2) documents of each in the base and in the other study.
        left_out: documents of `other` that are near-duplicates of the base's.
        regions: local ids, `L3/R5`; `contrast` has their numbers.
        keywords: of each region, from whichever study has it.
        contrast: the tests.
        fdr: how q was computed.
        warnings: what else differs between the corpora, a line each.
    """

    base: Study
    other: Study
    categories: tuple[str, ...]
    sizes: np.ndarray
    left_out: int
    regions: tuple[str, ...]
    keywords: tuple[tuple[str, ...], ...]
    contrast: Contrast
    fdr: str
    warnings: tuple[str, ...]


def compare_other_documents(
    store: Readable,
    base: Study,
    other: Study,
    *,
    fdr: Method | None = None,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> OtherDocuments:
    """Compares two studies of other documents in one atlas.

    Args:
        store: that holds both.
        base, other: ready studies.
        fdr: how q is computed; None for the base's own method.
        begin: called with the number of calls of `advance`.
        advance: called after each step.

    Raises:
        UsageError: the studies stand on different atlases, or share no category.
    """
    check_atlas(base, other)
    there = set(categories_of(store, other))
    categories = [name for name in categories_of(store, base) if name in there]
    if not categories:
        fact = f"{base.name} and {other.name} share no category"
        raise UsageError("Each category is compared with its namesake", fact, "Scan with labels of the same names")
    begin(4 + len(categories))
    read = [read_placements(store, study, categories) for study in (base, other)]
    advance()
    kept = ~np.isin(read[1].ordinals, repeated(store, base, other))
    advance()
    regions, codes = in_one_numbering([base, other], read)
    chosen = [np.ones(len(codes[0]), dtype=bool), kept]
    labels = np.concatenate([own.labels[part] for own, part in zip(read, chosen, strict=True)])
    side = np.repeat([0, 1], [len(codes[0]), int(kept.sum())])
    sizes = np.stack([np.bincount(labels[side == corpus], minlength=len(categories)) for corpus in (0, 1)], axis=1)
    if not sizes.all():
        lacking = one_line(categories[int((sizes == 0).any(axis=1).argmax())])
        fact = f"All documents of {lacking!r} in {other.name} are near-duplicates of {base.name}'s"
        remedy = "Take other documents; to compare the same ones, scan them with the same --limit, --seed and --group"
        raise UsageError("Two corpora have documents of their own", fact, remedy)
    method = method_of(base, fdr)
    both = np.concatenate([own[part] for own, part in zip(codes, chosen, strict=True)])
    procedure = Procedure(labels, len(categories), method, _groups(read, chosen), seed=base.seed)
    found = contrast(both, side, procedure, advance)
    words = keywords_of(regions, [base, other], read)
    left_out = int((~kept).sum())
    warnings = (*_alike(base, other, left_out), *_warnings(store, base, other, categories))
    return OtherDocuments(
        base, other, tuple(categories), sizes, left_out, tuple(regions), words, found, method, warnings
    )


def _groups(read: list[Any], chosen: list[np.ndarray]) -> np.ndarray | None:
    """Groups of both corpora, which never share one; None if neither has any."""
    if all(own.groups is None for own in read):
        return None
    numbers, next_free = [], 0
    for own, part in zip(read, chosen, strict=True):
        groups = np.arange(len(own.ordinals)) if own.groups is None else own.groups
        numbers.append(groups[part] + next_free)
        next_free += int(groups.max()) + 1
    return np.concatenate(numbers)


def _alike(base: Study, other: Study, left_out: int) -> Iterator[str]:
    if left_out >= MANY * min(base.documents, other.documents):
        yield (
            f"{left_out} documents of {other.name} are near-duplicates of {base.name}'s: to compare the same documents "
            "one by one, scan the very same sample (--limit, --seed, --group)."
        )


def _warnings(store: Readable, base: Study, other: Study, categories: list[str]) -> Iterator[str]:
    """What else than what they say may separate the corpora."""
    yield from misfits(store, (base, other))
    if base.model_revision != other.model_revision and GIVEN not in (base.site, other.site):
        yield f"The models differ too: {one_line(base.model)} and {one_line(other.model)}."
    lengths = _mean_lengths(store, base), _mean_lengths(store, other)
    yield from _unlike(base, other, lengths, categories, "Mean lengths")
    words = _tokens_per_word(base), _tokens_per_word(other)
    yield from _unlike(base, other, words, categories, "Tokens per word")


def _unlike(
    base: Study, other: Study, values: tuple[Mapping[str, float], Mapping[str, float]], categories: list[str], what: str
) -> Iterator[str]:
    first, second = values
    known = [name for name in categories if first.get(name) and second.get(name)]
    ratios = {name: second[name] / first[name] for name in known}
    far = max(ratios, key=lambda name: abs(np.log(ratios[name])), default=None)
    if far is not None and abs(np.log(ratios[far])) > np.log(UNLIKE):
        yield (
            f"{what} differ between the corpora: of {one_line(far)} {first[far]:.3g} in {base.name} and "
            f"{second[far]:.3g} in {other.name}."
        )


def _mean_lengths(store: Readable, study: Study) -> Mapping[str, float]:
    found = [m for m in store.measures(study, [CONFOUND]) if m.other == "length_by_category"]
    return found[0].details["mean"] if found else {}


def _tokens_per_word(study: Study) -> Mapping[str, float]:
    facts = json.loads(study.report).get("by_category", {})
    return {name: own["tokens_per_word"] for name, own in facts.items() if "tokens_per_word" in own}
