"""What is told of a study's tokens alone: what remains within their types, and where a region's tokens stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mri_core.records.graph import Study
from mri_core.records.measures import ALPHA, CONFOUND, FINDINGS, Measure
from queries.text import number
from ui.drawing.picture import Ask
from ui.wording.evidence import percent, ratio
from ui.wording.units import of_tokens

CONFOUNDS = ("type", "frequency", "position")  # by layer
Contexts = Mapping[str, Sequence[str]]  # by the ids of regions
MARKED = re.compile(r"«(.*?)»")  # the token in its context
WITHIN_TYPES = (
    "Within token types: the same tokens are compared with one another, so that words which a category merely uses "
    "more often explain nothing (Mantel and Haenszel's score by text, under random signs of the texts)."
)


def contexts(of: Study, ask: Ask) -> Contexts:
    """The text around each region's exemplars, which stand between « and »; empty of a study of documents.

    Args:
        of: a ready study.
        ask: gives answers about it.
    """
    if not of_tokens(of):
        return {}
    rows = ask(of, "regions", limit=of.regions).records()
    return {row["region"]: row["contexts"] for row in rows if row["contexts"]}


def context_of(around: Contexts, connection: Mapping[str, Any]) -> str:
    """A token that lies where the tokens of a connection go, of their words if there is one; "" if none is known.

    Args:
        around: as `contexts` gives them.
        connection: with its `target`, and its `keywords` where it has some.
    """
    known, words = around.get(connection["target"], ()), set(connection.get("keywords") or ())
    marked = ((text, MARKED.search(text)) for text in known)
    own = (text for text, token in marked if token and token[1].casefold() in words)
    return next(own, known[0] if known else "")


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

    `12 of them within token types too (47 could be tested there)`
    """
    counts = remaining(held, family)
    if counts is None:
        return ""
    remain, tested = counts
    if not tested:
        return "none of which could be tested within token types"
    return f"{remain or 'none'} of them within token types too ({tested} could be tested there)"


def within_told(row: Mapping[str, Any]) -> str:
    """Of one finding what remains within token types; "" where it is not known.

    Args:
        row: of a question that returns `within` and `within_q`.
    """
    effect, q = row.get("within"), row.get("within_q")
    if effect is None or q is None:
        return ""
    against = ", against all others," if row.get("named_before") else ""  # the finding itself is of fewer
    if q > ALPHA:
        return f"not within token types{against} (q {number(q)})".replace(", (", " (")
    return f"within token types{against} odds {ratio(effect)} times (q {number(q)})"


def types_told(held: Iterable[Measure]) -> str:
    """How much of the regions is token types, their frequency and their place, in a sentence; "" where it is not known.

    Args:
        held: measures of the study.
    """
    most = {name: _most(held, name) for name in ("type", "frequency", "position")}
    typed, often, place = most.values()
    if typed is None or often is None or place is None:
        return ""
    return (
        f"regions agree with them by up to {typed.value:.2f}, explain up to {percent(often.value or 0)} of "
        f"frequency, {percent(place.value or 0)} of place."
    )


def by_layer(held: Iterable[Measure]) -> dict[str, dict[int, float | None]]:
    """What regions have to do with token types, frequency and place, by its name and layer; empty of documents.

    Args:
        held: measures of the study.
    """
    found: dict[str, dict[int, float | None]] = {name: {} for name in CONFOUNDS}
    for one in held:
        if one.kind == CONFOUND and one.other in found and one.layer is not None:
            found[one.other][one.layer] = one.value
    return {name: values for name, values in found.items() if values}


def by_chance(held: Iterable[Measure]) -> float:
    """What as many regions explain of random numbers, in the layer where that is most."""
    explained = (one for one in held if one.kind == CONFOUND and one.other in ("position", "frequency"))
    return max((one.details["by_chance"] for one in explained), default=0.0)


def _most(held: Iterable[Measure], name: str) -> Measure | None:
    """The confound of that name in the layer where it is largest."""
    found = [one for one in held if one.kind == CONFOUND and one.other == name and one.value is not None]
    return max(found, key=lambda one: one.value or 0, default=None)
