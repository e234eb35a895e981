"""Where a document lies in a layer, as a sum over its tokens: exact, since everything that leads there is linear.

A row is the mean of n token states h; its coordinates on the axes C of the layer, adjusted for its length L, are

    z = C ((x − t(L) B − mean) / scale),  x = (h_1 + … + h_n) / n,

an affine function of each state. So is what regions are told apart by: between clusters a and b the margin
(‖z − c_b‖² − ‖z − c_a‖²) / 2 = z·(c_a − c_b) + (‖c_b‖² − ‖c_a‖²) / 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.atlas.kinds.kind import Aspect
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.standardise import length_terms
from mri_core.errors import UsageError
from mri_core.records.arrays import AtlasSpec, LayerAtlas


class Coordinates(NamedTuple):
    """The coordinates of a document, which are the sum of these.

    Attributes:
        tokens: (tokens, dimensions) what each pooled position adds to them, float64.
        length: (dimensions,) what the adjustment for length adds, compared with a text of the usual length.
    """

    tokens: np.ndarray
    length: np.ndarray

    def along(self, aspect: Aspect) -> Parts:
        """What each adds to an aspect of the document's place."""
        return Parts(self.tokens @ aspect.direction, float(self.length @ aspect.direction), aspect.constant)


class Parts(NamedTuple):
    """A number that says where a document lies, as a sum.

    Attributes:
        tokens: (tokens,) part of each pooled position.
        length: part of the adjustment for length.
        constant: what the number is for a document at the origin of the layer's coordinates.
    """

    tokens: np.ndarray
    length: float
    constant: float

    @property
    def total(self) -> float:
        """All parts together."""
        return float(self.tokens.sum()) + self.length + self.constant


@dataclass(frozen=True)
class TokenMap:
    """What takes the states of a layer's tokens to its coordinates.

    Attributes:
        directions: (width, dimensions).
        origin: (dimensions,) projection of the row that lies at 0 in a text of the usual length; subtracted from every
            token's, so that a part is what the state adds beyond an average one.
        usual: (terms,) regression terms of the usual length; None if lengths are not adjusted for.
        along_length: (terms, dimensions) projections of their coefficients; likewise.
    """

    directions: np.ndarray
    origin: np.ndarray
    usual: np.ndarray | None
    along_length: np.ndarray | None

    @staticmethod
    def of(spec: AtlasSpec, layer: LayerAtlas, usual: float | tuple[float, float]) -> TokenMap:
        """The map of a layer.

        Args:
            spec: of the atlas.
            layer: of the atlas.
            usual: tokens of a text of the usual length, or a token's usual place and log frequency; any number above 0
                gives the same sums.

        Raises:
            UsageError: the layer's coordinates are not linear in its activations.
        """
        check_linear(spec)
        directions = (layer.components / layer.scale).T
        origin = layer.mean @ directions
        if layer.length_coefficients is None:
            return TokenMap(directions, origin, None, None)
        terms, along = length_terms(np.array([usual]))[0], layer.length_coefficients @ directions
        return TokenMap(directions, origin + terms @ along, terms, along)

    def coordinates(self, states: np.ndarray, tokens: float | tuple[float, float]) -> Coordinates:
        """A document's coordinates, position by position.

        Args:
            states: (positions, width) of the pooled positions, whose mean is the document's row.
            tokens: its length, or a token's place and log frequency, as the atlas adjusts for it.
        """
        parts = (states.astype(np.float64) @ self.directions - self.origin) / len(states)
        if self.usual is None or self.along_length is None:
            return Coordinates(parts, np.zeros(len(self.origin)))
        beyond = length_terms(np.array([tokens]))[0] - self.usual
        return Coordinates(parts, -beyond @ self.along_length)


def check_linear(spec: AtlasSpec) -> None:
    """Raises `UsageError` for an atlas in which a document's place is no sum over its tokens."""
    if not REDUCERS.named(spec.reducer).straight:
        raise UsageError(
            "A document's place is a sum over its tokens where the atlas' axes are straight",
            f"--reducer {spec.reducer} has none",
            "Scan with --reducer pca",
        )
