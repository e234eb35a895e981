"""Texts through a model whose states are changed at one layer: later layers' rows, next to the untouched ones.

A batch is run once untouched. Each change then goes on from that layer: the outputs of the blocks before it are taken
from the untouched pass, after a trial has shown that this gives the same rows to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from ingest.extract.extraction import Notify, encoder_for, no_one
from ingest.extract.next_tokens import NextTokens, Predicted, Scores
from ingest.extract.poolings import POOLINGS
from ingest.extract.positions import sinks
from ingest.extract.products import CHARACTERS_A_TOKEN, Products, quickest
from ingest.extract.readout import Pooler
from ingest.model.anatomy.blocks import Change, as_stream
from ingest.model.loading import LoadedModel
from ingest.model.silence import silent_libraries
from ingest.model.tokens import Batch, by_length
from mri_core.errors import ModelError
from mri_core.interventions.directions import Push


class Pass(NamedTuple):
    """What a pass gave.

    Attributes:
        rows: (texts, width) float32 for each layer after the one that is changed.
        scores: of the next tokens; None without a language-modelling head.
    """

    rows: list[np.ndarray]
    scores: Scores | None


class Intervened:
    """A model that is run with its states changed at one layer.

    Args:
        model: loaded; nothing else may run it meanwhile.
        pooling: name of the study's.
        layer: where states are changed, as the study numbers its layers.
        notify: receives a line where the blocks before the layer have to be run again and again.

    Raises:
        ModelError: the site's states cannot be changed, or no layer is after this one.
    """

    def __init__(self, model: LoadedModel, pooling: str, layer: int, notify: Notify = no_one) -> None:
        if not hasattr(model.site, "changed_by"):
            fact = f"{type(model.site).__name__} only reads them"
            raise ModelError("An intervention changes the states of its site", fact, "Scan at another --site")
        self.model, self.rule, self.layer = model, POOLINGS.named(pooling), layer
        self.encoder = encoder_for(model, self.rule)
        self.notify = notify
        self.resumes = True
        self.pooler = Pooler(model, without_sinks=self.rule.without_sinks)
        self.scorer = None if model.language_model is None else NextTokens(model)
        self._products: Products | None = None

    @property
    def later(self) -> tuple[int, ...]:
        """The widths of the layers that are read."""
        return self.model.widths[self.layer + 1 :]

    @property
    def skipped(self) -> int:
        """Blocks before the layer."""
        return min(self.layer, self.model.stream.calls - 1)

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Begun]]:
        """The texts in batches, the longest first, each with their indices and its untouched pass done.

        Raises:
            ModelError: the model fails on them.
        """
        encoded = self.encoder.encode(texts, self.model.max_length)
        lengths = [len(text.ids) for text in encoded]
        budget = self.model.place.batch_tokens
        if self.scorer is not None and self.encoder.vocabulary:
            budget = min(budget, self.scorer.tokens_at_once(self.encoder.vocabulary))
        with silent_libraries(), self.model.place.computing():
            for indices in by_length(lengths, budget, mixed=self.model.respects_padding_mask):
                yield indices, Begun(self, self.encoder.batch([encoded[index] for index in indices]))

    def computed(self, run: Any, tokens: int) -> Tensor:
        """What `run` gives, with the products of the quicker library."""
        work = tokens * CHARACTERS_A_TOKEN * 1_000  # a thousand passes or so are to come
        self._products = self._products or Products(lambda: quickest(self.model, work), self.notify)
        return self._products.computing(run)()


class Begun:
    """A batch whose untouched pass is done.

    Args:
        owner: whose model is run.
        batch: of texts.

    Attributes:
        untouched: what that pass gave.
        tokens: (texts,) own tokens of each text.
    """

    def __init__(self, owner: Intervened, batch: Batch) -> None:
        device = owner.model.place.device
        self._owner = owner
        self._ids, self._attended = batch.ids.to(device), batch.attended.to(device)
        self._positions = owner.rule.positions(batch.span, batch.own, sink_first=owner.model.starts_bare).to(device)
        self._where = self._positions
        self._predicted: Predicted | None = None
        self._outputs: list[Any] = []
        self.tokens = batch.own.sum(dim=1).numpy()
        with owner.model.stream.recorded(owner.skipped) as self._outputs:
            rows = self._rows(self._find_positions)
        if owner.scorer is not None:
            self._predicted = Predicted(owner.scorer, self._ids, batch.own.to(device))
        self.untouched = Pass(rows, None if self._predicted is None else self._predicted.untouched)
        if owner.resumes and self._outputs:
            self._try_resuming()

    def changed(self, push: Push) -> Pass:
        """What a pass with changed states gives."""
        site = cast(Any, self._owner.model.site)
        with self._resumed(), site.changed_by(self._owner.layer, self._change(push)):
            rows = self._rows()
        return Pass(rows, None if self._predicted is None else self._predicted.scores())

    def _rows(self, at_layer: Any = None) -> list[np.ndarray]:
        """One pass, pooled after the layer; at the layer itself its states are shown to `at_layer`."""
        owner = self._owner

        def reader(layer: int, states: Tensor) -> None:
            if layer > owner.layer:
                owner.pooler(layer, states)
            elif layer == owner.layer and at_layer is not None:
                at_layer(states)

        @torch.inference_mode()
        def run() -> Tensor:
            owner.pooler.begin(self._positions)
            with nullcontext() if owner.scorer is None else owner.scorer.listening():
                owner.model.run(self._ids, self._attended, reader)
            return owner.pooler.together() if owner.later else torch.empty((len(self._ids), 0))

        together = owner.computed(run, self._ids.numel()).cpu().numpy()
        if not np.isfinite(together).all():
            fact = f"Those of {owner.model.source.name} are not, with these changed in layer {owner.layer}"
            raise ModelError("Activations are finite numbers", fact, "Take a smaller strength")
        first = together.shape[1] - sum(owner.later)
        return np.split(together[:, first:], np.cumsum(owner.later)[:-1], axis=1) if owner.later else []

    def _find_positions(self, states: Tensor) -> None:
        if self._owner.rule.without_sinks:
            own = self._owner.model.own_states(states, self._positions)
            self._where = self._positions & ~sinks(own, self._positions)

    def _change(self, push: Push) -> Change:
        """What is added to the site's states."""
        model, texts, length = self._owner.model, *self._ids.shape
        device = model.place.device
        direction = torch.from_numpy(push.direction).to(device) * push.strength
        along = None if push.along is None else torch.from_numpy(push.along).to(device)

        def change(states: Tensor) -> Tensor:
            stream = as_stream(states, texts)
            added = torch.zeros_like(stream, dtype=torch.float32)
            here = self._where.float()[..., None]
            with torch.autocast(device, enabled=False):
                if along is not None:
                    own = model.own_states(states, self._positions)
                    here = here * (push.centre - own @ along)[..., None]
                added[:, model.lead : model.lead + length] = here * direction
            return added.reshape(states.shape)

        return change

    def _resumed(self) -> AbstractContextManager[None]:
        goes_on = self._owner.resumes and self._outputs
        return self._owner.model.stream.resumed(self._outputs) if goes_on else nullcontext()

    def _try_resuming(self) -> None:
        """Goes on from the layer if that gives the untouched rows again, to the bit; else all blocks run each time.

        A model may carry more from block to block than their outputs, such as attention that others share.
        """
        try:
            with self._resumed():
                rows = self._rows()
            same = all(map(np.array_equal, rows, self.untouched.rows))
        except (ModelError, RuntimeError):
            same = False
        if not same:
            self._owner.resumes = False
            self._owner.notify("Every change runs the whole model: it does not go on alike from the middle.")
