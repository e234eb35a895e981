"""Hashes of what is read: of one text, and of documents in order, with the length and the category of each."""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ingest.corpus.formats.columns import Record
from ingest.corpus.words_of_spans import words_of
from mri_core.records.corpus import Document, Span

OF_SPANS = -(2**63)  # comes before them, where a length would be


DIGEST = np.dtype("S16")


def text_digest(text: str) -> bytes:
    """Sixteen bytes that identify a text across corpora."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST.itemsize).digest()


class Content:
    """SHA-256 of documents in order, with the category and the characters of each one's text, and the tags of tokens.

    Each field's length in bytes comes before it, so that no two corpora look alike.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.lengths, self._numbers = array("I"), array("I")
        self.tags: Counter[str] = Counter()  # of words, "" where they have none
        self._number: dict[str, int] = {}  # of each category, as they come

    def add(self, document: Document | Record) -> None:
        """Adds the next document."""
        self.lengths.append(len(document.text or ""))
        self._numbers.append(self._number.setdefault(document.category, len(self._number)))
        for value in (document.category, document.text, document.title, document.source_id):
            content = None if value is None else value.encode()
            self._digest.update(struct.pack("<q", -1 if content is None else len(content)))
            self._digest.update(content or b"")
        if document.group is not None:  # a corpus without groups keeps the hash of versions without groups
            content = document.group.encode()
            self._digest.update(struct.pack("<q", -2 - len(content)) + content)
        if document.spans is not None:  # likewise without labels of tokens
            self._add_spans(document.text or "", document.spans)

    def _add_spans(self, text: str, spans: Sequence[Span]) -> None:
        self._digest.update(struct.pack("<qq", OF_SPANS, len(spans)))
        for start, end, label in spans:
            content = b"" if label is None else label.encode()
            length = -1 if label is None else len(content)
            self._digest.update(struct.pack("<qqq", start, end, length) + content)
        self.tags.update(word.label for word in words_of(text, spans, untagged=""))

    def labels(self, categories: Sequence[str]) -> np.ndarray:
        """(documents,) index of each one's category in this order."""
        places = np.array([categories.index(name) for name in self._number], dtype=np.int32)
        return places[np.frombuffer(self._numbers, dtype=np.uint32)]

    def hexdigest(self) -> str:
        """The hash of all documents so far."""
        return self._digest.hexdigest()
