"""What `mri show` tells of a study of components: which of them move together, in which category."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any

from mri_core.errors import one_line
from ui.wording.atlases import fitted_elsewhere
from ui.wording.evidence import asking, counted
from ui.wording.labels import ends_with_words
from ui.wording.terminal import table

HEADING = "What moves together most, some of each category"
NONE = "No two components of neighbouring layers move together in any category."
KEYWORDS = 4


def strongest(ask: Callable[..., list[dict[str, Any]]], categories: Sequence[str], count: int) -> list[dict[str, Any]]:
    """The connections of largest |rho| of every category, `count` in all.

    Args:
        ask: answers a template about the study.
        categories: of the study.
        count: connections wanted.
    """
    each = ceil(count / len(categories))
    rows = [row for name in categories for row in ask("components", category=name, limit=each)]
    return sorted(rows, key=lambda row: -abs(row["rho"]))[:count]


def mapping(study: dict[str, Any]) -> str:
    """How the study was mapped, as the end of a sentence."""
    threshold = study["parameters"].get("threshold")
    return (
        f"described by {study['regions']} components ({study['reducer']}){fitted_elsewhere(study['report'])} "
        f"and {study['connections']} connections (|rho| > {threshold}, a pair of components once for each category)."
    )


def layer_table(facts: dict[str, Any]) -> str:
    """The layers with the share of the variance that their components explain."""
    rows = [(row["layer"], row["name"], row["regions"], row["explained_variance"]) for row in facts["layers"]]
    return table(("layer", "name", "components", "explained"), rows)


def tested(facts: dict[str, Any]) -> str:
    """How many pairs of components move together differently in some category, by more than chance."""
    row = next(iter(facts["evidence"]["families"]), None)
    if row is None:
        return "No pair of components could be tested for differences between the categories."
    told = f"{row['findings']} of {row['tests']} pairs of components of neighbouring layers move together"
    study = facts["study"]
    ask = f"\nWhich, and how much{counted(study, row)}: {asking('findings', study, row)}" if row["findings"] else ""
    return f"{told} more, or less, in some category than in the others, by more than chance (q <= 0.05).{ask}"


def legend() -> Iterator[str]:
    """What the numbers of the table and the list are."""
    yield "explained: share of the activations' variance on the components; UMAP has none."
    yield "rho: Spearman's, over the category's documents; below 0 the one falls where the other rises."


def connection(rank: int, study: str, row: dict[str, Any]) -> str:
    """A connection in words."""
    here, there = ends_with_words(study, row, KEYWORDS)
    deed = "rises with" if row["rho"] > 0 else "falls as the other rises:"
    category = one_line(row["category"])
    return f"{rank:>2}. {category}: {here} {deed} {there}\n    rho {row['rho']:+.2f} over {row['documents']} documents"
