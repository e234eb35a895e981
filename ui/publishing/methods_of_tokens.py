"""How a study of tokens was made where a study of documents is made otherwise, in sentences for a paper."""

from __future__ import annotations

from collections.abc import Iterator

from mri_core.records.measures import CONFOUND
from mri_core.statistics.within_types import BLOCKS, FLIPS
from ui.publishing.facts import Facts
from ui.reports.token_regions import remaining
from ui.wording.units import of_tokens

PIECES = {
    "first": "the state at its first piece",
    "last": "the state at its last piece",
    "mean": "the mean of the states at its pieces",
}


def rows_of_tokens(facts: Facts) -> str:
    """What a row is, in a sentence."""
    left_out = f"Special tokens and attention sinks left out {facts.cite('sun2024')}"
    if not facts.tagged:
        return f"{left_out}, each of a text's own tokens has a row of its own in a layer: the state at its position."
    pieces = PIECES[facts.parameters.get("subtokens", "first")]
    return f"{left_out}, each word with a label has a row of its own in a layer: {pieces}."


def adjusted(facts: Facts) -> str:
    """What rows were adjusted for, in a sentence."""
    bare = [one for one in facts.of_kind(CONFOUND) if one.other == "position" and "unadjusted" in one.details]
    if not bare:
        return "Neither place nor frequency of tokens was adjusted for."
    return (
        "Each column was regressed on 1, 1/p, log p, p and log(1 + f), and its residual used (p: a token's place among "
        "its text's own, f: how often its type occurs in the texts that the atlas was fitted to)."
    )


def tokens(facts: Facts) -> Iterator[str]:
    """The unit, its blocks, and what was tested within types; nothing of a study of documents."""
    if not of_tokens(facts.of):
        return
    cite = facts.cite
    yield (
        f"The unit of analysis is the token. Tokens of one text are no independent evidence: {facts.blocks} are "
        "blocks, which permutations, halves, refits and held-out parts keep whole, and shares count tokens."
    )
    if any(one.other == "type" for one in facts.of_kind(CONFOUND)):
        yield f"How far regions are types of tokens is their adjusted mutual information {cite('vinh2010')}."
    remain, tested = remaining(facts.held, "connections") or (0, 0)
    if tested:
        yield (
            "Within types, each finding was tested again with types as strata: Mantel and Haenszel's score "
            f"{cite('mantel1959')} is a sum over texts, compared with the same scores under {FLIPS:,} random "
            f"signs {cite('hemerik2020')} of at most {BLOCKS:,} blocks, with the correction CR2 for types that "
            f"few texts have {cite('bell2002')}; of {tested:,} connections with a finding in which anything varies "
            f"within types {remain:,} differ there in the same direction (q ≤ 0.05)."
        )
