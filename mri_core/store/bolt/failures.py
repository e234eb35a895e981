"""Failures of the Bolt driver as errors of ours: none of its exceptions passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from mri_core.errors import MriError, QueryError, StoreError

MARK = re.compile(r"\n// [0-9a-f]{16}")  # that we put on a statement, and engines quote
PLACE = re.compile(r"\(line \d+, column \d+[^)]*\)*")
QUOTED_PLACE = re.compile(r'\s*\(line (\d+), column (\d+) \(offset: \d+\)\)(?:\s*".*"\s*\^)?', re.DOTALL)  # Neo4j's
MEMORY = "MemoryPoolOutOfMemory"  # that will not be more the next time
READ_ONLY = "Statements are read-only: they cannot write, change the schema, load files, or administer the server"
ASK = "Ask with MATCH … RETURN"
REFUSED = "The engine refuses the statement"
FACT_LENGTH = 300  # characters of an engine's message that are shown


class ConnectionLostError(StoreError):
    """The server cannot be reached, or went away."""


class SilentError(StoreError):
    """The server is there, and says nothing."""


class RefusedError(StoreError):
    """The server refuses a request."""


class TimedOutError(QueryError):
    """The server stopped a statement that took longer than it may."""


@contextmanager
def ours(kind: type[MriError], rule: str, *, lines_before: int = 0) -> Iterator[None]:
    """No exception of the driver passes: each becomes an `MriError`, `kind` where the statement is to blame.

    Args:
        kind, rule: of the error.
        lines_before: that we put before the statement.
    """
    from neo4j.exceptions import (
        AuthError,
        ConfigurationError,
        DriverError,
        Forbidden,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
    )

    try:
        yield
    except (ServiceUnavailable, SessionExpired, OSError) as error:
        raise silent(str(error), ConnectionLostError) from error
    except Forbidden as error:
        raise _forbidden(kind, error.message or "") from error
    except AuthError as error:
        remedy = "Of a server, set MRI_USER and MRI_PASSWORD"
        raise StoreError("The store must know the account", _fact(error.message), remedy) from error
    except ConfigurationError as error:
        raise StoreError("The store must be one that can be reached", _fact(str(error))) from error
    except Neo4jError as error:
        if error.is_retryable() and MEMORY not in (error.code or ""):  # the driver has tried again, in vain
            raise silent(error.message or error.code or "", ConnectionLostError) from error
        raise _refused(kind, rule, error.code or "", placed(error.message or "", lines_before)) from error
    except DriverError as error:
        if str(error).endswith("closed"):  # by another thread, whose connection was lost
            raise silent(str(error), ConnectionLostError) from error
        raise kind(rule, _fact(str(error))) from error
    except (ValueError, TypeError, OverflowError) as error:  # values that Bolt cannot carry, for one
        raise kind(rule, _fact(str(error))) from error


def _refused(kind: type[MriError], rule: str, code: str, message: str) -> MriError:
    if "No space left" in message:
        return no_room()
    if code.startswith("Neo.ClientError.Transaction.TransactionTimedOut"):
        return TimedOutError("A statement may take as long as it was given", _fact(message))
    if code.endswith(".DatabaseNotFound") or "Graph not found" in message:
        return StoreError(
            "A server's database must be there", _fact(message), "Name one by ?database=, or leave it out"
        )
    if code.endswith(".AccessMode"):
        return _forbidden(kind, message)
    if code.endswith(".SyntaxError"):
        return kind("The statement must be Cypher that the engine knows", _fact(message))
    if code.endswith(".ParameterMissing"):
        return kind("Every parameter of a statement needs a value", _fact(message))
    return kind(rule, _fact(message or code))


def _forbidden(kind: type[MriError], message: str) -> MriError:
    if kind is QueryError:
        return QueryError(READ_ONLY, _fact(message), ASK)
    return kind("The account must be one that may write", _fact(message))


def placed(message: str, lines_before: int) -> str:
    """Neo4j's message with the place in the user's own statement, without the line that it quotes."""

    def place(found: re.Match[str]) -> str:
        line = int(found[1]) - lines_before
        return f" (line {line}, column {found[2]})" if line > 0 else ""

    return QUOTED_PLACE.sub(place, message)


def no_room() -> StoreError:
    """The error of a full disk."""
    return StoreError("The store needs room on its disk", "The disk is full", "Free some space and try again")


def silent(fact: str, kind: type[StoreError] = StoreError) -> StoreError:
    """The error of a server that cannot be reached, or says nothing."""
    remedy = "See that it runs at that address, and try again"
    if "SSL" in fact:
        remedy = "A URL with +s needs a server with a certificate that this machine trusts, with +ssc any certificate"
    return kind("The store does not answer", _fact(fact.partition(". Please ensure")[0]), remedy)


def _fact(message: str | None) -> str:
    """An engine's message on one line; of a long one the beginning, and the place in the statement."""
    line = " ".join(MARK.sub("", message or "").split())
    if len(line) <= FACT_LENGTH:
        return line
    place = PLACE.search(line, FACT_LENGTH)
    return f"{line[: FACT_LENGTH - 1]}…" + (f" {place[0]}" if place else "")
