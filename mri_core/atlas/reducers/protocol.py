"""What every reducer does, and the rule for the signs of its dimensions."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mri_core.atlas.standardise import StandardRows
from mri_core.chunks import Rows
from mri_core.records.arrays import LayerAtlas


class NoReductionError(Exception):
    """A layer's rows have no reduction; the message is the fact. The caller names the layer in a `MriError`."""


class Reducer(Protocol):
    """Fitted to one layer's rows, it places these and later rows by arrays alone."""

    @property
    def straight(self) -> bool:
        """Whether its dimensions are orthogonal axes of the rows, each with a share of their variance."""

    @property
    def within(self) -> Reducer | None:
        """The reducer of axes on which coordinates suffice for it, if there are enough; None if it needs the columns.

        Refits are fitted to such coordinates in place of the rows, which takes less time.
        """

    def fit(self, rows: StandardRows, dimensions: int, seed: int) -> tuple[LayerAtlas, np.ndarray]:
        """The fitted arrays, and the fitted documents' coordinates (documents, dimensions), float32.

        On each dimension the document score of greatest magnitude is positive.

        Raises:
            NoReductionError: these rows have none.
        """
        ...

    def transform(self, layer: LayerAtlas, rows: Rows, tokens: np.ndarray | None) -> np.ndarray:
        """Coordinates of rows (documents, width), old or new: (documents, dimensions), float32.

        Args:
            layer: fitted by this reducer.
            rows: as they were read, neither adjusted nor standardised.
            tokens: (documents,) lengths; needed if the fit adjusts for them.
        """
        ...


def signs(scores: np.ndarray) -> np.ndarray:
    """What to multiply each axis by, 1 or -1, so that its document score of greatest magnitude is positive.

    Args:
        scores: (documents, dimensions).
    """
    least, greatest = scores.min(axis=0), scores.max(axis=0)
    return np.where(-least > greatest, np.float32(-1), np.float32(1))
