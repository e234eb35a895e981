"""What a store over Bolt needs to know of its server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Account = tuple[str, str]  # user, password


@dataclass(frozen=True)
class Connection:
    """How a server is reached.

    Attributes:
        uri: its Bolt URI.
        writer: the account that loads and deletes studies.
        reader: the account that everything else reads with; on a server that enforces read access, the same one.
        database: the one database that is used.
        terminate: ends the running statements that hold a text and are older than some seconds, for a server that
            does not keep to the timeout of a Bolt request; None for one that does.
        free_bytes: room on the server's disk, where it can be told.
    """

    uri: str
    writer: Account = field(repr=False)
    reader: Account = field(repr=False)
    database: str = "mri"
    terminate: Callable[[str, float], None] | None = field(default=None, repr=False)
    free_bytes: Callable[[], int] | None = field(default=None, repr=False)
