"""Evidence in words: whether there is any difference, and how large one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

from mri_core.records import Measure

ALPHA = 0.05
LARGE = 1e4  # odds ratios beyond are not worth their digits


def any_difference(measures: Sequence[Measure]) -> str:
    """The global test of any difference at all, as a sentence; "" where it was not made."""
    found = next((measure for measure in measures if measure.kind == "global"), None)
    if found is None or found.p is None or found.value is None:
        return ""
    permutations = found.details["permutations"]
    told = f"p {probability(found.p)} by {permutations:,} permutations"
    if found.p <= ALPHA:
        layer = found.details["layer"]
        return f"The categories sit in different regions, more than shuffled labels do: most in layer {layer}, {told}."
    return f"That the categories sit in different regions at all is not shown: {told}."


def asking(question: str, study: str, family: Mapping[str, Any]) -> str:
    """The command that tells everything that a family of tests names: by itself a question stops at its own limit.

    Args:
        question: that lists it.
        study: name of the study.
        family: its row of the question `controls`.
    """
    named = (family["more"] or 0) + (family["less"] or 0)
    return f"mri query {question} --study {study}" + (f" --limit {named}" if named else "")


def chance(effect: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """An odds ratio and its interval, from log odds."""
    if effect is None or low is None or high is None:
        return ("", "")
    return (ratio(effect), f"{ratio(low)} to {ratio(high)}")


def ratio(log_odds: float) -> str:
    """An odds ratio in few digits."""
    if log_odds > 9.2:
        return f"over {LARGE:,.0f}"
    if log_odds < -9.2:
        return f"below 1/{LARGE:,.0f}"
    value = exp(log_odds)
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def probability(p: float) -> str:
    """A chance with its sign: `= 0.012`, `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
