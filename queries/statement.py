"""What a Cypher statement says of itself: the parameters that it uses and the columns that it returns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
  | (?P<parameter>\$(?:`(?:[^`]|``)*`|\w+))
  | (?P<name>`(?:[^`]|``)*`|[^\W\d]\w*)
  | (?P<number>\d\w*)
  | (?P<unclosed>['"`]|/\*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS_OF_RETURN = {"ORDER", "SKIP", "OFFSET", "LIMIT", "UNION"}


class Token(NamedTuple):
    """A piece of a statement: a text, a parameter, a name, a number or a mark; brackets say how deep they are."""

    kind: str
    value: str
    position: int
    depth: int  # brackets of any kind open around it

    @property
    def name(self) -> str:
        """What a name or a parameter is called, without its dollar and its backticks."""
        bare = self.value.removeprefix("$")
        return bare[1:-1].replace("``", "`") if bare.startswith("`") else bare


class StatementError(ValueError):
    """A statement that cannot be read, and where."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(message)


@lru_cache(maxsize=2)  # a template's parameters and its columns are read from the same ones
def tokens(statement: str) -> tuple[Token, ...]:
    """The pieces of a statement, comments and blanks left out.

    Raises:
        StatementError: a text, a name in backticks or a comment is not closed, or brackets do not match.
    """
    found: list[Token] = []
    opened: list[Token] = []
    for match in _TOKEN.finditer(statement):
        kind, value = match.lastgroup or "", match.group()
        if kind == "blank":
            continue
        if kind == "unclosed":
            raise StatementError(f"{value} is not closed", match.start())
        if value in "}])" and not (opened and opened.pop().value + value in ("{}", "[]", "()")):
            raise StatementError(f"{value} closes nothing", match.start())
        token = Token(kind, value, match.start(), len(opened))
        if value in "{[(":
            opened.append(token)
        found.append(token)
    if opened:
        raise StatementError(f"{opened[-1].value} is not closed", opened[-1].position)
    return tuple(found)


def without_semicolon(statement: str) -> str:
    """The statement without a semicolon at its end, which not every engine takes; positions stay as they are."""
    pieces = tokens(statement)
    return statement[: pieces[-1].position] if pieces and pieces[-1].value == ";" else statement


def parameters(statement: str) -> dict[str, int]:
    """The parameters that a statement uses, each with the position of its first use."""
    used: dict[str, int] = {}
    for token in tokens(statement):
        if token.kind == "parameter":
            used.setdefault(token.name, token.position)
    return used


def returned_columns(statement: str) -> list[tuple[list[str], int]]:
    """The names of the columns of every RETURN that reaches the reader (one for each part of a UNION), in order.

    Returns:
        for each RETURN its columns and its position. RETURNs of subqueries are left out.

    Raises:
        StatementError: an expression has no name, or RETURN * leaves the columns open.
    """
    pieces = tokens(statement)
    starts = [i for i in range(len(pieces)) if _is_keyword(pieces, i, {"RETURN"})]
    return [(list(_columns(pieces, start)), pieces[start].position) for start in starts]


def _is_keyword(pieces: Sequence[Token], index: int, words: set[str]) -> bool:
    """Whether the piece is one of these clauses of the outermost query, not a property, label or alias so called."""
    token = pieces[index]
    if token.kind != "name" or token.depth or token.value.upper() not in words:
        return False
    before = pieces[index - 1].value.upper() if index else ""
    return before not in {".", ":", "AS"}


def _columns(pieces: Sequence[Token], start: int) -> Iterator[str]:
    item: list[Token] = []
    for index in range(start + 1, len(pieces)):
        token = pieces[index]
        if _is_keyword(pieces, index, _ENDS_OF_RETURN):
            break
        if token.value == "," and not token.depth:
            yield _column_name(item, pieces[start])
            item = []
        elif item or token.value.upper() != "DISTINCT":
            item.append(token)
    yield _column_name(item, pieces[start])


def _column_name(item: list[Token], clause: Token) -> str:
    named = len(item) > 2 and item[-2].value.upper() == "AS" and item[-1].kind == "name"
    if named or (len(item) == 1 and item[0].kind == "name"):
        return item[-1].name
    position = item[0].position if item else clause.position
    raise StatementError("Every expression that is returned has a name, given with AS", position)
