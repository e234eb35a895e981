"""A kind of atlas: how a layer's reduced rows become regions, and the traits of such regions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mri_core.errors import UsageError

if TYPE_CHECKING:  # reading commands need only traits, and no numpy
    import numpy as np

    from mri_core.records.arrays import AtlasSpec, LayerAtlas


@dataclass(frozen=True, slots=True)
class Traits:
    """Traits of the regions of a kind of atlas, for readers of a study.

    Attributes:
        holds_documents: every document lies in one region of each layer, and connections count documents; else regions
            are directions on which documents have scores, and connections are correlations.
        chained: a region is carried from layer to layer and keeps its name, so that staying differs from moving.
        cells: regions are the cells of a grid, at a column and a row; some may be empty.
    """

    holds_documents: bool = True
    chained: bool = False
    cells: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the regions of a layer are found in.

    Attributes:
        reduced: (documents, dimensions) coordinates in the reduced space, float32.
        spec: of the atlas.
        before: (documents,) codes in the layer before; None for the first.
        counts: (documents,) how often each document counts, as in a bootstrap resample; None for once.
    """

    reduced: np.ndarray
    spec: AtlasSpec
    before: np.ndarray | None = None
    counts: np.ndarray | None = None


class Located(NamedTuple):
    """Where documents lie in a layer: `assign`, `distances` and `margins` of `AtlasKind`, (documents,) each."""

    codes: np.ndarray | None
    distances: np.ndarray
    margins: np.ndarray | None


class Aspect(NamedTuple):
    """A number that says where a document lies in a layer, an affine function of its coordinates.

    Attributes:
        name: `margin`, `column`, `row` or `component`.
        value: the number, from the document's coordinates.
        code: the region that it is about.
        versus: of a margin, the other region; else None.
        direction: (dimensions,) that the coordinates are multiplied by.
        constant: that is added.
    """

    name: str
    value: float
    code: int
    versus: int | None
    direction: np.ndarray
    constant: float


class AtlasKind(ABC):
    """A kind of atlas. Layers are fitted in order, each on the rows that a reducer has made of its activations.

    Attributes:
        traits: what its regions have.
        described: its regions, in the words of a form.
        options: of a request that belong to it, besides those of every kind.
    """

    traits: ClassVar[Traits] = Traits()
    described: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ("fdr",)

    def check(self, spec: AtlasSpec) -> None:
        """Raises `UsageError` for an atlas that cannot be fitted, whatever the corpus."""
        return

    def shape(self, spec: AtlasSpec, documents: int) -> dict[str, Any]:
        """The parameters of the spec that determine the number of regions, resolved for so many documents.

        They are part of a study's identity.

        Raises:
            UsageError: the corpus has too few documents for them.
        """
        return {}

    @abstractmethod
    def dimensions(self, spec: AtlasSpec, documents: int, widths: Sequence[int]) -> int:
        """The number of dimensions that each layer is reduced to.

        Raises:
            UsageError: there are too few documents, or layers are too narrow.
        """

    @abstractmethod
    def fit(self, layer: LayerAtlas, given: Given) -> LayerAtlas:
        """The layer with the arrays that define its regions.

        Args:
            layer: as its reducer made it.
            given: what its regions are found in.
        """

    @abstractmethod
    def assign(self, layer: LayerAtlas, reduced: np.ndarray) -> np.ndarray:
        """(documents,) integer code of the region that each document lies in; called only if regions hold documents."""

    def regions(self, layer: LayerAtlas) -> int | None:
        """The number that all codes of `assign` are below; None if it is not known."""
        return None

    def distances(self, layer: LayerAtlas, reduced: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
        """(documents,) how far each document is from where the regions expect it; by default from the fitted mean.

        Args:
            layer: a fitted one.
            reduced: (documents, dimensions) of any documents.
            codes: (documents,) their regions; None if regions hold none.
        """
        import numpy as np

        return np.sqrt(np.square(reduced, dtype=np.float64).sum(axis=1))

    def margins(self, layer: LayerAtlas, reduced: np.ndarray, codes: np.ndarray) -> np.ndarray | None:
        """(documents,) how far each is inside its region, from 0 on the border to 1; None if the kind does not say."""
        return None

    def located(self, layer: LayerAtlas, reduced: np.ndarray) -> Located:
        """Regions, distances and margins of any documents at once.

        Args:
            layer: a fitted one.
            reduced: (documents, dimensions).
        """
        codes = self.assign(layer, reduced) if self.traits.holds_documents else None
        margins = None if codes is None else self.margins(layer, reduced, codes)
        return Located(codes, self.distances(layer, reduced, codes), margins)

    def aspects(
        self, layer: LayerAtlas, reduced: np.ndarray, code: int | None = None, versus: int | None = None
    ) -> tuple[Aspect, ...]:
        """The numbers that put a document where it is, from which the parts of its tokens are found.

        Args:
            layer: a fitted one.
            reduced: (dimensions,) coordinates of the document.
            code: the region that is asked about; None for the document's own.
            versus: the region that it is compared with; None for the next nearest.

        Raises:
            UsageError: the kind defines none, or regions that do not go together are asked about.
        """
        fact = f"{type(self).__name__} names no number"
        raise UsageError("A place is a sum over tokens where the kind of atlas says what of it is linear", fact)

    def region_name(self, spec: AtlasSpec, code: int) -> str:
        """The name of a region within its layer."""
        return str(code)

    @abstractmethod
    def position(self, layer: LayerAtlas, spec: AtlasSpec, code: int) -> tuple[float, float | None]:
        """The position of a region, in the kind's own two coordinates; the second is None if there is only one."""
