"""A multiverse as tables: what `mri multiverse` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from mri_core.records.measures import NUMBERS, Measure
from ui.drawing.universes import NAMES, by_number
from ui.wording.terminal import table

CHOICES: dict[str, Callable[[Any], str]] = {  # a choice, and what its ways are called
    "seed": lambda way: f"seed {way}",
    "clusters": lambda way: f"{way} clusters",
    "standardize": lambda way: "standardised" if way else "own scales",
    "length_adjust": lambda way: "adjusted for length" if way else "not adjusted for length",
}
LEGEND = (
    "The first universe is the study's own; each of the others differs in one choice or several.\n"
    "What holds in a few of them alone depends on that choice."
)


def multiverse_tables(measures: Sequence[Measure]) -> str:
    """Each headline number over all universes, and its median under each way of each choice.

    Args:
        measures: of kind `multiverse`.
    """
    of_number = by_number(measures)
    count = len(of_number[NUMBERS[0]])
    return "\n\n".join([f"Headline numbers in {count} universes", _ranges(of_number), _by_choice(of_number), LEGEND])


def coarser() -> str:
    """Why the study's own numbers are not quite those of its scan, where texts or groups are permuted."""
    from mri_core.statistics.procedure import REPEATED

    return (
        f"Each universe is tested by {REPEATED:,} permutations of texts at most, fewer than a scan: the study's own "
        "numbers of findings differ a little from those of `mri show`."
    )


def _ranges(of_number: dict[str, list[Measure]]) -> str:
    rows = []
    for name, found in of_number.items():
        values = _values(found)
        ends = [min(values), median(values), max(values)] if values else [None] * 3
        rows.append([NAMES[name], found[0].value, *ends])
    return table(["headline", "the study's own", "least", "median", "most"], rows)


def _by_choice(of_number: dict[str, list[Measure]]) -> str:
    """Medians: which choice moves what."""
    rows: list[list[Any]] = []
    first = of_number[NUMBERS[0]]
    for choice, told in CHOICES.items():
        for way in dict.fromkeys(measure.details[choice] for measure in first):
            own = [[m for m in found if m.details[choice] == way] for found in of_number.values()]
            rows.append([told(way), *(median(_values(some)) if _values(some) else None for some in own)])
    return "Medians by choice\n\n" + table(["choice", *(NAMES[name] for name in of_number)], rows)


def _values(measures: Sequence[Measure]) -> list[float]:
    return [measure.value for measure in measures if measure.value is not None]
