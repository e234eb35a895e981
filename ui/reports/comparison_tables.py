"""What two studies in one atlas differ in, as tables: of the same documents, and of other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mri_core.evidence.unpaired import found_items
from mri_core.numbers import finite
from mri_core.records.graph import Study
from mri_core.studies.other_documents import OtherDocuments
from ui.reports.changes import Change, Move
from ui.reports.other_documents import ALL, shares
from ui.wording.evidence import odds_told
from ui.wording.groups import groups_told
from ui.wording.labels import region_label

DRIFT = (
    "Share of the documents that are in another region of {other} than of {base}. Dashed: what moves although nothing, "
    "or nothing that means anything, was changed: refits of the atlas, the model of {base} under other conditions, "
    "and sham runs. Only what exceeds them is of the change."
)
COUNTS = (
    "Documents of both studies, each category against its namesake: connections that were tested, and those that "
    "differ by more than chance (q ≤ 0.05). The last row holds the categories constant (Mantel and Haenszel)."
)
FOUND = (
    "Share of the documents that take the connection, in each study; odds: odds ratio of {other} against {base}, with "
    "its interval."
)
UNLIKE = " Unlike: q of Woolf's test that the odds ratio is the same in every category."
NO_MOVES = "No two regions exchange documents more in one direction than in the other by more than chance."
NO_CHANGES = "No connection is gained or lost by more than chance (q above 0.05)."
NO_DIFFERENCES = "No connection differs by more than chance (q above 0.05)."


def moved_told(base: Study) -> str:
    """What the table of moves is."""
    return (
        f"More documents go this way than come back, by {which_test(base)} (q ≤ 0.05), the nearer end of the interval "
        "first. Of: documents of the category; in all: of every category that go; back: that come back; odds: those in "
        "all over those back, with their interval; unlike: q that the categories differ."
    )


def tested_told(base: Study) -> str:
    """What the table of changed connections is."""
    return (
        f"By {which_test(base)}, one for each connection. Odds: documents that gain it over those that lose it, with "
        "their interval; unlike: q that the categories differ."
    )


def found_told(compared: OtherDocuments) -> str:
    """What the table of connections that differ is."""
    unlike = UNLIKE if _interaction_tested(compared) else ""
    return f"{FOUND.format(base=compared.base.name, other=compared.other.name)}{unlike}"


def _interaction_tested(compared: OtherDocuments) -> bool:
    """Whether categories could be compared in how the corpora differ: not of groups, nor of one category."""
    return bool(np.isfinite(compared.contrast.interaction_q).any())


def which_test(base: Study) -> str:
    """By which test two readings of its documents are compared."""
    return "permutations that exchange both readings of whole groups" if groups_told(base) else "McNemar's exact test"


def moves_table(moves: Sequence[Move], layers: Mapping[int, str]) -> pd.DataFrame:
    """A row for each move."""
    return pd.DataFrame(
        [
            {
                "layer": layers[move.layer],
                "from": move.ends[0],
                "to": move.ends[1],
                "category": move.category,
                "documents": move.documents,
                "of": move.size,
                "in all": move.all,
                "back": move.back,
                "odds": odds_told(move.effect, move.low, move.high),
                "q": move.q,
                "unlike": move.unlike_q,
            }
            for move in moves
        ]
    )


def changes_table(changes: Sequence[Change], layers: Mapping[int, str]) -> pd.DataFrame:
    """A row for each connection."""
    return pd.DataFrame(
        [
            {
                "leaves": layers[change.layer],
                "from": change.ends[0],
                "to": change.ends[1],
                "gained": change.gained,
                "lost": change.lost,
                "by category": "; ".join(
                    f"{name} +{more} −{less}" for name, (more, less) in change.by_category.items()
                ),
                "odds": odds_told(change.effect, change.low, change.high),
                "q": change.q,
                "unlike": change.unlike_q,
            }
            for change in changes
        ]
    )


def counts_table(compared: OtherDocuments) -> pd.DataFrame:
    """A row for each category, and one for all."""
    found, sizes = compared.contrast, [*compared.sizes.tolist(), compared.sizes.sum(axis=0).tolist()]
    return pd.DataFrame(
        [
            {
                "category": name,
                f"documents of {compared.base.name}": own[0],
                f"documents of {compared.other.name}": own[1],
                "tested": int(found.tests[row]),
                "differ": int(found.passed[row]),
            }
            for row, (name, own) in enumerate(zip([*compared.categories, ALL], sizes, strict=True))
        ]
    )


def found_table(compared: OtherDocuments, family: int, layers: Mapping[int, str]) -> pd.DataFrame:
    """The connections that differ, the nearer end of the interval first.

    Args:
        compared: the comparison.
        family: number of the category; of all of them the number after the last.
        layers: names of the layers.
    """
    found = compared.contrast
    evidence = found.effect, found.ci_low, found.ci_high
    tested = _interaction_tested(compared)
    rows = []
    for item in found_items(found, family).tolist():
        ends = (int(end[item]) for end in (found.source, found.target))
        source, target = (region_label(_number(compared.regions[end]), compared.keywords[end], 2) for end in ends)
        share, other_share = shares(compared, item, family)
        rows.append(
            {
                "leaves": layers[int(found.layer[item])],
                "from": source,
                "to": target,
                f"share, {compared.base.name}": share,
                f"share, {compared.other.name}": other_share,
                "odds": odds_told(*(finite(part[item, family]) for part in evidence)),
                "q": float(found.q[item, family]),
                **({"unlike": finite(found.interaction_q[item])} if tested else {}),
            }
        )
    return pd.DataFrame(rows)


def _number(region: str) -> str:
    return region.rpartition("/R")[2]
