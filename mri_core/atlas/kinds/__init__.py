"""The kinds of atlases, a module each, and what their regions have. Numerics are imported where an atlas is fitted."""

from __future__ import annotations

from mri_core.atlas.kinds.clusters import Clusters
from mri_core.atlas.kinds.components import Components
from mri_core.atlas.kinds.grid import Grid
from mri_core.atlas.kinds.kind import AtlasKind, Traits
from mri_core.errors import MriError
from mri_core.registry import Registry

ATLAS_KINDS: Registry[AtlasKind] = Registry(
    "atlas", "atlases", {"clusters": Clusters(), "grid": Grid(), "components": Components()}, AtlasKind
)


def traits_of(kind: str) -> Traits:
    """The traits of the regions of a study's atlas; the usual ones for a kind that is missing or broken here."""
    try:
        return ATLAS_KINDS.named(kind).traits
    except MriError:
        return Traits()
