"""The interface of corpus readers: named columns, rows as a stream, and remarks on the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Reader(Protocol):
    """A source of rows that can be read any number of times."""

    @property
    def name(self) -> str:
        """The name of the source in messages."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns there are."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on sources that differ from their name, or were read in part: one sentence each, for the user."""

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """For each row its place ("line 7 of news.csv") and the cells of the wanted columns."""
