"""What is told of a study's tokens alone: what remains within their types, and where a region's tokens stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from mri_core.records.graph import Study
from mri_core.records.measures import ALPHA, FINDINGS, Measure
from mri_core.store.contents import StoredContents
from mri_core.store.store import Store
from queries.text import number
from ui.wording.evidence import ratio

Contexts = Mapping[str, str]  # by the ids of regions
WITHIN = (
    "Within token types: the same tokens are compared with one another, so that words which a category merely uses "
    "more often explain nothing (Mantel and Haenszel's score by text, under random signs of the texts)."
)


def contexts(store: Store, of: Study) -> Contexts:
    """The text around the first exemplar of each region, which stands between « and »; empty of a study of documents.

    Args:
        store: that holds the study.
        of: a ready study.
    """
    if of.tokens is None:
        return {}
    nodes = chain.from_iterable(StoredContents(store, of).nodes("Region"))
    return {node["id"]: node["contexts"][0] for node in nodes if node.get("contexts")}


def remaining(held: Iterable[Measure], family: str) -> tuple[int, int] | None:
    """How many findings remain within token types, and in how many that could be tested; None where it was not.

    Args:
        held: measures of the study.
        family: of tests, `connections` or `regions`.
    """
    found = (measure.details for measure in held if measure.kind == FINDINGS and measure.other == family)
    details = next((own for own in found if "within" in own), None)
    return None if details is None else (details["within"], details["within_tested"])


def remaining_told(held: Iterable[Measure], family: str) -> str:
    """The same in words that follow how many findings there are; "" where it was not tested.

    `12 of them within token types too, of 47 where that can be tested`
    """
    counts = remaining(held, family)
    if counts is None:
        return ""
    remain, tested = counts
    if not tested:
        return "in none of them anything varies within token types"
    return f"{remain or 'none'} of them within token types too, of {tested} where that can be tested"


def within_told(row: Mapping[str, Any]) -> str:
    """Of one finding what remains within token types; "" where it is not known.

    Args:
        row: of a question that returns `within` and `within_q`.
    """
    effect, q = row.get("within"), row.get("within_q")
    if effect is None or q is None:
        return ""
    same = (effect > 0) == (row["finding"] == "more")
    if q > ALPHA or not same:
        return f"within token types no more than chance (q {number(q)})" if q > ALPHA else "within token types the reverse"
    return f"within token types odds {ratio(effect)} times (q {number(q)})"
