"""The grid of LLM-MRI: two dimensions, each cut into bins of equal width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mri_core.atlas.kinds.kind import Aspect, AtlasKind, Given, Traits
from mri_core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from mri_core.records.arrays import AtlasSpec, LayerAtlas

DIMENSIONS = 2
AXES = ("column", "row")
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

    def regions(self, layer: LayerAtlas) -> int | None:
        """The cells, empty ones too."""
        return None if layer.edges is None else (layer.edges.shape[1] - 1) ** 2

    def distances(self, layer: LayerAtlas, reduced: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
        """From the middle of the own cell, in cells: more than .71 lies outside of the grid."""
        import numpy as np

        return np.sqrt(np.square(self._within(layer, reduced)).sum(axis=1))

    def margins(self, layer: LayerAtlas, reduced: np.ndarray, codes: np.ndarray) -> np.ndarray | None:
        """From 0 on the nearest side of the own cell, and outside of the grid, to 1 in its middle."""
        import numpy as np

        margins: np.ndarray = np.maximum(0, 1 - 2 * np.abs(self._within(layer, reduced)).max(axis=1))
        return margins

    def _within(self, layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
        """(documents, 2) where each lies about the middle of its cell, in cells: 0 on an axis without spread."""
        import numpy as np

        from mri_core.atlas.bins import binned

        assert layer.edges is not None  # noqa: S101 - what `fit` adds
        places = []
        for axis, edges in enumerate(layer.edges):
            cell = binned(edges, reduced[:, axis])
            size = edges[1] - edges[0]
            middle = (edges[cell] + edges[cell + 1]) / 2
            places.append((reduced[:, axis] - middle) / size if size else np.zeros(len(reduced)))
        return np.stack(places, axis=1)

    def aspects(
        self, layer: LayerAtlas, reduced: np.ndarray, code: int | None = None, versus: int | None = None
    ) -> tuple[Aspect, ...]:
        """The two coordinates, whose bins are the cell's column and row."""
        import numpy as np

        if code is not None or versus is not None:
            remedy = "Leave it out: the parts in both coordinates are shown"
            option, meant = ("--versus", "clusters") if code is None else ("--region", "clusters and components")
            raise UsageError(f"{option} is for {meant}", "This atlas is a grid", remedy)
        own = int(self.assign(layer, reduced[None])[0])
        axes = enumerate(np.eye(DIMENSIONS))
        return tuple(Aspect(AXES[axis], float(reduced[axis]), own, None, unit, 0.0) for axis, unit in axes)

    def region_name(self, spec: AtlasSpec, code: int) -> str:
        """`<column>-<row>`."""
        return "{}-{}".format(*divmod(code, spec.resolution))

    def position(self, layer: LayerAtlas, spec: AtlasSpec, code: int) -> tuple[float, float | None]:
        """Column and row, counted from 0."""
        column, row = divmod(code, spec.resolution)
        return float(column), float(row)
