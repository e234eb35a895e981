"""How good the atlas is, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mri_core.numbers import how_many
from queries.text import number

CHAINED = 0.1  # of the adjusted Rand index: so much straighter than fits from random starts is the chain's doing
Row = Mapping[str, Any]


def told(rows: Sequence[Row]) -> list[str]:
    """A line on how good the regions are, and one on the chain where it is due.

    Args:
        rows: of the question `atlas-quality`; none where there were no refits.
    """
    return [*_agreement(rows), *chained(rows)]


def chained(rows: Sequence[Row]) -> Iterator[str]:
    """What the chain makes of steps that are straight, where it is more than fits from random starts would show."""
    steps = [row for row in rows if row["straight"] is not None and row["straight_unchained"] is not None]
    much = [row for row in steps if row["straight"] - row["straight_unchained"] > CHAINED]
    if much:
        here, free = (_range([row[key] for row in much]) for key in ("straight", "straight_unchained"))
        same = _range([row["unchained"] for row in rows if row["unchained"] is not None])
        yield (
            f"Part of how often documents stay in their region is due to the chaining: in {len(much)} of "
            f"{how_many(len(steps), 'step')} the regions of the two layers agree by {here} (adjusted Rand index), and "
            f"by {free} where k-means starts at random in both. Within one layer the chained fit and one from random "
            f"starts agree by {same}."
        )


def _agreement(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    again = _range([row["refits"] for row in rows])
    line = f"The atlas: a layer's regions agree with those of refits by {again} on average (adjusted Rand index)"
    free = [row["unchained"] for row in rows if row["unchained"] is not None]
    if free:
        line += f", with k-means from random starts by {_range(free)}"
    loose = [row["inertia_over_best"] for row in rows if row["inertia_over_best"] is not None]
    if loose:
        line += f", whose squared distances are less by {max(loose) - 1:.1%} at most"
    apart = [row["silhouette"] for row in rows if row["silhouette"] is not None]
    if apart:
        line += f"; silhouettes lie at {_range(apart)}"
    yield f"{line}. By layer: mri query atlas-quality."


def _range(values: Sequence[float]) -> str:
    low, high = number(min(values)), number(max(values))
    return low if low == high else f"{low} to {high}"
