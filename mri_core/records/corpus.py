"""A document of a corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mri_core.texts.readable import readable

FEW = 30  # documents of a category: one of them is 3 % of its shares
EXCERPT_LENGTH = 280  # characters of a document that the graph stores

UNTAGGED = "untagged"  # the category of words without a tag; where that is none, why they have no region


class Span(NamedTuple):
    """A piece of a text, in characters from its first to before its last, and its label; None if it has none."""

    start: int
    end: int
    label: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled text of a corpus.

    Attributes:
        ordinal: position in the corpus as scanned, counted from 0; the row of every array that has one row per
            document.
        category: its label, 1 to 200 characters; "" where its tokens have labels of their own.
        text: the text itself, never blank for a corpus; "" if given activations come without texts.
        title: what a reader sees first: the title column, else the id, else the beginning of the text.
        source_id: the user's own id of the document, if the corpus has one.
        group: the group that it belongs to, if documents are not independent.
        spans: its labelled pieces, in rising order and apart from one another; None if its tokens have no labels.
    """

    ordinal: int
    category: str
    text: str
    title: str
    source_id: str | None = None
    group: str | None = None
    spans: tuple[Span, ...] | None = None


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The beginning of a text as a reader wants it, on one line, truncated to `length` characters with an ellipsis."""
    line = " ".join(readable(text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
