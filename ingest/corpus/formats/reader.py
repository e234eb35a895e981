"""What every reader of a corpus gives: named columns, rows as a stream, and what it noticed of the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Reader(Protocol):
    """A source of rows that can be read any number of times."""

    @property
    def name(self) -> str:
        """What to call the source in a message."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns there are."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Where the source is not what its name says, or was read in part: one sentence each, for the user."""

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """For each row its place ("line 7 of news.csv") and the cells of the wanted columns."""
