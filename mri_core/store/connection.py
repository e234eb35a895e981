"""What a store over Bolt needs to know of its server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

Account = tuple[str, str]  # user, password


class Administration(Protocol):
    """What can be asked of a server beside Bolt, where it is one of our own."""

    def answers(self) -> bool:
        """Whether the server is alive, however busy."""

    def terminate(self, text: str, seconds: float) -> None:
        """End the running statements with that text that are at least so old."""

    def free_bytes(self) -> int:
        """Room on the server's disk."""


@dataclass(frozen=True)
class Connection:
    """How a server is reached.

    Attributes:
        uri: its Bolt URI.
        writer: the account that loads and deletes studies.
        reader: the account that everything else reads with; on a server that enforces read access, the same one.
        database: the one database that is used.
        administration: for a server that does not keep to the timeout of a Bolt request; None for one that does.
    """

    uri: str
    writer: Account = field(repr=False)
    reader: Account = field(repr=False)
    database: str = "mri"
    administration: Administration | None = field(default=None, repr=False)
