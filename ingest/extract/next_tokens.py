"""How well a causal model predicts its texts' own tokens, and how its predictions differ from those of another pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ingest.model.anatomy.taps import Call, first_tensor, surrounded, tapped, with_first
from ingest.model.loading import LoadedModel

NUMBERS = 1 << 27  # log probabilities of a batch that are held: half a gibibyte
CHUNK = 1 << 25  # of them computed at once


class Scores(NamedTuple):
    """(texts,) means over each text's own tokens, in nats; NaN for a text of which none is predicted.

    Attributes:
        loss: negative log probability of the tokens.
        divergence: KL divergence of the distributions from those of the pass that is compared with.
    """

    loss: np.ndarray
    divergence: np.ndarray


class HeadError(Exception):
    """A language-modelling head that does not take its states from the base model."""


class NextTokens:
    """The predictions of a model with a language-modelling head.

    Args:
        model: loaded with its head.
    """

    def __init__(self, model: LoadedModel) -> None:
        assert model.language_model is not None  # noqa: S101 - who asks has looked
        self._head: nn.Module = model.language_model
        self._stack = model.stack
        # OPT's head asks the decoder within its base
        within = getattr(model.stack, "decoder", None)
        self._bases = (self._stack, *([within] if isinstance(within, nn.Module) else []))
        self._output: Any = None

    @torch.inference_mode()
    def vocabulary(self, predicting: Tensor) -> int:
        """Tokens that the head tells apart, asked of one of these positions of the last pass; 1 if there is none."""
        states = first_tensor(self._output)
        assert states is not None  # noqa: S101 - a pass came before
        chosen = states[predicting.to(states.device)][:1]
        return int(self._logits(chosen).shape[-1]) if len(chosen) else 1

    def tokens_at_once(self, vocabulary: int) -> int:
        """Tokens of a batch whose log probabilities can be held."""
        return max(NUMBERS // vocabulary, 1)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While open, what the stack gives in its last pass is there to be scored."""

        def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            self._output = output

        with tapped((self._stack,), None, after):
            yield

    @torch.inference_mode()
    def log_probabilities(self, predicting: Tensor) -> Iterator[Tensor]:
        """Log probabilities of the token after each of these positions of the last pass, float32, some at a time.

        Args:
            predicting: (texts, length) of the batch, on the device.

        Returns:
            parts of (positions, vocabulary), in order.
        """
        states = first_tensor(self._output)
        assert states is not None  # noqa: S101 - a pass came before
        chosen = states[predicting.to(states.device)]
        step = max(CHUNK // self.vocabulary(predicting), 1)
        for start in range(0, len(chosen), step):
            logits = self._logits(chosen[start : start + step]).to(predicting.device)
            yield logits.float().log_softmax(dim=-1)

    def _logits(self, states: Tensor) -> Tensor:
        """The head's own answer to states (positions, width), with whatever it scales and caps."""
        given = with_first(self._output, lambda _: states[None])
        ids = torch.zeros((1, len(states)), dtype=torch.long, device=states.device)
        asked = []

        def answer(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            asked.append(True)
            return given

        with surrounded(self._bases, answer):
            logits = self._head(input_ids=ids, use_cache=False).logits[0]
        if not asked:  # the head took its states from elsewhere
            raise HeadError
        return logits


class Predicted:
    """The tokens of a batch that are predicted, and what the untouched pass predicted.

    Args:
        scorer: that listened to that pass.
        ids: (texts, length) of the batch, on the device.
        own: (texts, length) which tokens are the texts' own.

    Attributes:
        untouched: scores of that pass.
    """

    def __init__(self, scorer: NextTokens, ids: Tensor, own: Tensor) -> None:
        self._scorer, self._texts = scorer, len(ids)
        self._predicting = torch.zeros_like(own)
        self._predicting[:, :-1] = own[:, 1:]
        most = scorer.tokens_at_once(scorer.vocabulary(self._predicting))
        number = self._predicting.flatten().cumsum(0).reshape(own.shape)
        self._predicting &= number <= most  # of one text that is very long the first tokens
        self._next = ids[:, 1:][self._predicting[:, :-1]]
        self._text = torch.arange(len(ids), device=ids.device)[:, None].expand_as(own)[self._predicting]
        self._before: list[Tensor] = []
        self._negentropy: list[Tensor] = []
        losses = []
        for start, after in self._parts():
            self._before.append(after.exp())
            self._negentropy.append(_dot(self._before[-1], after))
            losses.append(self._loss(start, after))
        none = torch.zeros(len(self._next), device=ids.device)
        self.untouched = Scores(self._means(losses), self._means([none]))

    def scores(self) -> Scores:
        """Of the last pass of the same batch."""
        losses, divergences = [], []
        for number, (start, after) in enumerate(self._parts()):
            losses.append(self._loss(start, after))
            divergences.append(self._negentropy[number] - _dot(self._before[number], after))
        return Scores(self._means(losses), self._means(divergences))

    def _parts(self) -> Iterator[tuple[int, Tensor]]:
        """Log probabilities with the number of the first position of each part."""
        start = 0
        for part in self._scorer.log_probabilities(self._predicting):
            yield start, part
            start += len(part)

    def _loss(self, start: int, after: Tensor) -> Tensor:
        return -after.gather(1, self._next[start : start + len(after), None])[:, 0]

    def _means(self, parts: list[Tensor]) -> np.ndarray:
        """(texts,) of values for each position."""
        values = torch.cat(parts) if parts else torch.zeros(0, device=self._text.device)
        sums = torch.zeros(self._texts, device=values.device).index_add(0, self._text, values)
        counts = torch.bincount(self._text, minlength=self._texts)
        return (sums / counts).cpu().numpy()


def _dot(one: Tensor, other: Tensor) -> Tensor:
    """(positions,) sums of products over the vocabulary, without another tensor of that size."""
    return torch.linalg.vecdot(one, other)
