"""The grid of LLM-MRI: two dimensions, each cut into bins of equal width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mri_core.atlas.kinds.kind import AtlasKind, Given, Traits
from mri_core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from mri_core.records.arrays import AtlasSpec, LayerAtlas

DIMENSIONS = 2
FINEST = 1_000  # a million cells, more than any corpus fills


class Grid(AtlasKind):
    """The mapping of LLM-MRI: two dimensions, each cut into `resolution` bins of equal width."""

    traits: ClassVar = Traits(cells=True)
    described = "the cells of a grid"
    options: ClassVar = ("reducer", "resolution", "fdr")

    def check(self, spec: AtlasSpec) -> None:
        """Raises `UsageError` for a resolution out of range."""
        if not 1 <= spec.resolution <= FINEST:
            raise UsageError(f"A grid has a resolution from 1 to {FINEST}", f"--resolution is {spec.resolution}")

    def shape(self, spec: AtlasSpec, documents: int) -> dict[str, Any]:
        """The resolution."""
        return {"resolution": spec.resolution}

    def dimensions(self, spec: AtlasSpec, documents: int, widths: Sequence[int]) -> int:
        """2."""
        return DIMENSIONS

    def fit(self, layer: LayerAtlas, given: Given) -> LayerAtlas:
        """The layer with the edges of its bins."""
        from mri_core.atlas.bins import bin_edges

        return replace(layer, edges=bin_edges(given.reduced, given.spec.resolution))

    def assign(self, layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
        """The cell: its column times the resolution, and its row."""
        from mri_core.atlas.bins import binned

        assert layer.edges is not None  # noqa: S101 - what `fit` adds
        columns, rows = (binned(edges, reduced[:, axis]) for axis, edges in enumerate(layer.edges))
        return columns * (layer.edges.shape[1] - 1) + rows

    def region_name(self, spec: AtlasSpec, code: int) -> str:
        """`<column>-<row>`."""
        return "{}-{}".format(*divmod(code, spec.resolution))

    def position(self, layer: LayerAtlas, spec: AtlasSpec, code: int) -> tuple[float, float | None]:
        """Column and row, counted from 0."""
        column, row = divmod(code, spec.resolution)
        return float(column), float(row)
