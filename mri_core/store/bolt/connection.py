"""What a store over Bolt needs to know of its server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mri_core.paths import server_tables

Account = tuple[str, str]  # user, password


class Administration(Protocol):
    """Requests to a server other than statements."""

    def answers(self) -> bool:
        """Whether the server is alive, however busy."""

    def terminate(self, text: str, seconds: float) -> None:
        """End the running statements with that text that are at least this old."""

    def free_bytes(self) -> int | None:
        """Free space on the server's disk, if known."""


@dataclass(frozen=True)
class Connection:
    """How a server is reached.

    Attributes:
        uri: its Bolt URI.
        writer: the account that loads and deletes studies.
        reader: the account that everything else reads with.
        database: the one database that is used; None for the account's home database.
        reads_only: whether the reader can only read; else each statement is checked before it runs.
        administration: of an embedded engine; None for a server, which is asked over Bolt.
        folder: of an embedded store; None for a server.
        forget: called before and after what is stored changes, for what is kept beside the store of what it held.
    """

    uri: str
    writer: Account = field(repr=False)
    reader: Account = field(repr=False)
    database: str | None = "mri"
    reads_only: bool = True
    administration: Administration | None = field(default=None, repr=False)
    folder: Path | None = None
    forget: Callable[[], None] = field(default=lambda: None, repr=False)

    @property
    def tables(self) -> Path:
        """The folder of the tables of documents: in that of an embedded store, else in the cache, one for a server."""
        return server_tables(self.uri, self.database) if self.folder is None else self.folder / "documents"
