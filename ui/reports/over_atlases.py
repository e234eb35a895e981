"""The atlas' own error in words: what a headline number is in the refits of a study's atlas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mri_core.records.measures import DIVERGENCE
from queries.text import number

Row = Mapping[str, Any]  # a measure of kind `atlas_spread`, as JSON values

NONE = (
    "The atlas was not fitted again: the numbers are of this one atlas, and how far others differ is not known; the "
    "same `mri ingest` with --refits 20 adds it."
)
EXPLAINED = (
    "Over atlases: where 95 % of other atlases would have it, by how much {refits} refits differ, each fitted to a "
    "resample of the documents."
)
BOTH = "for the error of the documents and of the atlas"


def headline_spreads(rows: Iterable[Row]) -> dict[str, Row]:
    """The spread of each headline number that belongs to no layer and is defined, by the number's name."""
    return {row["other"]: row for row in rows if row["layer"] is None and row["value"] is not None}


def reach(row: Row) -> str:
    """The ends of what other atlases would have: `13 to 47`."""
    low, high = (f"{end:,.0f}" if float(end).is_integer() else number(end) for end in (row["ci_low"], row["ci_high"]))
    return low if low == high else f"{low} to {high}"


def over_refits(row: Row | None, *, of_sample: bool = False) -> str:
    """The same with the number of refits, in brackets behind a space; "" where there were none.

    Args:
        row: a spread.
        of_sample: it stands behind the number of the documents that the atlas was fitted to. Refits of a sample give
            none for that of all.
    """
    if row is None or ("sample" in row["details"] and not of_sample):
        return ""
    return f" ({reach(row)} by {row['details']['refits']} refitted atlases)"


def compared(row: Row) -> int:
    """The findings of a family that those of controls and refits are compared with: of the documents that these read.

    Args:
        row: of the question `controls`.
    """
    own: int = row["findings"] if row["in_sample"] is None else row["in_sample"]
    return own


def of_the_sample(row: Row) -> str:
    """What follows these, ` in the sample`, where an atlas was fitted to one; else ""."""
    return "" if row["in_sample"] is None else " in the sample"


def over_models(row: Row) -> str:
    """Mean findings of re-initialised models, and their range: `54 (48 to 61)`; older studies have one such model."""
    if row["random_blocks"] is None:
        return ""
    mean, low, high = (row[f"random_blocks{end}"] for end in ("", "_low", "_high"))
    return f"{mean:,.4g}" if low is None else f"{mean:,.4g} ({low:,.0f} to {high:,.0f})"


def most_of_models(row: Row) -> float | None:
    """The most findings of a re-initialised model; of one alone, as older studies have, its own."""
    most: float | None = row["random_blocks"] if row["random_blocks_high"] is None else row["random_blocks_high"]
    return most


def both_intervals(rows: Iterable[Row]) -> dict[int, tuple[float, float]]:
    """By layer the interval of the divergence over chance for both errors, where it is known of all documents."""
    of_all = (row for row in rows if "sample" not in row["details"])
    layers = (row for row in of_all if row["other"] == DIVERGENCE and "both_low" in row["details"])
    return {row["layer"]: (row["details"]["both_low"], row["details"]["both_high"]) for row in layers}


def with_both(layers: Sequence[Row], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of the question `layer-differences`, their intervals for both errors where these are known."""
    both = both_intervals(rows)
    return [
        dict(row) | (dict(zip(("ci_low", "ci_high"), both[row["layer"]], strict=True)) if row["layer"] in both else {})
        for row in layers
    ]
