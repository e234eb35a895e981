"""The Methods paragraphs of a comparison of two studies: how each was read, and how they were compared."""

from __future__ import annotations

from collections.abc import Iterator

from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.measures import ALPHA
from mri_core.studies.other_documents import OtherDocuments
from mri_core.studies.same_documents import SameDocuments
from ui.publishing.facts import Facts, Methods
from ui.publishing.methods import atlas, reading
from ui.publishing.methods_of_tests import controlled


def same_documents_methods(compared: SameDocuments, base: Facts, other: Facts) -> Methods:
    """The paragraphs of two readings of the same documents.

    Args:
        compared: the comparison.
        base, other: facts of its studies, which collect their citations in one place.
    """
    return _methods(base, other, _paired(compared, base))


def other_documents_methods(compared: OtherDocuments, base: Facts, other: Facts) -> Methods:
    """The paragraphs of two corpora; arguments as of `same_documents_methods`."""
    return _methods(base, other, _unpaired(compared, base, grouped=base.grouped or other.grouped))


def _methods(base: Facts, other: Facts, compared: Iterator[str]) -> Methods:
    scans = [f"{one_line(facts.of.name)}: {' '.join([*reading(facts), *atlas(facts)])}" for facts in (base, other)]
    return Methods((*scans, " ".join(compared)), tuple(base.cite.keys))


def _paired(compared: SameDocuments, facts: Facts) -> Iterator[str]:
    cite = facts.cite
    items = ", ".join(f"{family.changes.tests:,} {family.kind}" for family in compared.families)
    if not items:
        yield "Both readings put every document in the same regions, so that there was nothing to test."
    elif facts.grouped:
        yield (
            f"The two readings of the documents were compared item by item ({items}) by permutations that exchange "
            f"both readings of whole groups; intervals of the odds of gaining an item are widened by the design "
            f"effect of the groups {cite('rao1992')}."
        )
    else:
        yield (
            f"The two readings of the documents were compared item by item ({items}; a move is a change of region "
            f"within a layer) by McNemar's exact test {cite('mcnemar1947')}; effects are the log odds of gaining an "
            f"item among the documents that changed, with exact intervals {cite('clopper1934')}."
        )
    if items:
        yield f"{controlled(compared.fdr, cite)} Changes that are reported have q ≤ {ALPHA:g}."
    yield "Drift is the share of the documents whose region differs between the readings, by layer."
    if compared.refits is not None:
        yield f"It is set against that between the atlas and its refits, regions matched {cite('kuhn1955')}."
    if compared.floors:
        yield f"Floors are {how_many(len(compared.floors), 'reading')} by the base's own model."
    if compared.excess is not None:
        runs, shams = how_many(1 + len(compared.runs), "run"), how_many(len(compared.shams), "sham run")
        yield (
            f"{runs} and {shams} were compared by their mean drift, with the training run as the unit "
            f"{cite('sellam2022')}: an exact permutation test, familywise over the layers."
        )


def _unpaired(compared: OtherDocuments, facts: Facts, *, grouped: bool) -> Iterator[str]:
    cite = facts.cite
    test, crossed = "Fisher's exact test", "an exact test"
    if grouped:
        test, crossed = "permutations that keep groups together", "permutations within the categories"
    yield (
        f"Within each category of both corpora their documents were compared connection by connection by {test}, and "
        f"over all categories, each held constant, by the common odds ratio {cite('mantel1959')} and {crossed}; each "
        f"category and all of them are families of their own. {controlled(compared.fdr, cite)} "
        f"Differences that are reported have q ≤ {ALPHA:g}."
    )
    if compared.left_out:
        left_out = how_many(compared.left_out, "document")
        yield f"{left_out} of the second corpus, near-duplicates of the first one's, were left out."
    q = compared.contrast.interaction_q
    if (q == q).any():
        cited = cite("woolf1955"), cite("benjamini1995")
        yield (
            f"Whether the odds ratio differs between categories was tested {cited[0]}; q by the step-up procedure "
            f"{cited[1]}."
        )
