"""Runs one batch through the model: hidden states are pooled on the device and transferred at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ingest.extract.positions import masked_mean, sinks
from ingest.model.loading import LoadedModel
from mri_core.errors import ModelError

Run = Callable[[Tensor, Tensor, Tensor], Tensor]  # ids, attended and positions on the device, to `Pooler.together`


@dataclass(frozen=True)
class Readout:
    """The result of a batch.

    Attributes:
        rows: for each layer (texts, width) float32.
        left_out: (texts, layers) tokens that were left out as attention sinks.
    """

    rows: list[np.ndarray]
    left_out: np.ndarray


class Pooler:
    """Takes the mean of the states over each text's positions, layer by layer, in float32 on their device.

    Args:
        model: loaded.
        without_sinks: leave positions out whose norm is massive.
    """

    def __init__(self, model: LoadedModel, *, without_sinks: bool) -> None:
        self._model, self._without_sinks = model, without_sinks
        self._left_out: list[Tensor] = []
        self._rows: list[Tensor] = []

    def begin(self, positions: Tensor) -> None:
        """Begins a batch of which these positions (texts, length) are read, at least one for each text."""
        self._positions = positions
        self._left_out, self._rows = [], []

    def __call__(self, layer: int, states: Tensor) -> None:
        """Pool a layer's states, as the site gives them. Layers come in order."""
        own = self._model.own_states(states, self._positions)
        kept = self._positions.to(own.device)  # layers of a split model are on several
        with torch.autocast(own.device.type, enabled=False):
            if self._without_sinks:
                sunk = sinks(own, kept)
                self._left_out.append(sunk.sum(dim=1, keepdim=True, dtype=torch.float32))
                kept = kept & ~sunk
            self._rows.append(masked_mean(own, kept))

    def together(self) -> Tensor:
        """(texts, layers + widths of all layers): counts of left-out tokens, if sinks are left out, then the rows."""
        device = self._positions.device
        return torch.cat([part.to(device) for part in (*self._left_out, *self._rows)], dim=1)


def plain(model: LoadedModel, pooler: Pooler) -> Run:
    """Runs the model uncompiled.

    The returned function raises `ModelError` if the model fails, and passes on out-of-memory errors
    (`ingest.model.device.is_out_of_memory`).
    """

    @torch.inference_mode()
    def run(ids: Tensor, attended: Tensor, positions: Tensor) -> Tensor:
        pooler.begin(positions)
        model.run(ids, attended, pooler)
        return pooler.together()

    return run


def read(model: LoadedModel, run: Run, ids: Tensor, attended: Tensor, positions: Tensor) -> Readout:
    """Run a batch: token ids (texts, length), padded on the right, which of them are real, and which are read.

    Raises:
        ModelError: the model fails, or gives values that are not finite.
    """
    device = model.place.device
    together = run(ids.to(device), attended.to(device), positions.to(device)).cpu().numpy()
    first = together.shape[1] - sum(model.widths)
    left_out = together[:, :first].astype(np.int32) if first else np.zeros((len(ids), model.layers), dtype=np.int32)
    rows = np.split(together[:, first:], np.cumsum(model.widths)[:-1], axis=1)
    if not np.isfinite(together).all():
        raise not_finite(model, next(layer for layer, states in enumerate(rows) if not np.isfinite(states).all()))
    return Readout(rows, left_out)


def not_finite(model: LoadedModel, layer: int) -> ModelError:
    """The error for a layer whose states overflow, or come from broken weights."""
    fact = f"{model.source.name} gives NaN or infinity in layer {layer}"
    small = model.place.dtype in ("float16", "checkpoint")
    remedy = "Take --dtype bfloat16 or float32, or look for broken weights" if small else "Its weights may be broken"
    return ModelError("Activations are finite numbers", fact, remedy)
