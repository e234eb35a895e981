"""Confounds of a study and their warnings: what may separate its categories besides what their texts say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.extract.token_corpus import TokenCorpus
from ingest.request import Request
from ingest.scan.records import Scan, Scanned
from mri_core.atlas.fitting import fit_atlas
from mri_core.atlas.kinds.clusters import cluster_count
from mri_core.atlas.spec import adjusts_for_length
from mri_core.evidence.confounds import (
    Unadjusted,
    balance,
    duplicates,
    form,
    length_by_category,
    length_in_regions,
    tokens_by_category,
    tokens_in_regions,
    types_of_regions,
)
from mri_core.records.arrays import AtlasSpec, Frequency
from mri_core.records.measures import Measure
from mri_core.statistics import explained_by_chance, explained_by_regions
from mri_core.texts.near_duplicates import near_duplicates

UNADJUSTED_SAMPLE = 4_000  # documents: eta squared is then right to about .01
ABOVE, TIMES = 0.05, 2  # warned of if eta squared exceeds chance by this much and this factor
REPEATED = 0.05  # share of a category's documents that have near-duplicates
TYPED_FROM = 0.3  # adjusted mutual information of types and regions, from which a layer is told to be one of types
TOKEN_WORDS = {  # what shows in regions, what they explain of it, and in what the categories' means differ
    "position": ("A token's place in its text", "1/place", "mean place in the text"),
    "frequency": ("Word frequency", "log frequency", "mean log frequency"),
}
UNBALANCED = 4  # documents of the largest category over those of the smallest


class Confounds(NamedTuple):
    """The confounds found.

    Attributes:
        measures: of kind `confound`.
        warnings: a line for each that passes its threshold.
        report: how much of 1/L the regions explain, for the study's report.
    """

    measures: tuple[Measure, ...]
    warnings: tuple[str, ...]
    report: dict[str, Any]


def confounds_of(
    scan: Scan, scanned: Scanned, codes: np.ndarray, request: Request, groups: np.ndarray | None
) -> Confounds:
    """The confounds of a study of documents or of tokens; the arguments are those of `find_confounds`."""
    tokens = scan.documents
    if isinstance(tokens, TokenCorpus):
        return _confounds_of_tokens(scan, tokens, scanned, codes, request)
    return find_confounds(scan.documents, scanned, codes, request, groups)


def _confounds_of_tokens(
    scan: Scan, tokens: TokenCorpus, scanned: Scanned, codes: np.ndarray, request: Request
) -> Confounds:
    names = [name for name, _ in tokens.categories]
    unadjusted = None
    if _was_adjusted(scanned, request):
        chosen, found = _unadjusted(scanned, request.atlas_spec)
        unadjusted = Unadjusted(chosen if scan.sample is None else scan.sample[chosen], found)
    known = tokens.plan.covariates(cast(Frequency, scan.frequency))
    measures, lines = token_confounds(known, tokens.plan.kind, codes, tokens.labels, names, unadjusted, request.seed)
    even = balance(dict(tokens.categories))
    return Confounds((*measures, even), (*lines, *_balance_line(even, "tokens")), {})


def find_confounds(
    documents: Corpus, scanned: Scanned, codes: np.ndarray, request: Request, groups: np.ndarray | None
) -> Confounds:
    """The confounds of a study; the texts, where there are any, are read once.

    Args:
        documents: of the study.
        scanned: their activations and token facts; it has its own warnings about tokens.
        codes: (documents, layers) region of each document; (documents, 0) where there are components only.
        request: the options.
        groups: (documents,) number of each document's group, if some belong together.
    """
    names = [name for name, _ in documents.categories]
    report = _length_report(scanned, request.atlas_spec if _was_adjusted(scanned, request) else None, codes)
    explained = (report.get(f"length_explained{of}", []) for of in ("", "_by_chance", "_unadjusted"))
    measures = [*length_in_regions(*explained), *_length(documents, scanned.tokens, names)]
    measures += form(scanned.report.get("by_category", {}))
    if documents.columns.text is not None:
        alike = near_duplicates(document.text for document in documents)
        measures.append(duplicates(alike, documents.labels, names, groups))
    measures.append(balance(dict(documents.categories)))
    lines = confound_lines(measures, can_match=request.activations is None and request.match is None)
    return Confounds(tuple(measures), tuple(lines), report)


def token_confounds(
    known: np.ndarray,
    types: np.ndarray,
    codes: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    unadjusted: Unadjusted | None = None,
    seed: int = 0,
) -> tuple[list[Measure], list[str]]:
    """The confounds of tokens, and a warning for each that passes its threshold.

    Args:
        known: (tokens, 2) place in the text, from 1, and log frequency, as `Activations.tokens` has them.
        types: (tokens,) integer type of each.
        codes: (tokens, layers) region of each.
        labels: (tokens,) index of each one's name.
        names: of the categories.
        unadjusted: regions of an atlas without adjustment; None if nothing was adjusted.
        seed: of the sample that types are compared with regions in.
    """
    positions, frequencies = known.T
    measures = [
        *tokens_in_regions(positions, frequencies, codes, unadjusted),
        *tokens_by_category(positions, frequencies, labels, names),
        *types_of_regions(types, codes, seed),
    ]
    return measures, list(_token_lines(measures))


def _token_lines(measures: Sequence[Measure]) -> Iterator[str]:
    for name, (subject, explained, mean) in TOKEN_WORDS.items():
        yield from _shows([measure for measure in measures if measure.other == name], subject, explained)
        (by_category,) = (measure for measure in measures if measure.other == f"{name}_by_category")
        if _is_much(by_category):
            yield f"The categories' tokens differ in {mean}: {_means(by_category, '.1f')}."
    typed = [measure for measure in measures if measure.other == "type"]
    most = max(typed, key=lambda measure: measure.value or 0)
    if (most.value or 0) > TYPED_FROM:
        yield (
            f"Regions are mostly word types in layer {most.layer} (adjusted mutual information {most.value:.2f} of 1):"
            " read what is found within types."
        )


def confound_lines(measures: Sequence[Measure], *, can_match: bool) -> Iterator[str]:
    """Warnings; those about tokens per word and truncated texts come from `ingest.extract.token_report`.

    Args:
        measures: of kind `confound`.
        can_match: whether `--match length` is available.
    """
    yield from _regions_line([measure for measure in measures if measure.other == "length"])
    by_kind = {measure.other: measure for measure in measures}
    if "length_by_category" in by_kind:
        yield from _length_line(by_kind["length_by_category"], can_match)
    if "duplicates" in by_kind:
        yield from _duplicates_line(by_kind["duplicates"])
    if "balance" in by_kind:
        yield from _balance_line(by_kind["balance"])


def _length(documents: Corpus, tokens: np.ndarray | None, names: Sequence[str]) -> Iterator[Measure]:
    """Length in tokens, else in characters, if there are texts."""
    if tokens is not None:
        yield length_by_category(tokens, "tokens", documents.labels, names)
    elif documents.columns.text is not None:
        yield length_by_category(documents.lengths, "characters", documents.labels, names)


def _length_report(scanned: Scanned, spec: AtlasSpec | None, codes: np.ndarray) -> dict[str, Any]:
    """How much of 1/L the regions explain (eta squared, by layer), as analysed and without adjustment for length.

    The second needs another atlas, which is fitted to a seeded sample of more than 4,000 documents.

    Args:
        scanned: with lengths, or there is nothing to report.
        spec: of the atlas, if it was fitted to its activations with an adjustment for length.
        codes: (documents, layers) region of each document; (documents, 0) where there are components only.
    """
    if scanned.tokens is None or not codes.shape[1]:
        return {}
    inverse = 1 / scanned.tokens
    report: dict[str, Any] = {
        "length_explained": explained_by_regions(inverse, codes),
        "length_explained_by_chance": explained_by_chance(codes),
    }
    if spec is not None:
        chosen, unadjusted = _unadjusted(scanned, spec)
        lengths = np.asarray(scanned.activations.tokens)[chosen]
        report["length_explained_unadjusted"] = explained_by_regions(1 / lengths, unadjusted)
    return report


def _was_adjusted(scanned: Scanned, request: Request) -> bool:
    """Whether an atlas was fitted to these activations that adjusts them."""
    return request.atlas_of is None and adjusts_for_length(request.atlas_spec, scanned.activations)


def _unadjusted(scanned: Scanned, spec: AtlasSpec) -> tuple[np.ndarray, np.ndarray]:
    """Ordinals of a seeded sample of the rows, and their regions in an atlas that adjusts for nothing."""
    fitted = len(scanned.activations.layers[0])
    size = min(fitted, max(UNADJUSTED_SAMPLE, cluster_count(spec, fitted)))
    chosen = np.sort(np.random.default_rng(spec.seed).choice(fitted, size, replace=False))
    return chosen, fit_atlas(scanned.activations, replace(spec, length_adjust=False), ordinals=chosen).codes


def _is_much(measure: Measure) -> bool:
    """Whether an eta squared is well above what chance gives."""
    chance = measure.details["by_chance"]
    return measure.value is not None and measure.value > max(chance + ABOVE, chance * TIMES)


def _regions_line(layers: Sequence[Measure]) -> Iterator[str]:
    yield from _shows(layers, "Length", "1/length")


def _shows(layers: Sequence[Measure], subject: str, explained: str) -> Iterator[str]:
    marked = [measure for measure in layers if _is_much(measure)]
    if marked:
        most = max(marked, key=lambda measure: measure.value or 0)
        yield (
            f"{subject} shows in the regions of {len(marked)} of {len(layers)} layers: in layer {most.layer} they"
            f" explain {most.value:.0%} of {explained} ({most.details['by_chance']:.0%} by chance)."
        )


def _length_line(found: Measure, can_match: bool) -> Iterator[str]:
    if _is_much(found):
        remedy = "; --match length evens them out" if can_match else ""
        yield f"The categories differ in length: {_means(found, '.0f', found.details['unit'] + ' ')}{remedy}."


def _means(found: Measure, form: str, unit: str = "") -> str:
    """The categories of the largest and the smallest mean, and eta squared."""
    means = found.details["mean"]
    least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    return (
        f"{means[most]:{form}} {unit}in {most!r}, {means[least]:{form}} in {least!r}"
        f" (eta squared {found.value:.2f}, {found.details['by_chance']:.2f} by chance)"
    )


def _duplicates_line(found: Measure) -> Iterator[str]:
    shares = found.details["by_category"]
    most = max(shares, key=shares.__getitem__)
    if shares[most] > REPEATED:
        across = found.details["across_categories"]
        elsewhere = f", {across} of them in another category" if across else ""
        first, second, *_ = (f"D{ordinal}" for ordinal in found.details["examples"][0])
        yield (
            f"{found.details['documents']} documents ({shares[most]:.0%} of {most!r}) have near-duplicates{elsewhere},"
            f" such as {first} and {second}: they are not independent. Name a column of what belongs together with"
            " --group, or leave all but one out."
        )


def _balance_line(found: Measure, units: str = "documents") -> Iterator[str]:
    if found.value is not None and found.value > UNBALANCED:
        yield (
            f"The categories are unbalanced: {found.details['most']!r} has {found.value:.1f} times the {units} of"
            f" {found.details['least']!r}, in which less can be found."
        )
