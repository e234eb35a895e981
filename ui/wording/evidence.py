"""Evidence in words: whether there is any difference, and how large one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log2
from typing import Any

from mri_core.records.measures import ALPHA, Measure
from queries.text import number
from ui.wording.fitting import fitted
from ui.wording.open_ends import printed

ROUNDING = 1e-9  # bits
SATURATED = "saturated"  # in the place of an interval: the categories share no region, and no document changes that
NAMES = 2  # names of categories, at most, that a finding says it is not compared with
LARGE = 1e4  # odds ratios beyond are not worth their digits


def any_difference(measures: Sequence[Measure]) -> str:
    """The global test of any difference at all, as a sentence; "" where it was not made."""
    found = next((measure for measure in measures if measure.kind == "global"), None)
    if found is None or found.p is None or found.value is None:
        return ""
    statistic = found.details.get("statistic")  # older studies tested the divergence with categories weighing alike
    by = f"{statistic} and " if statistic else ""
    told = f"p {probability(found.p)} by {by}{found.details['permutations']:,} permutations"
    if found.p <= ALPHA:
        what = "different regions, more" if found.value > 0 else "regions more alike"
        return f"The categories sit in {what} than shuffled labels do: most in layer {found.details['layer']}, {told}."
    return f"That the categories sit in different regions at all is not shown: {told}."


def asking(question: str, study: Mapping[str, Any], family: Mapping[str, Any]) -> str:
    """The command that shows everything that a family of tests names: a question stops at its own limit.

    Args:
        question: that lists it.
        study: its properties.
        family: its row of the question `controls`.
    """
    rows = _rows(study, family)
    return f"mri query {question} --study {study['name']}" + (f" --limit {rows}" if rows else "")


def counted(study: Mapping[str, Any], family: Mapping[str, Any]) -> str:
    """How many rows that command shows, where these are more than what a family counts as found; else ""."""
    rows = _rows(study, family)
    return f" ({rows} rows: one for each category that is named)" if rows != family["findings"] else ""


def _rows(study: Mapping[str, Any], family: Mapping[str, Any]) -> int:
    """How many rows list a family: of two categories, what one takes more and the other less is listed once."""
    more, less = family["more"] or 0, family["less"] or 0
    return max(more, less) if study["categories"] == 2 else more + less


def shares(share: float, others: float, unit: str = "documents", before: Sequence[str] = ()) -> str:
    """Both shares of a finding: `13% of its documents against 1% of all others`.

    Args:
        share: of the category.
        others: of those that it was compared with, together.
        unit: what is counted, in the plural.
        before: the categories that were named before it.
    """
    return f"{percent(share)} of its {unit} against {percent(others)} of all others{left_out(before)}"


def left_out(before: Sequence[str], room: int = 26) -> str:
    """Which others a finding's numbers leave out, in words that follow these; "" where they are of all others.

    Args:
        before: the categories that were named before the finding's own on its connection.
        room: characters of a name.
    """
    if len(before) > NAMES:
        return f" without the {len(before)} named before it"
    return f" without {' and '.join(fitted(name, room) for name in before)}" if before else ""


def percent(share: float) -> str:
    """A share in few digits, never rounded to nothing or to all; what is no share, since beyond these, as it is."""
    if share in (0, 1):
        return "none" if share == 0 else "all"
    return f"{share:.0%}" if 0.01 <= share < 0.995 else in_tenths(share)


def in_tenths(share: float) -> str:
    """A share, or the level of an interval, in tenths of a percent, and those alone that are not 0: 95%, 97.3%."""
    if 0 < share < 0.0005 or 0.9995 <= share < 1:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{share:z.1%}".replace(".0%", "%")


def chance(effect: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """An odds ratio and its interval, from log odds; an interval may have one end."""
    if effect is None or (low is None and high is None):
        return ("", "")
    return (ratio(effect), printed(low, high, ratio))


def odds_told(effect: float | None, low: float | None, high: float | None) -> str:
    """Odds with their interval in brackets, from log odds; one that is infinite has its interval alone."""
    if effect is None:
        return printed(low, high, ratio)
    return f"{ratio(effect)} ({printed(low, high, ratio)})"


def ratio(log_odds: float) -> str:
    """An odds ratio in few digits."""
    if log_odds > 9.2:
        return f">{LARGE:,.0f}"
    if log_odds < -9.2:
        return f"<1/{LARGE:,.0f}"
    value = exp(log_odds)
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def probability(p: float) -> str:
    """A p with its sign, in the notation of tables: `= 0.012`, `= 5.0e-04`."""
    return f"= {number(p)}"


def saturated(divergence: float | None, categories: int) -> bool:
    """Whether a divergence, in bits and not less chance, is as large as it can be of so many categories."""
    return divergence is not None and categories > 1 and divergence >= log2(categories) - ROUNDING


def first_layer(site: str) -> str:
    """Layer 0 as it is compared with: in the residual stream it is the embedding, elsewhere the first block.

    Args:
        site: where the study's model was read.
    """
    return "layer 0, which knows the words," if site == "residual" else "layer 0"
