"""Which positions of each text give the rows of a scan of tokens: known before the model runs, from the tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, NamedTuple, cast

import numpy as np

from ingest.corpus.words_of_spans import words_of
from ingest.model.tokens import Encoded, TextEncoder
from mri_core.errors import ModelError
from mri_core.records.corpus import Document
from mri_core.texts.words import SYLLABLES

Subtokens = Literal["first", "last", "mean"]
DIGEST = np.dtype("S16")
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


@dataclass(frozen=True)
class TokenPlan:
    """The tokens of a corpus that give a row: of each text in order, and within it by position.

    Attributes:
        starts: (texts + 1,) number of each text's first token, and the number of all.
        first, last: (tokens,) positions in the text as it is encoded; their mean is the row.
        begin, end: (tokens,) characters of the text.
        place: (tokens,) place among the text's own tokens, from 1.
        ids: (tokens,) of the tokenizer, of the first position.
        kind: (tokens,) index of its type in `types`.
        label: (tokens,) index of its label in `labels`; −1 where the tokens have no labels of their own.
        read, cut: (texts,) own tokens that the model reads of each text, and those beyond the length that it takes.
        unknown: (tokens,) whether it stands for text that the tokenizer does not know.
        digests: (texts,) hashes of the texts.
        types: names of the types: tokens as they are spelled, in lower case; pieces within a word begin with `##`.
        labels: of the tokens, where they have their own.
    """

    starts: np.ndarray
    first: np.ndarray
    last: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    place: np.ndarray
    ids: np.ndarray
    kind: np.ndarray
    label: np.ndarray
    read: np.ndarray
    cut: np.ndarray
    unknown: np.ndarray
    digests: np.ndarray
    types: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Number of tokens that give a row."""
        return len(self.first)

    @property
    def text(self) -> np.ndarray:
        """(tokens,) ordinal of each one's text."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def of(self, ordinals: np.ndarray) -> TokenPlan:
        """The same texts with some of their tokens, by their ordinals in rising order."""
        texts = len(self.starts) - 1
        counts = np.bincount(self.text[ordinals], minlength=texts)
        chosen = {name: getattr(self, name)[ordinals] for name in OF_TOKENS}
        return replace(self, starts=np.concatenate([[0], np.cumsum(counts)]), **chosen)

    def hashes(self) -> np.ndarray:
        """(tokens,) hashes that identify their rows: of the text, and of the positions."""
        text = self.digests[self.text]
        places = np.stack([self.first, self.last], axis=1).astype(np.int32)
        pairs = zip(text.tolist(), places, strict=True)
        digests = (
            hashlib.blake2b(own.ljust(DIGEST.itemsize, b"\0") + place.tobytes(), digest_size=DIGEST.itemsize).digest()
            for own, place in pairs
        )
        return np.fromiter(digests, DIGEST, self.tokens)


OF_TOKENS = ("first", "last", "begin", "end", "place", "ids", "kind", "label", "unknown")


def text_digest(text: str) -> bytes:
    """A hash of a text, as the cache of activations has it."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST.itemsize).digest()


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


def arrays_of(plan: TokenPlan) -> dict[str, np.ndarray]:
    """The plan as arrays for a file without pickle; `plan_of` takes them back."""
    known = {field.name: getattr(plan, field.name) for field in fields(plan)}
    for name in ("types", "labels"):
        known[name] = np.frombuffer("\0".join(known[name]).encode(), dtype=np.uint8)
    return known


def plan_of(arrays: dict[str, np.ndarray]) -> TokenPlan:
    """What `arrays_of` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    known: dict[str, object] = dict(arrays)
    for name in ("types", "labels"):
        content = arrays[name].tobytes().decode()
        known[name] = tuple(content.split("\0")) if content else ()
    return TokenPlan(**known)  # type: ignore[arg-type]
