"""Texts to token ids: truncated to the maximum length, framed by special tokens, padded into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ingest.model.prompts import Prompt, chat_prompt, parse_template
from mri_core.errors import ModelError, UsageError

OFFSET_TEXTS = 256  # tokenised at once if offsets are needed, which take a hundred bytes per token
PROBE_TEXT = "The cat sat on the mat."


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as token ids.

    Attributes:
        ids: (length,) int64, special tokens included; never empty.
        own: (length,) which of them are the text's own.
        span: (length,) what a pooling may read: everything, or within a prompt the text's own tokens, if it has any.
        cut: tokens of the text beyond those that the model takes.
    """

    ids: np.ndarray
    own: np.ndarray
    span: np.ndarray
    cut: int


@dataclass(frozen=True)
class Batch:
    """Texts side by side, padded on the right: tensors (texts, length), as in `Encoded`; `attended` is no padding."""

    ids: Tensor
    attended: Tensor
    own: Tensor
    span: Tensor


@dataclass(frozen=True)
class TextEncoder:
    """A tokenizer, and the tokens it puts around a text.

    Attributes:
        tokenizer: of transformers, fast or slow.
        prefix, suffix: ids that it adds before and after every text.
        special_ids: ids that are not the text's: every special token but the unknown one, unless that has another role.
        unknown_id: for text that the tokenizer does not know; None if there is none, or it has another role.
        bos_id: the beginning-of-sequence token it knows, whether it adds it or not.
        pad_id: what batches are filled up with; any id does, as padding is masked.
        vocabulary: number of ids in the model's embedding; None if unknown.
        prompt: around every text, if any.
    """

    tokenizer: Any
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    special_ids: tuple[int, ...]
    unknown_id: int | None
    bos_id: int | None
    pad_id: int
    vocabulary: int | None
    prompt: Prompt | None = None

    def with_bos(self) -> TextEncoder:
        """A copy that puts the beginning-of-sequence token before every text, if it has one and does not add it.

        Within a prompt the first position is the prompt's, and a chat template has its own special tokens.
        """
        if self.bos_id is None or self.bos_id in self.prefix:
            return self
        if self.prompt is not None and (self.prompt.before or not self.prompt.special):
            return self
        return replace(self, prefix=(self.bos_id, *self.prefix))

    def with_prompt(self, prompt: Prompt, max_length: int) -> TextEncoder:
        """A copy that puts a prompt around every text.

        Raises:
            ModelError: the tokenizer does not give the characters of each token.
            UsageError: the prompt leaves no room for a text in `max_length` tokens.
        """
        if not getattr(self.tokenizer, "is_fast", False):
            fact = f"{type(self.tokenizer).__name__} does not"
            raise ModelError("A prompt needs a fast tokenizer, which gives the characters of each token", fact)
        prefix, suffix = (self.prefix, self.suffix) if prompt.special else ((), ())
        encoder = replace(self, prompt=prompt, prefix=prefix, suffix=suffix)
        encoder.with_bos().encode([PROBE_TEXT], max_length)
        return encoder

    @property
    def frame(self) -> int:
        """Tokens added to every text."""
        return len(self.prefix) + len(self.suffix)

    def encode(self, texts: Sequence[str], max_length: int) -> list[Encoded]:
        """Encodes texts at once, each truncated to `max_length` tokens, added ones included.

        Raises:
            ModelError: the tokenizer knows tokens that the model's embedding does not.
        """
        room = max_length - self.frame
        if self.prompt is None:
            encoded = [self._framed(body, room) for body in _bare_ids(self.tokenizer, texts)]
        else:
            encoded = [self._within(body, own, room) for body, own in _prompted_ids(self.tokenizer, self.prompt, texts)]
        highest = max((int(text.ids.max()) for text in encoded), default=0)
        if self.vocabulary is not None and highest >= self.vocabulary:
            raise ModelError(
                "A model and its tokenizer belong together",
                f"The tokenizer gives token {highest}, the model knows {self.vocabulary}",
            )
        return encoded

    def _framed(self, body: list[int], room: int) -> Encoded:
        ids = np.array([*self.prefix, *body[:room], *self.suffix] or [self.pad_id], dtype=np.int64)
        own = ~np.isin(ids, self.special_ids)
        if not body and not self.frame:
            own[:] = False  # nothing but the filler
        return Encoded(ids, own, np.ones_like(own), cut=max(0, len(body) - room))

    def _within(self, body: np.ndarray, own: np.ndarray, room: int) -> Encoded:
        """A text with its prompt; if it is too long, the end of the text itself is truncated."""
        cut = max(0, len(body) - room)
        if cut and cut >= own.sum():
            around = self.frame + len(body) - own.sum()
            fact = f"It has {around} tokens with the special ones, of {self.frame + room} that the model is given"
            raise UsageError("A prompt leaves room for a text", fact, "Shorten it, or raise --max-length")
        kept = _kept(own, cut)
        ids = np.r_[self.prefix, body[kept], self.suffix].astype(np.int64)
        own = np.r_[np.zeros(len(self.prefix)), own[kept], np.zeros(len(self.suffix))].astype(bool)
        own &= ~np.isin(ids, self.special_ids)
        return Encoded(ids, own, own if own.any() else np.ones_like(own), cut)

    def offsets(self, text: str, max_length: int) -> np.ndarray | None:
        """(tokens, 2) the characters of the text that each token of `encode` covers, from the first to before the last.

        Equal numbers for a token that covers none; None if the tokenizer does not give characters.
        """
        if not getattr(self.tokenizer, "is_fast", False):
            return None
        room = max_length - self.frame
        if self.prompt is None:
            body = _offsets(self.tokenizer, text)[:room]
        else:
            whole, begin, end = self.prompt.around(text)
            of_whole = _offsets(self.tokenizer, whole)
            own = (of_whole[:, 0] < end) & (of_whole[:, 1] > begin)
            trimmed = max(0, text.find(whole[begin:end]))
            within = np.where(own[:, None], of_whole.clip(begin, end) - begin + trimmed, 0)
            body = within[_kept(own, max(0, len(within) - room))]
        around = np.zeros((len(self.prefix), 2)), body, np.zeros((len(self.suffix), 2))
        offsets = np.concatenate(around).astype(np.int64)
        return offsets if len(offsets) else np.zeros((1, 2), dtype=np.int64)

    def batch(self, texts: Sequence[Encoded]) -> Batch:
        """The texts padded to the longest."""
        shape = len(texts), max(len(text.ids) for text in texts)
        ids = np.full(shape, self.pad_id, dtype=np.int64)
        attended, own, span = np.zeros((3, *shape), dtype=bool)
        for row, text in enumerate(texts):
            length = len(text.ids)
            ids[row, :length], attended[row, :length] = text.ids, True
            own[row, :length], span[row, :length] = text.own, text.span
        return Batch(*map(torch.from_numpy, (ids, attended, own, span)))


