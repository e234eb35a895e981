"""Linear reduction of standardised rows: principal components, and truncated SVD."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mri_core.atlas.reducers.axes import ROUGH, TOLERANCE, leading_axes
from mri_core.atlas.reducers.protocol import signs
from mri_core.atlas.standardise import Standard, StandardRows
from mri_core.chunks import Rows
from mri_core.records.arrays import LayerAtlas


@dataclass(frozen=True)
class Linear:
    """Orthogonal axes: of greatest variance (principal components), or of the greatest squares about zero (SVD).

    Both are the same for centred rows; they differ if columns keep their means.
    """

    about_zero: bool = False
    tolerance: float = TOLERANCE
    straight: bool = True

    @property
    def within(self) -> Linear:
        """The same, with rough axes: axes turn with the rows."""
        return replace(self, tolerance=ROUGH)

    def fit(self, rows: StandardRows, dimensions: int, seed: int) -> tuple[LayerAtlas, np.ndarray]:
        """As `Reducer.fit`; nothing is random."""
        about = rows.about_zero() if self.about_zero and not rows.columns.centred else rows
        axes = leading_axes(about, dimensions, self.tolerance)
        scores = about.project(axes.components)
        sign = signs(scores)
        scores *= sign
        standard = about.standard
        layer = LayerAtlas(
            standard.mean,
            standard.scale,
            axes.components * sign[:, None],
            axes.explained_variance,
            standard.length_coefficients,
            axes_error=axes.error,
        )
        return layer, scores

    def transform(self, layer: LayerAtlas, rows: Rows, tokens: np.ndarray | None) -> np.ndarray:
        """As `Reducer.transform`."""
        return Standard(layer.mean, layer.scale, layer.length_coefficients).project(rows, tokens, layer.components)
