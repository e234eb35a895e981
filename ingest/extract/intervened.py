"""Texts through a model whose states are changed at one layer: later layers' rows, next to the untouched ones.

A batch is run once untouched. Each change then goes on from that layer: the outputs of the blocks before it are taken
from the untouched pass, after a trial has shown that this gives the same rows to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from ingest.extract.extraction import no_one
from ingest.extract.next_tokens import HeadError, NextTokens, Predicted, Scores
from ingest.extract.poolings import POOLINGS
from ingest.extract.positions import sinks
from ingest.extract.products import CHARACTERS_A_TOKEN, Products, quickest
from ingest.extract.reader import encoder_for
from ingest.extract.readout import Pooler
from ingest.extract.records import Notify
from ingest.model.anatomy.blocks import Change, as_stream
from ingest.model.device import empty_cache, is_out_of_memory
from ingest.model.loading import LoadedModel
from ingest.model.silence import silent_libraries
from ingest.model.tokens import Batch, Encoded, batches_of
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
        self._budget = model.place.batch_tokens
        if self.scorer is not None and self.encoder.vocabulary:
            self._budget = min(self._budget, self.scorer.tokens_at_once(self.encoder.vocabulary))

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

        Where memory runs out the batches get smaller.

        Raises:
            ModelError: the model fails on them, or memory runs out on one text.
        """
        encoded = self.encoder.encode(texts, self.model.max_length)
        lengths = [len(text.ids) for text in encoded]
        with silent_libraries(), self.model.place.computing():
            coming = self._cut(range(len(encoded)), lengths)
            while coming:
                indices = coming.pop()
                begun = self._begun([encoded[index] for index in indices])
                if begun is not None:
                    yield indices, begun
                else:
                    self._budget = len(indices) * lengths[indices[0]] // 2
                    coming = self._cut([*indices, *(index for batch in reversed(coming) for index in batch)], lengths)

    def _cut(self, indices: Sequence[int], lengths: list[int]) -> list[list[int]]:
        """Texts in batches, in reverse order of running."""
        return batches_of(indices, lengths, self._budget, mixed=self.model.respects_padding_mask)

    def _begun(self, texts: list[Encoded]) -> Begun | None:
        """A batch with its untouched pass; None if memory ran out."""
        try:
            return Begun(self, self.encoder.batch(texts))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        empty_cache(self.model.place.device)
        if len(texts) == 1:
            fact = f"One of {len(texts[0].ids)} tokens does not"
            raise ModelError("A text and its hidden states must fit into memory", fact, "Free memory")
        return None

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
        rows = self._rows([self._recording], self._find_positions)
        self._predict(batch.own.to(device))
        self.untouched = Pass(rows, None if self._predicted is None else self._predicted.untouched)
        if owner.resumes and self._outputs:
            self._try_resuming()

    def changed(self, push: Push) -> Pass:
        """What a pass with changed states gives.

        Raises:
            ModelError: the changed states overflow, or memory runs out.
        """
        change, site = self._change(push), self._site
        try:
            rows = self._rows([self._resumed, lambda: site.changed_by(self._owner.layer, change)])
            return Pass(rows, None if self._predicted is None else self._predicted.scores())
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            rule = "A batch that was run once can be run again"
            raise ModelError(rule, "Memory ran out meanwhile", "Free memory, and run it again") from error

    @property
    def _resumes(self) -> bool:
        return self._owner.resumes and bool(self._outputs)

    @property
    def _site(self) -> Any:
        """The site as passes of this batch number its layers."""
        site = cast(Any, self._owner.model.site)
        return site.skipping(len(self._outputs)) if self._resumes else site

    def _rows(
        self, opened: Sequence[Callable[[], AbstractContextManager[None]]], at_layer: Any = None
    ) -> list[np.ndarray]:
        """One pass, pooled after the layer; at the layer itself its states are shown to `at_layer`.

        Args:
            opened: what is open around the pass, made anew for each attempt: a product that fails is tried otherwise.
            at_layer: is given the states of the layer.
        """
        owner = self._owner
        model = replace(owner.model, site=self._site)

        def reader(layer: int, states: Tensor) -> None:
            if layer > owner.layer:
                owner.pooler(layer, states)
            elif layer == owner.layer and at_layer is not None:
                at_layer(states)

        @torch.inference_mode()
        def run() -> Tensor:
            owner.pooler.begin(self._positions)
            with ExitStack() as stack:
                for make in opened:
                    stack.enter_context(make())
                if owner.scorer is not None:
                    stack.enter_context(owner.scorer.listening())
                model.run(self._ids, self._attended, reader)
            return owner.pooler.together() if owner.later else torch.empty((len(self._ids), 0))

        together = owner.computed(run, self._ids.numel()).cpu().numpy()
        if not np.isfinite(together).all():
            raise _not_finite(owner, untouched=at_layer is not None)
        first = together.shape[1] - sum(owner.later)
        return np.split(together[:, first:], np.cumsum(owner.later)[:-1], axis=1) if owner.later else []

    @contextmanager
    def _recording(self) -> Iterator[None]:
        with self._owner.model.stream.recorded(self._owner.skipped) as outputs:
            yield
        self._outputs = outputs

    def _predict(self, own: Tensor) -> None:
        """Scores the untouched pass, where the head can be asked by itself."""
        owner = self._owner
        if owner.scorer is None:
            return
        try:
            self._predicted = Predicted(owner.scorer, self._ids, own)
        except HeadError:
            owner.scorer = None
            owner.notify("The loss of the texts' own tokens is not read: the model's head cannot be run by itself.")

    def _find_positions(self, states: Tensor) -> None:
        if self._owner.rule.without_sinks:
            own = self._owner.model.own_states(states, self._positions)
            kept = self._positions.to(own.device)
            self._where = kept & ~sinks(own, kept)

    def _change(self, push: Push) -> Change:
        """What is added to the site's states."""
        model, texts, length = self._owner.model, *self._ids.shape

        def change(states: Tensor) -> Tensor:
            device = states.device  # of a split model that of the layer
            stream = as_stream(states, texts)
            added = torch.zeros_like(stream, dtype=torch.float32)
            direction = torch.from_numpy(push.direction).to(device) * push.strength
            here = self._where.to(device).float()[..., None]
            with torch.autocast(device.type, enabled=False):
                if push.along is not None:
                    own = model.own_states(states, self._positions)
                    here = here * (push.centre - own @ torch.from_numpy(push.along).to(device))[..., None]
                added[:, model.lead : model.lead + length] = here * direction
            return added.reshape(states.shape)

        return change

    def _resumed(self) -> AbstractContextManager[None]:
        return self._owner.model.stream.resumed(self._outputs) if self._resumes else nullcontext()

    def _try_resuming(self) -> None:
        """Goes on from the layer if that gives the untouched rows again, to the bit; else all blocks run each time.

        A model may carry more from block to block than their outputs, such as attention that others share.
        """
        try:
            same = all(map(np.array_equal, self._rows([self._resumed]), self.untouched.rows))
        except (ModelError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            same = False
        if not same:
            self._owner.resumes = False
            self._owner.notify("Every change runs the whole model: it does not go on alike from the middle.")


def _not_finite(owner: Intervened, *, untouched: bool) -> ModelError:
    name, layer = owner.model.source.name, owner.layer
    if untouched:
        return ModelError("Activations are finite numbers", f"Those of {name} are not", "Its weights may be broken")
    fact = f"Those of {name} are not, with the states of layer {layer} changed, by a control perhaps"
    return ModelError("Activations are finite numbers", fact, "Add less, or run the study's model in another --dtype")
