"""The headline numbers of a multiverse: what they are called, and their measures by universe."""

from __future__ import annotations

from collections.abc import Sequence

from mri_core.records.measures import HALF, LARGEST, NUMBERS, SILHOUETTE, TAKEN, UNCHAINED, Measure

NAMES = {
    "connections": "connections found",
    "regions": "regions found",
    "routing": "routing found",
    "parting": "regions found whose transitions depend on category",
    TAKEN: "connections",
    LARGEST: "largest divergence over chance (bits)",
    HALF: "layer of half of it",
    SILHOUETTE: "silhouette of the regions, mean over the layers",
    UNCHAINED: "agreement with k-means from random starts, mean over the layers",
}


def by_number(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    """The measures of each headline number that is stored, in the order of the universes; older studies lack some."""
    rows = sorted(measures, key=lambda measure: int(measure.details["universe"]))
    found = {name: [row for row in rows if row.details["number"] == name] for name in NUMBERS}
    return {name: own for name, own in found.items() if own}
