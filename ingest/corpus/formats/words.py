"""Texts that come in words: what a text and the tags of its words are, whatever the format they were in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ingest.corpus.formats.cells import cell_text
from mri_core.errors import CorpusError

Place = tuple[int, int]  # of a word in its text, in characters, half-open


class Words(str):
    """A text that knows where its words are.

    Attributes:
        places: of each word, in order; two words that share a form, as `du` stands for `de le`, have the same.
        lines: of the file that each word is on; empty where a text is not spread over lines.
    """

    places: tuple[Place, ...]
    lines: tuple[int, ...]

    def __new__(cls, text: str, places: Sequence[Place], lines: Sequence[int] = ()) -> Words:
        """A text with the places of its words."""
        words = super().__new__(cls, text)
        words.places, words.lines = tuple(places), tuple(lines)
        return words

    def named(self, word: int, place: str) -> str:
        """Where a word is, for messages: on a line of its own, or the how manieth of its row.

        Args:
            word: its number from 0.
            place: of the text, such as `line 3 of x.conll`.
        """
        if self.lines:
            return f"line {self.lines[word]} of {place.partition(' of ')[2]}"
        return f"{place}, word {word + 1},"


def joined(cell: Any, place: str, column: str) -> Words | None:
    """A list of words as a text, with a space between them; None if there are none.

    Raises:
        CorpusError: the cell is no list of words, or one is empty.
    """
    words = as_list(cell)
    if words is None:
        fact = f"{place}, column {column!r}, holds {_kind(cell)}"
        raise CorpusError("Words are a list", fact, "Name their column with --text")
    found = []
    for number, word in enumerate(words, 1):
        text = cell_text(word, place, column)
        if not text:
            raise CorpusError("A word has characters", f"{place}, column {column!r}, has none in word {number}")
        found.append(text)
    return with_spaces(found) if found else None


def with_spaces(words: Sequence[str]) -> Words:
    """Words as a text with a space between them."""
    places, end = [], -1
    for word in words:
        places.append((end + 1, end + 1 + len(word)))
        end += 1 + len(word)
    return Words(" ".join(words), places)


def as_list(cell: Any) -> list[Any] | None:
    """A cell as a list, where it is one of Python, NumPy or a table; [] where there is none. Else None."""
    if cell is None:
        return []
    if not isinstance(cell, str) and hasattr(cell, "tolist"):
        cell = cell.tolist()
    return list(cell) if isinstance(cell, list | tuple) else None


def _kind(cell: Any) -> str:
    return "a text" if isinstance(cell, str) else f"a {type(cell).__name__}"
