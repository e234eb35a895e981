"""Checks of atlas specifications, and what a specification says of rows and columns before they are reduced."""

from __future__ import annotations

from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.kinds.kind import Traits
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.umap_reducer import check_installed
from mri_core.atlas.standardise import Columns, length_terms
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations, AtlasSpec

ADJUSTABLE_FROM = 5  # documents for each coefficient of length: with fewer a regression overfits


def check_spec(spec: AtlasSpec) -> None:
    """Raises `UsageError` for an atlas that cannot be fitted, whatever the corpus."""
    kind = ATLAS_KINDS.named(spec.kind)
    REDUCERS.named(spec.reducer)
    if spec.kind not in ATLAS_KINDS.own and kind.traits != Traits():
        raise UsageError(
            "Regions of an atlas of another package hold documents, are not chained and are no cells",
            f"Those of {spec.kind!r} have {kind.traits}, which no question would know",
            "Leave its traits as `AtlasKind` has them",
        )
    if spec.reducer == "umap":
        check_installed()
    kind.check(spec)


def adjusts_for_length(spec: AtlasSpec, activations: Activations) -> bool:
    """Whether a fit adjusts for length: if requested, lengths are known, and there are enough documents."""
    tokens = activations.tokens
    if tokens is None or not spec.length_adjust:
        return False
    return len(tokens) >= ADJUSTABLE_FROM * length_terms(tokens[:1]).shape[1]


def columns_of(spec: AtlasSpec) -> Columns:
    """Whether a fit centres and scales columns: an atlas does both or neither."""
    return Columns(centred=spec.standardize, scaled=spec.standardize)
