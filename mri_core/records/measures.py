"""Measures: numbers about a study, a layer or a category, and the names that they go by. No library is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ATLAS_SPREAD = "atlas_spread"  # kind of measure: over the refits of the atlas
MULTIVERSE = "multiverse"  # over other choices of the analysis
PLACED = "reliability_placed"  # of documents that a refit was not fitted to
FAMILIES = ("connections", "regions", "routing", "parting")  # as the measures `findings` name them
TAKEN = "connections_taken"
HALF = "half_maximum"
DIVERGENCE = "divergence"  # over chance, by layer
LARGEST = "largest_divergence"  # of all layers
FLOOR = "routing_floor"
QUALITY = "atlas_quality"  # kind of measure: of each layer of the atlas, by what `other` says
REFITTED, UNCHAINED, INERTIA = "refits", "unchained", "inertia_over_best"
SILHOUETTE, STRAIGHTNESS = "silhouette", "straightness"
NUMBERS = (*FAMILIES, TAKEN, LARGEST, HALF, SILHOUETTE, UNCHAINED)  # of a universe, the last two means over the layers


@dataclass(frozen=True, slots=True)
class Measure:
    """A number about a study, a layer or a category, which is no property of one region or connection.

    Attributes:
        kind: what is measured, such as `density`.
        value: None where it is not defined; `details` then say why, as `undefined`.
        layer, category, other: what it is about, where it has them; `other` is a second category.
        ci_low, ci_high: its interval.
        p, q: its chance.
        details: JSON values.
    """

    kind: str
    value: float | None
    layer: int | None = None
    category: str | None = None
    other: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    q: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
