"""The states of a text's tokens in every layer, one forward pass for all, pooled as the scan pools them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ingest.extract.poolings import POOLINGS
from ingest.extract.positions import left_without_token, masked_mean, sinks
from ingest.extract.reader import encoder_for
from ingest.extract.readout import not_finite
from ingest.model.device import empty_cache, is_out_of_memory
from ingest.model.loading import LoadedModel
from ingest.model.pieces import pieces_of
from ingest.model.silence import silent_libraries
from ingest.model.tokens import Encoded, batches_of
from mri_core.errors import ModelError
from mri_core.records.explained import SINK, SPECIAL, TEMPLATE, UNPOOLED, Token


class LayerStates(NamedTuple):
    """A text's states in a layer.

    Attributes:
        states: (pooled positions, width) float32.
        pooled: (positions,) which they are.
        row: (width,) float32, their mean as the scan takes it.
    """

    states: np.ndarray
    pooled: np.ndarray
    row: np.ndarray


class TextTokens(NamedTuple):
    """A text's tokens as the model is given them.

    Attributes:
        tokens: one for each position.
        read: the text's own tokens, at least 1: its length, as an atlas adjusts for it.
        cut: tokens of the text beyond those that the model takes.
        unread: it has no token that could be read by itself, so that its whole span is pooled.
    """

    tokens: tuple[Token, ...]
    read: int
    cut: int
    unread: bool


Take = Callable[[int, LayerStates], None]  # receives each layer's index, in order, and a text's states in it
Begin = Callable[[int, TextTokens], Take]  # receives a text's index and tokens before it is run


class TokenReader:
    """Reads texts through a model and hands out each token's states.

    Args:
        model: loaded; nothing else may run it meanwhile.
        pooling: name of the study's.
    """

    def __init__(self, model: LoadedModel, pooling: str) -> None:
        self._model, self._pooling = model, POOLINGS.named(pooling)
        self._encoder = encoder_for(model, self._pooling)

    def read(self, texts: Sequence[str], begin: Begin) -> None:
        """Runs texts, the longest first.

        Args:
            texts: none of them blank.
            begin: called for each text, and once more for one that is run again because memory ran out.

        Raises:
            ModelError: the model fails on them, gives values that are not finite, or memory runs out on one text.
        """
        encoded = self._encoder.encode(texts, self._model.max_length)
        lengths = [len(text.ids) for text in encoded]
        model = self._model
        budget, mixed = model.place.batch_tokens, model.respects_padding_mask
        coming = batches_of(range(len(encoded)), lengths, budget, mixed=mixed)
        tokens = [self._tokens(*pair) for pair in zip(texts, encoded, strict=True)]
        with silent_libraries(), model.place.computing():
            while coming:
                indices = coming.pop()
                takes = [begin(index, tokens[index]) for index in indices]
                if not self._run([encoded[index] for index in indices], takes):
                    half = len(indices) // 2
                    coming += [indices[half:], indices[:half]]

    def _run(self, texts: Sequence[Encoded], takes: Sequence[Take]) -> bool:
        """Whether memory sufficed for a batch."""
        model, batch = self._model, self._encoder.batch(texts)
        device = model.place.device
        positions = self._pooling.positions(batch.span, batch.own, sink_first=model.starts_bare).to(device)

        def reader(layer: int, states: Tensor) -> None:
            own = model.own_states(states, positions)
            pooled = positions.to(own.device)
            with torch.autocast(own.device.type, enabled=False):
                if self._pooling.without_sinks:
                    pooled = pooled & ~sinks(own, pooled)
                rows = masked_mean(own, pooled).cpu().numpy()
            if not np.isfinite(rows).all():
                raise not_finite(model, layer)
            for each, (text, take) in enumerate(zip(texts, takes, strict=True)):
                states_of_text = own[each][pooled[each]].cpu().numpy()
                take(layer, LayerStates(states_of_text, pooled[each, : len(text.ids)].cpu().numpy(), rows[each]))

        try:
            with torch.inference_mode():
                model.run(batch.ids.to(device), batch.attended.to(device), reader)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        else:
            return True
        empty_cache(device)
        if len(texts) == 1:
            fact = f"One of {len(texts[0].ids)} tokens does not"
            raise ModelError("A text and its hidden states must fit into memory", fact, "Free memory")
        return False

    def _tokens(self, text: str, encoded: Encoded) -> TextTokens:
        batch, bare = self._encoder.batch([encoded]), self._model.starts_bare
        (positions,) = self._pooling.positions(batch.span, batch.own, sink_first=bare).numpy()
        pieces = pieces_of(self._encoder, text, encoded, self._model.max_length)
        reasons = ("" if pooled else self._why(encoded, place) for place, pooled in enumerate(positions.tolist()))
        return TextTokens(
            tuple(Token(*piece, reason) for piece, reason in zip(pieces, reasons, strict=True)),
            max(1, int(encoded.own.sum())),
            encoded.cut,
            self._pooling.without_sinks and bool(left_without_token(batch.own, sink_first=bare)[0]),
        )

    def _why(self, encoded: Encoded, place: int) -> str:
        """Why a position is not pooled in any layer."""
        if not encoded.own[place]:
            special = int(encoded.ids[place]) in self._encoder.special_ids
            return SPECIAL if special or self._encoder.prompt is None else TEMPLATE
        first_is_sink = self._pooling.without_sinks and self._model.starts_bare
        return SINK if first_is_sink and place == 0 else UNPOOLED
