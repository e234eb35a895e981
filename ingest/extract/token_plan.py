"""Which positions of each text give the rows of a scan of tokens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from ingest.corpus.content import DIGEST
from mri_core.atlas.frequency import log_frequency
from mri_core.records.arrays import Frequency

PLAN = 2  # raised when earlier versions would plan other tokens of the same texts


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
        pieceless: (labels,) words of each that the model reads, and that no token is of: the tokenizer joins them with
            the word before, or leaves them out.
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
    labels: tuple[str, ...]
    pieceless: np.ndarray

    @property
    def tokens(self) -> int:
        """Number of tokens that give a row."""
        return len(self.first)

    @cached_property
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

    def covariates(self, frequency: Frequency) -> np.ndarray:
        """(tokens, 2) what an atlas of tokens adjusts for: place in the text, and log frequency."""
        return np.stack([self.place.astype(np.float64), log_frequency(frequency, self.ids)], axis=1)


OF_TOKENS = ("first", "last", "begin", "end", "place", "ids", "kind", "label", "unknown")


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
