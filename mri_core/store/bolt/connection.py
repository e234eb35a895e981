"""What a store over Bolt needs to know of its server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

Account = tuple[str, str]  # user, password


class Administration(Protocol):
    """What can be asked of a server beside statements."""

    def answers(self) -> bool:
        """Whether the server is alive, however busy."""

    def terminate(self, text: str, seconds: float) -> None:
        """End the running statements with that text that are at least so old."""

    def free_bytes(self) -> int | None:
        """Room on the server's disk, where that is known."""


@dataclass(frozen=True)
class Connection:
    """How a server is reached.

    Attributes:
        uri: its Bolt URI.
        writer: the account that loads and deletes studies.
        reader: the account that everything else reads with.
        database: the one database that is used; None for the account's home database.
        reads_only: whether the reader can do nothing but read; else each statement is looked at before it runs.
        administration: of a server that is one of our own; else it is asked over Bolt.
    """

    uri: str
    writer: Account = field(repr=False)
    reader: Account = field(repr=False)
    database: str | None = "mri"
    reads_only: bool = True
    administration: Administration | None = field(default=None, repr=False)
