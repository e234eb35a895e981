"""Which atlases there can be, and whether length is taken out of one."""

from __future__ import annotations

from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.umap_reducer import check_installed
from mri_core.records.arrays import Activations, AtlasSpec

ADJUSTABLE_FROM = 20  # documents: five for each coefficient of length, below which a regression fits noise away


def check_spec(spec: AtlasSpec) -> None:
    """Raises `UsageError` for an atlas that cannot be fitted, whatever the corpus."""
    kind = ATLAS_KINDS.named(spec.kind)
    REDUCERS.named(spec.reducer)
    if spec.reducer == "umap":
        check_installed()
    kind.check(spec)


def adjusts_for_length(spec: AtlasSpec, activations: Activations) -> bool:
    """Whether a fit takes length out: where it is wanted, known, and there are documents enough to tell."""
    tokens = activations.tokens
    return spec.length_adjust and tokens is not None and len(tokens) >= ADJUSTABLE_FROM
