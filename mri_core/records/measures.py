"""Measures: numbers about a study, a layer or a category, and the names of their kinds. No library is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Kinds of measures, as a store names them; `details` are JSON values. The graph's reference says what each holds.
FINDINGS = "findings"  # of a family (`other`): number of findings and tests, and level of the confidence intervals
GLOBAL = "global"  # whether the categories differ at all
DIVERGENCE = "divergence"  # of the categories, by layer
NBS = "nbs"  # components of connections that differ together (Zalesky et al. 2010)
RELIABILITY = "reliability"  # agreement of two halves of the documents
PLACED = "reliability_placed"  # the same for documents that a refit was not fitted to
DETECTABLE = "detectable"  # the smallest effect that the study could have found
FLOOR = "routing_floor"  # findings between layers and their own refits
ATLAS_FIT = "atlas_fit"  # how well another study's atlas describes a study's documents, by layer
ALIGNMENT = "alignment"  # how well rows that are rotated onto those of an atlas fit them, by layer
DRIFT = "drift"  # share of documents in other regions than in another study of them, by layer and category
CHANGED = "changed"  # what changed from another study of the same documents: its number, and each (`other`)
REPLICATION = "replication"  # findings of another study tested on these documents: the share, and each (`other`)
CONTROL = "control"  # findings under a control with less, or no, signal
CONFOUND = "confound"  # what may separate the categories besides what their texts say
PROBE = "probe"  # accuracy with which a probe predicts the category from a layer
FULL_MINUS_REDUCED = "full_minus_reduced"  # of LLM-MRI: a probe of the activations minus one of the reduced ones
ATLAS_SPREAD = "atlas_spread"  # of a headline number (`other`) over the refits of the atlas
MULTIVERSE = "multiverse"  # the same over other choices of the analysis
DRIVING = "driving_tokens"  # mean part of a token in the margins of a region's documents; `other` names both
QUALITY = "atlas_quality"  # of each layer of the atlas; `other` names the number

# Values of `other` of these kinds.
FAMILIES = ("connections", "regions", "routing", "parting")  # families of tests
TAKEN = "connections_taken"
HALF = "half_maximum"
LARGEST = "largest_divergence"  # of all layers
REFITTED, UNCHAINED, INERTIA = "refits", "unchained", "inertia_over_best"
SILHOUETTE, STRAIGHTNESS = "silhouette", "straightness"
NUMBERS = (*FAMILIES, TAKEN, LARGEST, HALF, SILHOUETTE, UNCHAINED)  # of a universe, the last two means over the layers

ALPHA = 0.05  # the false discovery rate at which something is a finding


@dataclass(frozen=True, slots=True)
class Measure:
    """A number about a study, a layer or a category, rather than one region or connection.

    Attributes:
        kind: what is measured, such as `density`.
        value: None if undefined; `details` then say why, as `undefined`.
        layer, category, other: what it is about, if applicable; `other` qualifies the kind, or is a second category.
        ci_low, ci_high: its confidence interval.
        p, q: its p and q values.
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
