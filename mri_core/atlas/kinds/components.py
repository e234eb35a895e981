"""Components: the reduced dimensions themselves, which hold no documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from mri_core.atlas.kinds.kind import Aspect, AtlasKind, Given, Traits
from mri_core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from mri_core.records.arrays import AtlasSpec, LayerAtlas

COUNT = 10


class Components(AtlasKind):
    """The reduced dimensions themselves: documents have scores on them and lie in none."""

    traits: ClassVar = Traits(holds_documents=False)
    described = "components that move together"
    options: ClassVar = ("reducer", "components", "threshold")

    def check(self, spec: AtlasSpec) -> None:
        """Raises `UsageError` for less than one component, or a threshold out of range."""
        if spec.components is not None and spec.components < 1:
            raise UsageError("An atlas has at least one component", f"--components is {spec.components}")
        if not 0 <= spec.threshold < 1:
            raise UsageError("A threshold of rho is at least 0 and below 1", f"--threshold is {spec.threshold}")

    def shape(self, spec: AtlasSpec, documents: int) -> dict[str, Any]:
        """The number of components, and the threshold of rho for connections."""
        return {"components": component_count(spec, documents), "threshold": spec.threshold}

    def dimensions(self, spec: AtlasSpec, documents: int, widths: Sequence[int]) -> int:
        """One for each component."""
        return component_count(spec, documents, widths)

    def fit(self, layer: LayerAtlas, given: Given) -> LayerAtlas:
        """The layer, unchanged."""
        return layer

    def assign(self, layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
        """Raises `UsageError`: a document lies in no component."""
        raise UsageError(
            "A document falls in a cluster or a cell", "This atlas is of components", "Ask for its scores on them"
        )

    def aspects(
        self, layer: LayerAtlas, reduced: np.ndarray, code: int | None = None, versus: int | None = None
    ) -> tuple[Aspect, ...]:
        """The score on a component; by default the one farthest from 0 relative to the component's spread."""
        import numpy as np

        if versus is not None:
            raise UsageError("A margin is between two clusters", "This atlas is of components", "Name one component")
        if code is None:
            spread = np.sqrt(layer.explained_variance)
            far = np.divide(np.abs(reduced), spread, out=np.zeros(len(spread)), where=spread > 0)
            code = int(np.argmax(far))
        unit = np.eye(len(reduced))[code]
        return (Aspect("component", float(reduced[code]), code, None, unit, 0.0),)

    def position(self, layer: LayerAtlas, spec: AtlasSpec, code: int) -> tuple[float, float | None]:
        """Its number, and the share of the variance that it explains, None if the reducer has no such share."""
        from mri_core.atlas.reducers import REDUCERS

        straight = REDUCERS[spec.reducer].straight
        return float(code), float(layer.explained_variance[code]) if straight else None


def component_count(spec: AtlasSpec, documents: int, widths: Sequence[int] = ()) -> int:
    """How many components each layer of an atlas has.

    Args:
        spec: of the kind `components`.
        documents: that it is fitted to.
        widths: of the layers, as far as known.

    Raises:
        UsageError: more components than documents, or than a layer is wide.
    """
    count = min(COUNT, documents - 1) if spec.components is None else spec.components
    if count > documents:
        raise UsageError(
            "A layer has no more components than documents",
            f"--components is {count}, and it is fitted to {documents} documents in every layer",
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
