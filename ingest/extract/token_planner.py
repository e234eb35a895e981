"""Finds which tokens of a text give a row, from its tokenizer: before the model runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

import numpy as np

from ingest.corpus.content import DIGEST, text_digest
from ingest.corpus.words_of_spans import words_of
from ingest.extract.token_plan import OF_TOKENS, TokenPlan
from ingest.model.tokens import Encoded, TextEncoder
from mri_core.errors import ModelError
from mri_core.records.corpus import Document
from mri_core.texts.words import SYLLABLES

Subtokens = Literal["first", "last", "mean"]
INSIDE = "##"  # stands before a piece that goes on with the word before it
ENCODED_AT_ONCE = 256  # texts


class Choice(NamedTuple):
    """What the rows of a text are.

    Attributes:
        max_length: tokens that a text is truncated to, special tokens included.
        sink_first: the first position is an attention sink, which gives no row.
        subtokens: which pieces of a labelled word give its row.
        untagged: the category of words without a label; None if they give no row.
    """

    max_length: int
    sink_first: bool
    subtokens: Subtokens = "first"
    untagged: str | None = None


def plan_tokens(encoder: TextEncoder, documents: Iterable[Document], choice: Choice) -> TokenPlan:
    """The tokens of texts that give a row: of texts with labelled pieces their words, of others all of their own.

    Args:
        encoder: of the model, as it encodes texts for a scan.
        documents: in order.
        choice: of what gives rows.

    Raises:
        ModelError: the tokenizer does not give the characters of each token.
    """
    if not getattr(encoder.tokenizer, "is_fast", False):
        raise ModelError(
            "A scan of tokens needs a fast tokenizer, which gives the characters of each token",
            f"{type(encoder.tokenizer).__name__} does not",
            "Scan documents, or take a model with a tokenizer.json",
        )
    plan = _Plan(encoder, choice)
    for several in _parts(documents):
        encoded = encoder.encode([document.text for document in several], choice.max_length)
        for document, own in zip(several, encoded, strict=True):
            plan.add(document, own)
    return plan.made()


def _parts(documents: Iterable[Document]) -> Iterator[list[Document]]:
    part: list[Document] = []
    for document in documents:
        part.append(document)
        if len(part) == ENCODED_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


class _Plan:
    """A plan that is made, text by text."""

    def __init__(self, encoder: TextEncoder, choice: Choice) -> None:
        self._encoder, self._choice = encoder, choice
        self._counts: list[int] = []
        self._texts: list[tuple[int, int]] = []
        self._digests: list[bytes] = []
        self._columns: list[np.ndarray] = []
        self._types: dict[str, int] = {}
        self._labels: dict[str, int] = {}

    def add(self, document: Document, encoded: Encoded) -> None:
        """Adds the next text."""
        known = self._encoder.offsets(document.text, self._choice.max_length)
        offsets = _without_space(document.text, cast(np.ndarray, known))  # a fast tokenizer knows them
        own = np.flatnonzero(encoded.own & (np.arange(len(encoded.ids)) > 0 if self._choice.sink_first else True))
        if document.spans is None:
            rows = self._pieces(document.text, encoded, offsets, own)
        else:
            rows = self._words(document, encoded, offsets, own)
        self._columns.append(rows)
        self._counts.append(len(rows))
        self._texts.append((int(encoded.own.sum()), encoded.cut))
        self._digests.append(text_digest(document.text))

    def made(self) -> TokenPlan:
        """The plan of all texts."""
        columns = np.concatenate([*self._columns, np.empty((0, len(OF_TOKENS)), dtype=np.int32)])
        read, cut = np.array(self._texts, dtype=np.int32).reshape(-1, 2).T
        return TokenPlan(
            starts=np.concatenate([[0], np.cumsum(self._counts, dtype=np.int64)]),
            read=read,
            cut=cut,
            digests=np.array(self._digests, dtype=DIGEST),
            types=tuple(self._types),
            labels=tuple(self._labels),
            **dict(zip(OF_TOKENS, np.ascontiguousarray(columns.T), strict=True)),
        )

    def _pieces(self, text: str, encoded: Encoded, offsets: np.ndarray, own: np.ndarray) -> np.ndarray:
        """A row for each own token."""
        kinds = [self._kind(self._spelled(text, encoded, offsets, place)) for place in own.tolist()]
        return self._rows(encoded, own, own, offsets[own], kinds, [-1] * len(own))

    def _words(self, document: Document, encoded: Encoded, offsets: np.ndarray, own: np.ndarray) -> np.ndarray:
        """A row for each word with a label, of the pieces that cover it."""
        first, last, characters, kinds, labels = [], [], [], [], []
        starts, ends = offsets[own].T
        for word in words_of(document, self._choice.untagged):
            inside = own[(starts < word.end) & (ends > word.start)]
            if not len(inside):  # beyond the tokens that the model reads
                continue
            pieces = {"first": inside[:1], "last": inside[-1:], "mean": inside}[self._choice.subtokens]
            first.append(pieces[0])
            last.append(pieces[-1])
            characters.append((word.start, word.end))
            kinds.append(self._kind(document.text[word.start : word.end].casefold()))
            labels.append(self._labels.setdefault(word.label or "", len(self._labels)))
        places = np.array(characters, dtype=np.int64).reshape(-1, 2)
        return self._rows(encoded, np.array(first, dtype=int), np.array(last, dtype=int), places, kinds, labels)

    def _rows(
        self,
        encoded: Encoded,
        first: np.ndarray,
        last: np.ndarray,
        characters: np.ndarray,
        kinds: Sequence[int],
        labels: Sequence[int],
    ) -> np.ndarray:
        """(tokens, 9) the columns of `OF_TOKENS`."""
        place = np.cumsum(encoded.own)[first]
        ids = encoded.ids[first]
        unknown = ids == (-1 if self._encoder.unknown_id is None else self._encoder.unknown_id)
        columns = (first, last, *characters.T, place, ids, kinds, labels, unknown)
        return np.stack([np.asarray(column, dtype=np.int32) for column in columns], axis=1)

    def _kind(self, spelled: str) -> int:
        return self._types.setdefault(spelled, len(self._types))

    def _spelled(self, text: str, encoded: Encoded, offsets: np.ndarray, place: int) -> str:
        """A token in lower case; one of white space alone, or of no characters, by its name."""
        begin, end = offsets[place].tolist()
        if begin == end:
            return str(self._encoder.tokenizer.convert_ids_to_tokens(int(encoded.ids[place])))
        goes_on = 0 < begin == offsets[place - 1, 1] and encoded.own[place - 1]
        inside = goes_on and text[begin - 1].isalnum() and text[begin].isalnum() and text[begin] < SYLLABLES
        return (INSIDE if inside else "") + text[begin:end].casefold()


def _without_space(text: str, offsets: np.ndarray) -> np.ndarray:
    """Characters of each token without white space at either end; (begin, begin) of one that has nothing else."""
    trimmed = offsets.copy()
    for place, (begin, end) in enumerate(offsets.tolist()):
        own = text[begin:end]
        begin += len(own) - len(own.lstrip())
        trimmed[place] = begin, max(begin, end - (len(own) - len(own.rstrip())))
    return trimmed
