"""The words of a text whose pieces have labels: what has a category of its own in a scan of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mri_core.records.corpus import Document, Span

WORD = re.compile(r"\S+")


def words_of(document: Document, untagged: str | None) -> Iterator[Span]:
    """The words of the labelled pieces, in order; a piece of several words gives each of them its label.

    Args:
        document: with spans.
        untagged: label of words without one, also of those that no piece covers; None to leave them out.
    """
    behind = 0
    for span in document.spans or ():
        if untagged is not None:
            yield from _words(document.text, Span(behind, span.start, untagged))
        behind = span.end
        label = untagged if span.label is None else span.label
        if label is not None:
            yield from _words(document.text, span._replace(label=label))
    if untagged is not None:
        yield from _words(document.text, Span(behind, len(document.text), untagged))


def _words(text: str, span: Span) -> Iterator[Span]:
    for word in WORD.finditer(text, span.start, span.end):
        yield Span(word.start(), word.end(), span.label)
