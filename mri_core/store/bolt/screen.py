"""Checks that a statement only reads, on engines whose reading account may do more.

Neo4j's READ access mode refuses to write, but still runs `LOAD CSV` (of the server's own files, too), ends other
people's transactions, and calls procedures that reach the server, its files or the network. The embedded engine's
reader may end transactions. A plan does not show what an expression contains (`COLLECT { LOAD CSV … }`), and a text
can be written in many ways: so both are checked, and a doubtful text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mri_core.errors import QueryError
from mri_core.store.bolt.failures import ASK, READ_ONLY

READS = "r"  # the type of a statement that neither writes, nor changes the schema, nor administers
LOADS, ENDS = "It loads a file", "It ends transactions"
OPERATORS = {"LoadCSV": LOADS, "TerminateTransactions": ENDS}
PROCEDURE = "ProcedureCall"
# Procedures declare their own mode, and plugin procedures that load files declare it as reading.
PROCEDURES = re.compile(
    r"db\.(labels|relationshipTypes|propertyKeys|info|schema\.\w+|index\.(fulltext|vector)\.(query\w+|list\w+))"
)
GAP = r"(?:/\*.*?\*/|//[^\r\n]*[\r\n]|\W)++"  # comments, blanks of any kind
WORDS = {
    LOADS: re.compile(rf"load{GAP}csv", re.IGNORECASE | re.DOTALL),
    ENDS: re.compile(rf"terminate{GAP}transaction", re.IGNORECASE | re.DOTALL),
}
NAME = r"(?:`[^`]*`|\w+)"
BLANK = r"(?:/\*.*?\*/|//[^\r\n]*[\r\n]|\s)*+"
CALLS = re.compile(rf"call(?=\W){BLANK}({NAME}(?:{BLANK}\.{BLANK}{NAME})+){BLANK}\(", re.IGNORECASE | re.DOTALL)
OPTIONS = rf"(?:cypher\b{BLANK}(?:(?:[\d.]+|\w+{BLANK}={BLANK}\w+){BLANK})*+)?"  # before a statement, on Neo4j
PLANS = re.compile(rf"{BLANK}{OPTIONS}(explain|profile)\b", re.IGNORECASE | re.DOTALL)
EXPLAIN = "EXPLAIN \n"  # a line of its own, so that columns in errors are the statement's; the blank is looked for
ESCAPE = re.compile(r"\\u+([0-9a-fA-F]{4})")

Plan = Mapping[str, Any]


def check_text(statement: str) -> None:
    """Refuse a statement with words that load a file, end transactions or call a procedure that is not known to read.

    One that asks for its plan is refused as well: engines return the plan outside of the rows, where nobody would see
        it.

    The words are found anywhere, also in string literals: a statement refused wrongly can be rephrased.

    Raises:
        QueryError: it has such words.
    """
    plan = PLANS.match(_unescaped(statement))
    if plan:
        remedy = "Leave the word out, or ask for the plan in Neo4j Browser"
        raise QueryError("A statement gives rows", f"{plan[1].upper()} gives its plan", remedy)
    for text in {statement, _unescaped(statement)}:
        for fact, words in WORDS.items():
            if words.search(text):
                raise QueryError(READ_ONLY, fact, ASK)
        for call in CALLS.finditer(text):
            _check_procedure("".join(re.findall(rf"{NAME}|\.", re.sub(r"/\*.*?\*/|//[^\r\n]*", "", call[1]))))


def check_plan(query_type: str | None, plan: Plan | None) -> None:
    """Refuse a statement by what the server says it would do.

    Args:
        query_type: from the server's summary: `r`, `w`, `rw` or `s`.
        plan: its tree of operators: `operatorType`, `args`, `children`.

    Raises:
        QueryError: it would do more than read.
    """
    if query_type != READS or plan is None:
        raise QueryError(READ_ONLY, "This one does more than read", ASK)
    for operator in _operators(plan):
        name = operator["operatorType"].partition("@")[0]
        details = str(operator.get("args", {}).get("Details", ""))
        if name in OPERATORS:
            raise QueryError(READ_ONLY, OPERATORS[name], ASK)
        if name == PROCEDURE:
            _check_procedure(details.partition("(")[0].strip())
        check_text(details)  # expressions as the server understood them


def _check_procedure(name: str) -> None:
    if not PROCEDURES.fullmatch(name.replace("`", "")):
        raise QueryError(READ_ONLY, f"It calls the procedure {name}", ASK)


def _unescaped(statement: str) -> str:
    """The text with Cypher's `\\uXXXX` escapes decoded, repeatedly while that makes new ones."""
    while (text := ESCAPE.sub(lambda found: chr(int(found[1], 16)), statement)) != statement:
        statement = text
    return statement


def _operators(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("children", ()):
        yield from _operators(child)
