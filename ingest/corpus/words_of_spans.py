"""The words of a text whose pieces have labels: what has a category of its own in a scan of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mri_core.records.corpus import Span

WORD = re.compile(r"\S+")


class Word(NamedTuple):
    """A word of a text, in characters from its first to before its last, and its label."""

    start: int
    end: int
    label: str


def words_of(text: str, spans: Sequence[Span], untagged: str | None) -> Iterator[Word]:
    """The words of the labelled pieces, in order; a piece of several words gives each of them its label.

    Args:
        text: the whole of it.
        spans: its labelled pieces.
        untagged: label of words without one, also of those that no piece covers; None to leave them out.
    """
    behind = 0
    for span in spans:
        yield from _words(text, behind, span.start, untagged)
        yield from _words(text, span.start, span.end, untagged if span.label is None else span.label)
        behind = span.end
    yield from _words(text, behind, len(text), untagged)


def _words(text: str, start: int, end: int, label: str | None) -> Iterator[Word]:
    if label is not None:
        for word in WORD.finditer(text, start, end):
            yield Word(word.start(), word.end(), label)
