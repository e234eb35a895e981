"""Looks at what a statement would do, on a server whose read access lets more through than reading.

Neo4j's READ access mode refuses to write, but still runs `LOAD CSV` (of the server's own files, too), ends other
people's transactions, and calls procedures that reach the server, its files or the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mri_core.errors import QueryError
from mri_core.store.failures import ASK, READ_ONLY

REFUSED = {"LoadCSV": "It loads a file", "TerminateTransactions": "It ends transactions"}  # by operator
READS = "r"  # the type of a statement that neither writes, nor changes the schema, nor administers
PROCEDURE = "ProcedureCall"
# Procedures declare themselves what they do, and those of plugins that load files call it reading.
PROCEDURES = re.compile(
    r"db\.(labels|relationshipTypes|propertyKeys|info|schema\.\w+|index\.(fulltext|vector)\.(query\w+|list\w+))"
)

GAP = r"(?:\s|/\*.*?\*/|//[^\n]*\n)+"
TERMINATES = re.compile(rf"\bterminate{GAP}transactions?\b", re.IGNORECASE | re.DOTALL)

Plan = Mapping[str, Any]


def check_text(statement: str) -> None:
    """Refuse what the embedded engine grants an account that may read, and no more than read: to end transactions.

    Raises:
        QueryError: the statement has the words that do so, be it in a text.
    """
    if TERMINATES.search(statement):
        raise QueryError(READ_ONLY, REFUSED["TerminateTransactions"], ASK)


def check_plan(query_type: str | None, plan: Plan | None) -> None:
    """Refuse a statement by what the server says it would do.

    Args:
        query_type: as the server's summary tells it: `r`, `w`, `rw` or `s`.
        plan: its tree of operators: `operatorType`, `args`, `children`.

    Raises:
        QueryError: it would do more than read.
    """
    if query_type != READS or plan is None:
        raise QueryError(READ_ONLY, "This one does more than read", ASK)
    for operator in _operators(plan):
        name = operator["operatorType"].partition("@")[0]
        if name in REFUSED:
            raise QueryError(READ_ONLY, REFUSED[name], ASK)
        if name == PROCEDURE:
            _check_procedure(str(operator.get("args", {}).get("Details", "")))


def _check_procedure(call: str) -> None:
    procedure = call.partition("(")[0].strip()
    if not PROCEDURES.fullmatch(procedure):
        raise QueryError(READ_ONLY, f"It calls the procedure {procedure}", ASK)


def _operators(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("children", ()):
        yield from _operators(child)
