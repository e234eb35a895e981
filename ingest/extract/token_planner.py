"""Finds which tokens of a text give a row, from its tokenizer: before the model runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

import numpy as np

from ingest.corpus.content import DIGEST, text_digest
from ingest.corpus.words_of_spans import Word, words_of
from ingest.extract.token_plan import OF_TOKENS, TokenPlan
from ingest.model.tokens import Encoded, TextEncoder
from mri_core.errors import ModelError
from mri_core.records.corpus import Document, Span
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

    def of_word(self, pieces: np.ndarray) -> np.ndarray:
        """The positions that give a word's row, of all of its pieces; none where one of them is a sink."""
        chosen = {"first": pieces[:1], "last": pieces[-1:], "mean": pieces}[self.subtokens]
        return chosen[:0] if self.sink_first and 0 in chosen else chosen

    def unsunk(self, places: np.ndarray) -> np.ndarray:
        """Positions without the first, where that is a sink."""
        return places[places > 0] if self.sink_first else places


def pieces_of_words(
    text: str, spans: Sequence[Span], own: np.ndarray, offsets: np.ndarray, untagged: str | None
) -> Iterator[tuple[Word, np.ndarray]]:
    """The words of labelled pieces of a text, each with the positions of its tokens: those that begin in it.

    A token that two words share is of the one that its first character is in, so that none is counted twice.

    Args:
        text: whole.
        spans: its labelled pieces.
        own: positions of the text's own tokens, in rising order.
        offsets: (positions, 2) characters of each position, white space left out.
        untagged: as of `words_of`.
    """
    begin, end = offsets[own].T
    solid = own[begin < end]
    begin = begin[begin < end]
    for word in words_of(text, spans, untagged):
        yield word, solid[(begin >= word.start) & (begin < word.end)]


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
        self._pieceless: Counter[int] = Counter()

    def add(self, document: Document, encoded: Encoded) -> None:
        """Adds the next text."""
        offsets = characters(self._encoder, document.text, self._choice.max_length)
        if document.spans is None:
            rows = self._pieces(document.text, encoded, offsets)
        else:
            rows = self._words(document.text, document.spans, encoded, offsets)
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
            pieceless=np.array([self._pieceless[number] for number in range(len(self._labels))], dtype=np.int64),
            **dict(zip(OF_TOKENS, np.ascontiguousarray(columns.T), strict=True)),
        )

    def _pieces(self, text: str, encoded: Encoded, offsets: np.ndarray) -> np.ndarray:
        """A row for each own token."""
        own = self._choice.unsunk(np.flatnonzero(encoded.own))
        kinds = [self._kind(self._spelled(text, encoded, offsets, place)) for place in own.tolist()]
        return self._rows(encoded, own, own, offsets[own], kinds, [-1] * len(own))

    def _words(self, text: str, spans: Sequence[Span], encoded: Encoded, offsets: np.ndarray) -> np.ndarray:
        """A row for each word with a label, of its pieces."""
        first, last, places, kinds, labels = [], [], [], [], []
        own = np.flatnonzero(encoded.own)
        read = int(offsets[own, 1].max(initial=0)) if encoded.cut else len(text)
        for word, pieces in pieces_of_words(text, spans, own, offsets, self._choice.untagged):
            label = self._labels.setdefault(word.label, len(self._labels))
            if not len(pieces):
                self._pieceless[label] += word.start < read
            chosen = self._choice.of_word(pieces)
            if not len(chosen):
                continue
            first.append(chosen[0])
            last.append(chosen[-1])
            places.append((word.start, word.end))
            kinds.append(self._kind(text[word.start : word.end].casefold()))
            labels.append(label)
        covered = np.array(places, dtype=np.int64).reshape(-1, 2)
        return self._rows(encoded, np.array(first, dtype=int), np.array(last, dtype=int), covered, kinds, labels)

    def _rows(
        self,
        encoded: Encoded,
        first: np.ndarray,
        last: np.ndarray,
        covered: np.ndarray,
        kinds: Sequence[int],
        labels: Sequence[int],
    ) -> np.ndarray:
        """(tokens, 9) the columns of `OF_TOKENS`."""
        place = np.cumsum(encoded.own)[first]
        ids = encoded.ids[first]
        unknown = ids == (-1 if self._encoder.unknown_id is None else self._encoder.unknown_id)
        columns = (first, last, *covered.T, place, ids, kinds, labels, unknown)
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


def characters(encoder: TextEncoder, text: str, max_length: int) -> np.ndarray:
    """(positions, 2) characters of each token without white space at either end; (begin, begin) of one of nothing else.

    Args:
        encoder: of a fast tokenizer.
        text: whole.
        max_length: that it is truncated to.
    """
    offsets = cast(np.ndarray, encoder.offsets(text, max_length))  # a fast tokenizer knows them
    trimmed = offsets.copy()
    for place, (begin, end) in enumerate(offsets.tolist()):
        own = text[begin:end]
        begin += len(own) - len(own.lstrip())
        trimmed[place] = begin, max(begin, end - (len(own) - len(own.rstrip())))
    return trimmed
