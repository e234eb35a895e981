"""How well a study's activations are aligned with those of the study whose atlas it is placed in, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mri_core.errors import one_line
from ui.wording.evidence import percent

Row = Mapping[str, Any]


def alignment_words(layers: Sequence[Row], other: str) -> str:
    """A paragraph on all layers.

    Args:
        layers: measures of kind `alignment`, one for each.
        other: name of the study that they are aligned with.
    """
    details = [layer["details"] for layer in layers]
    halves = (
        f"Aligned with {one_line(other)}: each layer is rotated as fits {details[0]['fitted']} of the documents best, "
        f"and the other {details[0]['judged']} judge it."
    )
    return "\n".join([halves, *_regions(layers, other), *_residuals(details)])


def _regions(layers: Sequence[Row], other: str) -> list[str]:
    shares = [layer["value"] for layer in layers if layer["value"] is not None]
    if not shares:
        return []
    least = min(layers, key=lambda layer: layer["value"])
    before = [layer["details"]["unaligned"] for layer in layers]
    return [
        f"  in the region that {one_line(other)} has for them: {_range(shares)} of these, the least in layer "
        f"{least['layer']}; without the alignment {_range(before)}"
    ]


def _residuals(details: Sequence[Row]) -> list[str]:
    after, before = ([row[key] for row in details] for key in ("residual", "residual_unaligned"))
    if None in after:  # a layer in which all documents are the same
        return []
    return [
        f"  squares that are left, as a share of the spread: {_range(after)}; without the alignment {_range(before)}"
    ]


def _range(shares: Sequence[float]) -> str:
    least, most = percent(min(shares)), percent(max(shares))
    return least if least == most else f"{least} to {most}"
