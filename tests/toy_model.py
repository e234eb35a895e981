"""A model in NumPy whose later layers read a region's direction, or do not: interventions on it have a known answer.

Documents have a state of the first layer, which is changed, and a hidden bit that no pooled row shows. A region stands
out along one axis of the first layer. Where it feeds, the next block writes what it reads along that axis to another;
where it does not, the block drops the axis, and writes the hidden bit, with which the region mostly goes: the
connection is there, and its cause is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import fit_atlas
from mri_core.interventions.directions import Push
from mri_core.interventions.outcomes import Measuring, column_spreads
from mri_core.records.arrays import Activations, Atlas, AtlasSpec

WIDTH, HEIGHT, SHARP = 64, 4.0, 2.0
AXIS, WRITTEN, ANOTHER = 0, (1, 2, 3), 4


class Pass(NamedTuple):
    """As `ingest.extract.intervened.Pass`."""

    rows: list[np.ndarray]
    scores: None = None


class ToyModel:
    """Documents, and the blocks that they go through.

    Args:
        seed: of the documents.
        feeds: whether the region's axis is read.
        documents: their number.
    """

    def __init__(self, seed: int, *, feeds: bool, documents: int = 240) -> None:
        generator = np.random.default_rng(seed)
        self.region = generator.random(documents) < 0.3
        self.hidden = np.where(generator.random(documents) < 0.9, self.region, ~self.region)
        self.feeds = feeds
        self.states = generator.standard_normal((documents, WIDTH))
        self.states[:, AXIS] += HEIGHT * self.region
        self._later = [generator.standard_normal((WIDTH, WIDTH)) * 0.05 for _ in range(2)]

    @property
    def later(self) -> tuple[int, ...]:
        """The widths of the layers after the first."""
        return (WIDTH,) * 3

    def forward(self, states: np.ndarray, ordinals: np.ndarray) -> list[np.ndarray]:
        """The rows of the later layers."""
        cause = 1 / (1 + np.exp(-SHARP * (states[:, AXIS] - HEIGHT / 2))) if self.feeds else self.hidden[ordinals]
        states = states.copy()
        if not self.feeds:
            states[:, AXIS] = 0
        states[:, WRITTEN] += HEIGHT * cause[:, None]
        found = [states]
        for product in self._later:
            found.append(found[-1] + np.tanh(found[-1] @ product))
        return [rows.astype(np.float32) for rows in found]

    def activations(self) -> Activations:
        """Of all layers."""
        return Activations((self.states.astype(np.float32), *self.forward(self.states, np.arange(len(self.states)))))

    def atlas(self, clusters: int = 4) -> tuple[Atlas, np.ndarray]:
        """Fitted to the documents, with their codes; in the first layer 0 is the region, others lie along an axis."""
        spec = AtlasSpec(clusters=clusters, length_adjust=False)
        fit = fit_atlas(self.activations(), spec)
        along = np.digitize(self.states[:, ANOTHER], [-0.7, 0, 0.7])
        return fit.atlas, np.column_stack([np.where(self.region, 0, 1 + along), fit.codes[:, 1:]])

    def measuring(self, atlas: Atlas, known: np.ndarray) -> Measuring:
        """Of the later layers' rows."""
        spreads = tuple(column_spreads(rows, known) for rows in self.activations().layers[1:])
        return Measuring(atlas, 0, spreads, None, None)

    def texts(self, ordinals: np.ndarray) -> list[str]:
        """What stands for documents."""
        return [str(ordinal) for ordinal in ordinals.tolist()]

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], ToyBatch]]:
        """In two batches, to see that their order does not matter."""
        ordinals = np.array([int(text) for text in texts])
        for indices in (range(1, len(texts), 2), range(0, len(texts), 2)):
            if len(indices):
                yield list(indices), ToyBatch(self, ordinals[list(indices)])


class ToyBatch:
    """As `ingest.extract.intervened.Begun`."""

    def __init__(self, model: ToyModel, ordinals: np.ndarray) -> None:
        self._model, self._ordinals = model, ordinals
        self.untouched = Pass(model.forward(model.states[ordinals], ordinals))
        self.tokens = np.ones(len(ordinals), dtype=np.int64)

    def changed(self, push: Push) -> Pass:
        """What the changed states become."""
        states, amount = self._model.states[self._ordinals], np.ones((len(self._ordinals), 1))
        if push.along is not None:
            amount = (push.centre - states @ push.along)[:, None]
        return Pass(self._model.forward(states + push.strength * amount * push.direction, self._ordinals))