def text_encoder(tokenizer: Any, vocabulary: int | None) -> TextEncoder:
    """The encoder of a tokenizer, whose added tokens are found from a short text.

    Raises:
        ModelError: it has no vocabulary (a model folder without tokenizer files), or its special tokens are not
            simply put around a text.
    """
    unknown = _unknown_id(tokenizer)
    special = tuple(sorted(set(tokenizer.all_special_ids) - {unknown}))
    if len(set(tokenizer.get_vocab().values()) - set(tokenizer.all_special_ids)) < 2:
        raise ModelError(
            "A model comes with its tokenizer", "Its tokenizer has no vocabulary", "Add the tokenizer files"
        )
    prefix, suffix = _around(tokenizer(PROBE_TEXT, verbose=False)["input_ids"], _bare_ids(tokenizer, [PROBE_TEXT])[0])
    return TextEncoder(
        tokenizer,
        prefix,
        suffix,
        special,
        unknown,
        _embedded(tokenizer.bos_token_id, vocabulary),
        _embedded(tokenizer.pad_token_id, vocabulary) or 0,
        vocabulary,
    )


def prompted(encoder: TextEncoder, template: str | None, *, chat: bool, max_length: int) -> TextEncoder:
    """An encoder that puts a prompt around each text.

    Args:
        encoder: of the model.
        template: of the user's; None for none.
        chat: take the tokenizer's chat template.
        max_length: tokens that the model is given, the prompt's included.

    Raises:
        ModelError: the tokenizer cannot separate a text's tokens from the prompt's, or has no usable chat template.
        UsageError: the template is none, or leaves no room for a text.
    """
    if template is None and not chat:
        return encoder
    prompt = chat_prompt(encoder.tokenizer) if template is None else parse_template(template)
    return encoder.with_prompt(prompt, max_length)


