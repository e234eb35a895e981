"""Which atlases there can be, and how many regions one has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.umap_reducer import check_installed
from mri_core.errors import UsageError, unknown_name
from mri_core.records.arrays import Activations, AtlasKind, AtlasSpec

FINEST_RESOLUTION = 1_000  # a million cells, more than any corpus fills
FEWEST_CLUSTERS, MOST_CLUSTERS = 6, 24
COMPONENTS = 10
ADJUSTABLE_FROM = 20  # documents: five for each coefficient of length, below which a regression fits noise away


def check_spec(spec: AtlasSpec) -> None:
    """Raises `UsageError` for an atlas that cannot be fitted, whatever the corpus."""
    if spec.kind not in get_args(AtlasKind):
        raise unknown_name("atlas", spec.kind, get_args(AtlasKind))
    if spec.reducer not in REDUCERS:
        raise unknown_name("reducer", spec.reducer, REDUCERS)
    if spec.kind == "clusters" and spec.reducer != "pca":
        remedy = "Leave it out, or choose --atlas grid or components"
        raise UsageError("Clusters are found in principal components", f"--reducer is {spec.reducer}", remedy)
    if spec.reducer == "umap":
        check_installed()
    if not 1 <= spec.resolution <= FINEST_RESOLUTION:
        rule = f"A grid has a resolution from 1 to {FINEST_RESOLUTION}"
        raise UsageError(rule, f"--resolution is {spec.resolution}")
    if spec.clusters is not None and spec.clusters < 1:
        raise UsageError("An atlas has at least one cluster", f"--clusters is {spec.clusters}")
    if spec.components is not None and spec.components < 1:
        raise UsageError("An atlas has at least one component", f"--components is {spec.components}")
    if not 0 <= spec.threshold < 1:
        raise UsageError("A threshold of rho is at least 0 and below 1", f"--threshold is {spec.threshold}")


def cluster_count(spec: AtlasSpec, documents: int) -> int:
    """How many clusters an atlas of so many documents has; raises `UsageError` for more clusters than documents."""
    if spec.clusters is None:
        automatic = round(documents**0.5 / 2)
        return min(max(automatic, FEWEST_CLUSTERS), MOST_CLUSTERS, documents)
    if spec.clusters > documents:
        raise UsageError(
            "An atlas has no more clusters than documents",
            f"--clusters is {spec.clusters} and there are {documents} documents",
            f"Give at most {documents}, or leave --clusters out",
        )
    return spec.clusters


def component_count(spec: AtlasSpec, documents: int, widths: Sequence[int] = ()) -> int:
    """How many components each layer of an atlas has.

    Args:
        spec: of the kind `components`.
        documents: that it is fitted to.
        widths: of the layers, as far as they are known.

    Raises:
        UsageError: more components than documents, or than a layer is wide.
    """
    count = min(COMPONENTS, documents - 1) if spec.components is None else spec.components
    if count > documents:
        raise UsageError(
            "A layer has no more components than documents",
            f"--components is {count} and there are {documents} documents in every layer",
            f"Give at most {documents}",
        )
    narrow = min(range(len(widths)), key=widths.__getitem__, default=None)
    if narrow is not None and count > widths[narrow]:
        raise UsageError(
            "A layer has no more components than its width",
            f"There would be {count} and layer {narrow} is {widths[narrow]} wide",
            f"Give --components {widths[narrow]} or fewer",
        )
    return count


def adjusts_for_length(spec: AtlasSpec, activations: Activations) -> bool:
    """Whether a fit takes length out: where it is wanted, known, and there are documents enough to tell."""
    tokens = activations.tokens
    return spec.length_adjust and tokens is not None and len(tokens) >= ADJUSTABLE_FROM
