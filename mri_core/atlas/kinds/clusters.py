"""Clusters: k-means on the first principal components, chained from layer to layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mri_core.atlas.kinds.kind import Aspect, AtlasKind, Given, Located, Traits
from mri_core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from mri_core.records.arrays import AtlasSpec, LayerAtlas

DIMENSIONS = 50
FEWEST, MOST = 6, 24


class Clusters(AtlasKind):
    """K-means on the first 50 principal components, chained.

    Layer 0 is ordinary k-means, numbered by falling size; every later layer starts from the means, in its own space, of
    the members that each region had in the layer before, and runs to convergence once, so that a region's number is
    carried through the model.
    """

    traits: ClassVar = Traits(chained=True)
    described = "clusters, carried from layer to layer"
    options: ClassVar = ("clusters", "fdr")

    def check(self, spec: AtlasSpec) -> None:
        """Raises `UsageError` for another reducer than principal components, or less than one cluster."""
        if spec.reducer != "pca":
            remedy = "Leave it out, or choose --atlas grid or components"
            raise UsageError("Clusters are found in principal components", f"--reducer is {spec.reducer}", remedy)
        if spec.clusters is not None and spec.clusters < 1:
            raise UsageError("An atlas has at least one cluster", f"--clusters is {spec.clusters}")

    def shape(self, spec: AtlasSpec, documents: int) -> dict[str, Any]:
        """The number of clusters."""
        return {"clusters": cluster_count(spec, documents)}

    def dimensions(self, spec: AtlasSpec, documents: int, widths: Sequence[int]) -> int:
        """50."""
        cluster_count(spec, documents)
        return DIMENSIONS

    def fit(self, layer: LayerAtlas, given: Given) -> LayerAtlas:
        """The layer with its centres."""
        from mri_core.atlas.k_means import by_size, cluster_means, converge, first_centres

        reduced, counts = given.reduced, given.counts
        count = cluster_count(given.spec, len(reduced) if counts is None else int(counts.sum()))
        if given.before is not None:
            start = cluster_means(reduced, given.before, count, counts)
            return replace(layer, centres=converge(reduced, start, counts))
        return replace(layer, centres=by_size(reduced, first_centres(reduced, count, given.spec.seed, counts), counts))

    def assign(self, layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
        """The nearest centre."""
        from mri_core.atlas.k_means import nearest_centre

        assert layer.centres is not None  # noqa: S101 - what `fit` adds
        return nearest_centre(reduced, layer.centres)

    def regions(self, layer: LayerAtlas) -> int | None:
        """A code a centre."""
        return None if layer.centres is None else len(layer.centres)

    def distances(self, layer: LayerAtlas, reduced: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
        """From the own centre."""
        from mri_core.atlas.k_means import own_distances

        assert layer.centres is not None and codes is not None  # noqa: S101, PT018 - what `fit` adds and `assign` gives
        return own_distances(reduced, codes, layer.centres)

    def located(self, layer: LayerAtlas, reduced: np.ndarray) -> Located:
        """All from the distances of the two nearest centres; the margin is 1 less the nearer over the farther."""
        import numpy as np

        from mri_core.atlas.k_means import two_nearest

        assert layer.centres is not None  # noqa: S101 - what `fit` adds
        codes, near, second = two_nearest(reduced, layer.centres)
        return Located(codes, near, 1 - np.divide(near, second, out=np.ones_like(near), where=second > 0))

    def aspects(
        self, layer: LayerAtlas, reduced: np.ndarray, code: int | None = None, versus: int | None = None
    ) -> tuple[Aspect, ...]:
        """The margin (‖z − c_b‖² − ‖z − c_a‖²) / 2 of cluster a over b, above 0 where a is nearer."""
        import numpy as np

        assert layer.centres is not None  # noqa: S101 - what `fit` adds
        centres = layer.centres.astype(np.float64)
        squares = np.square(reduced - centres).sum(axis=1)
        order = np.argsort(squares, kind="stable").tolist()
        own = int(self.assign(layer, reduced[None])[0]) if code is None else code
        other = next((each for each in order if each != own), None) if versus is None else versus
        if other is None or other == own:
            fact = "The atlas has one cluster" if other is None else "Both are the same"
            raise UsageError("A margin is between two clusters", fact, "" if other is None else "Name another one")
        direction = centres[own] - centres[other]
        constant = (np.square(centres[other]).sum() - np.square(centres[own]).sum()) / 2
        margin = (squares[other] - squares[own]) / 2
        return (Aspect("margin", float(margin), own, other, direction, float(constant)),)

    def position(self, layer: LayerAtlas, spec: AtlasSpec, code: int) -> tuple[float, float | None]:
        """The centre, in the first two dimensions."""
        assert layer.centres is not None  # noqa: S101 - what `fit` adds
        return float(layer.centres[code, 0]), float(layer.centres[code, 1])


def cluster_count(spec: AtlasSpec, documents: int) -> int:
    """How many clusters an atlas of so many documents has; raises `UsageError` for more clusters than documents."""
    if spec.clusters is None:
        automatic = round(documents**0.5 / 2)
        return min(max(automatic, FEWEST), MOST, documents)
    if spec.clusters > documents:
        raise UsageError(
            "An atlas has no more clusters than documents",
            f"--clusters is {spec.clusters}, and it is fitted to {documents} documents",
            f"Give at most {documents}, or leave --clusters out",
        )
    return spec.clusters