def by_length(lengths: Sequence[int], budget: int, *, mixed: bool = True) -> list[list[int]]:
    """Indices split into batches of at most `budget` padded tokens (or one text), the longest texts first.

    Args:
        lengths: of the texts, in tokens.
        budget: padded tokens in a batch.
        mixed: texts of different lengths may share a batch.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    batches: list[list[int]] = []
    while order:
        longest = lengths[order[0]]
        batch = order[: max(1, budget // longest)]
        if not mixed:
            batch = [index for index in batch if lengths[index] == longest]
        batches.append(batch)
        order = order[len(batch) :]
    return batches


def batches_of(indices: Sequence[int], lengths: Sequence[int], budget: int, *, mixed: bool = True) -> list[list[int]]:
    """Some texts in batches as `by_length` makes them, in reverse order of running, to be popped one after the other.

    Args:
        indices: of the texts.
        lengths: of all texts, in tokens.
        budget, mixed: as of `by_length`.
    """
    batches = by_length([lengths[index] for index in indices], budget, mixed=mixed)
    return [[indices[place] for place in batch] for batch in reversed(batches)]


def _unknown_id(tokenizer: Any) -> int | None:
    roles = [token for name, token in tokenizer.special_tokens_map.items() if name != "unk_token"]
    names = {str(token) for role in roles for token in (role if isinstance(role, list) else [role])}
    return None if str(tokenizer.unk_token) in names else tokenizer.unk_token_id


def _bare_ids(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    ids: list[list[int]] = _tokenised(tokenizer, texts)["input_ids"]
    return ids


def _prompted_ids(tokenizer: Any, prompt: Prompt, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ids of each text in its prompt, tokenised as one, and which of them cover any character of the text."""
    for start in range(0, len(texts), OFFSET_TEXTS):
        framed = [prompt.around(text) for text in texts[start : start + OFFSET_TEXTS]]
        encoded = _tokenised(tokenizer, [whole for whole, _, _ in framed], return_offsets_mapping=True)
        for (_, begin, end), ids, offsets in zip(framed, encoded["input_ids"], encoded["offset_mapping"], strict=True):
            first, behind = np.array(offsets, dtype=np.int64).reshape(-1, 2).T
            yield np.array(ids, dtype=np.int64), (first < end) & (behind > begin)


def _kept(own: np.ndarray, cut: int) -> np.ndarray:
    """Which tokens of a prompted text stay, where so many at the end of the text itself are cut."""
    end = int(own.nonzero()[0].max(initial=-1)) + 1
    kept: np.ndarray = np.r_[: end - cut, end : len(own)]
    return kept


def _offsets(tokenizer: Any, text: str) -> np.ndarray:
    offsets = _tokenised(tokenizer, [text], return_offsets_mapping=True)["offset_mapping"][0]
    return np.array(offsets, dtype=np.int64).reshape(-1, 2)


def _tokenised(tokenizer: Any, texts: Sequence[str], **options: bool) -> Any:
    return tokenizer(
        list(texts),
        add_special_tokens=False,
        truncation=False,
        padding=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
        **options,
    )


def _around(framed: list[int], body: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    for start in range(len(framed) - len(body) + 1):
        if framed[start : start + len(body)] == body:
            return tuple(framed[:start]), tuple(framed[start + len(body) :])
    raise ModelError(
        "A tokenizer puts its special tokens around a text", "This one changes the text's own tokens as well"
    )


def _embedded(token_id: int | None, vocabulary: int | None) -> int | None:
    """A special token's id, if the model's embedding knows it."""
    return None if token_id is None or (vocabulary is not None and token_id >= vocabulary) else int(token_id)
