"""What measures call a study's headline numbers, where their spread is told; no library is imported for the names."""

from __future__ import annotations

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
