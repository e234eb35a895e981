"""A Neo4j server by its URL, and its account."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from getpass import getpass

from mri_core.errors import StoreError, UsageError
from mri_core.store.bolt.connection import Account, Connection

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
USER, PASSWORD = "MRI_USER", "MRI_PASSWORD"  # names of variables
USUAL_USER = "neo4j"
PORT = 7687
SYSTEM = "system"  # where Neo4j stores its accounts
OLDEST = (5, 26)
URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+]*)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?/?"
    r"(?:\?database=(?P<database>[A-Za-z0-9._-]+))?"
)
AGENT = re.compile(r"Neo4j/(\d+)\.(\d+)[.\d]*(?:-[\w.]+)?")  # hosted ones end in -aura
PARTS = "scheme, host, port and ?database="
EXAMPLE = "One is written neo4j://host:7687 or bolt://host:7687?database=name"


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is.

    Attributes:
        uri: scheme, host and port.
        database: the database that is used; None for the account's home database.
    """

    uri: str
    database: str | None = None

    def __str__(self) -> str:
        return self.uri if self.database is None else f"{self.uri}?database={self.database}"


def parse(url: str) -> Server:
    """The server that a URL names.

    Raises:
        UsageError: it is no Bolt URL, or holds an account: command lines are seen by others.
    """
    if "@" in url:
        fact = "This one holds a user, which others see in the list of processes"
        raise UsageError(
            "A store's URL holds no account", fact, f"Set {USER} and {PASSWORD}, or enter them when prompted"
        )
    match = URL.fullmatch(url)  # what does not match is not repeated: it may hold a password all the same
    if match is None:
        raise _no_url(f"This one has something else than {PARTS}")
    if match["scheme"].lower() not in SCHEMES:
        raise _no_url(f"This one begins with {match['scheme']}://, and the schemes are {', '.join(SCHEMES)}")
    if (match["database"] or "").lower() == SYSTEM:
        raise _no_url(f"Neo4j's database {SYSTEM} holds no studies")
    port = int(match["port"] or PORT)
    if not 0 < port < 2**16:
        raise _no_url(f"Its port is {port}")
    return Server(f"{match['scheme'].lower()}://{match['host'].lower()}:{port}", match["database"])


def account(server: Server) -> Account:
    """User and password of a server: from the environment, else prompted for on a terminal, once per process.

    Raises:
        StoreError: there is no terminal to ask on.
    """
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if password is None:
        return _asked(server, user)
    if re.search("[\ud800-\udfff]", password + (user or "")):
        raise StoreError("User and password are UTF-8 text", f"{USER} or {PASSWORD} is not")
    return user or USUAL_USER, password


@cache
def _asked(server: Server, user: str | None) -> Account:
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        unset = f"{PASSWORD} is not set" if user else f"{USER} and {PASSWORD} are not set"
        raise StoreError("A server needs an account", unset, f"Set {USER} and {PASSWORD}")
    if not user:
        print(f"User of {server} [{USUAL_USER}]: ", end="", file=sys.stderr, flush=True)
        user = sys.stdin.readline().strip() or USUAL_USER
    return user, getpass(f"Password of {user}: ", stream=sys.stderr)


def connection(server: Server) -> Connection:
    """The connection to a server. One account reads and writes, so statements are checked before they run."""
    own = account(server)
    return Connection(server.uri, writer=own, reader=own, database=server.database, reads_only=False)


def check_agent(agent: str) -> None:
    """Refuse a server that cannot guarantee read-only access, or does not support our Cypher.

    Args:
        agent: as the server names itself over Bolt.

    Raises:
        StoreError: it is not Neo4j, or too old.
    """
    match = AGENT.fullmatch(agent)
    if match is None:
        remedy = "Name the folder of an embedded store instead of its address, or another server"
        raise StoreError("A server of studies is a Neo4j server", f"This one says that it is {agent}", remedy)
    if (int(match[1]), int(match[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StoreError(f"A server of studies is Neo4j {oldest} or newer", f"This one is {agent}", "Upgrade it")


def _no_url(fact: str) -> UsageError:
    return UsageError("A store is a folder, or a server's Bolt URL", fact, EXAMPLE)
