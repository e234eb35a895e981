"""A study as a Cypher script, which makes it in a fresh Neo4j: by cypher-shell, Neo4j Browser or a driver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TextIO

from mri_core.store import schema
from mri_core.store.contents import ORDER, Contents, Edge, Properties

ROWS = 100  # in a statement: from 20 to 400 a row takes as long, since parsing takes the time
NEVER = ""  # in a property that says when or by whom a study is loaded
_SPECIAL = re.compile("[\\\\'\x00-\x1f\x7f-\x9f\u2028\u2029]")  # would end a literal, or a line of the script
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_cypher(contents: Contents, file: Path) -> tuple[int, int]:
    """Writes the script; returns the number of nodes and of relationships.

    Every statement ends with a semicolon at the end of a line, and nothing else does: line ends in texts are escapes.
    The study has the status `loading` until the last statement.
    """
    study = contents.study
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"// Study {study.id}: makes it in a Neo4j that does not have it\n")
        for statement in schema.statements():
            out.write(f"{statement};\n")
        own = sum(_write_nodes(out, label, part) for label in ORDER for part in contents.nodes(label))
        joining = sum(_write_edges(out, part) for label in ORDER for part in contents.edges(label))
        out.write(f"MATCH (s:Study {{llm_mri: true, id: {literal(study.id)}}}) SET s.status = 'ready';\n")
    return own, joining


def literal(value: Any) -> str:
    """A value as Cypher writes it on one line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return repr(value).replace("e+", "e")  # Cypher's exponents have no plus
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_name(name)}: {literal(item)}' for name, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return f"'{_SPECIAL.sub(_escaped, str(value))}'"


def _write_nodes(out: TextIO, label: str, part: Iterable[Properties]) -> int:
    rows = [_loading(node) if label == schema.STUDY else node for node in part]
    _write(out, map(literal, rows), f"CREATE (n:{label}) SET n = row", 1 if label == "AtlasPart" else ROWS)
    return len(rows)


def _write_edges(out: TextIO, part: list[Edge]) -> int:
    for (start, kind, end), group in groupby(sorted(part, key=_kind), key=_kind):
        rows = (literal([edge.source, edge.target, edge.properties]) for edge in group)
        made = (
            f"MATCH (a:{start} {{llm_mri: true, id: row[0]}}) MATCH (b:{end} {{llm_mri: true, id: row[1]}}) "
            f"CREATE (a)-[e:{kind}]->(b) SET e = row[2]"
        )
        _write(out, rows, made)
    return len(part)


def _write(out: TextIO, rows: Iterator[str], statement: str, size: int = ROWS) -> None:
    while part := list(islice(rows, size)):
        inner = ",\n".join(part)
        out.write(f"UNWIND [\n{inner}\n] AS row\n{statement};\n")


def _loading(study: Properties) -> dict[str, Any]:
    """The study's node before the others are there; whose it is and when it was loaded is unknown, but never absent."""
    return {**study, "status": "loading", "owner": NEVER, "updated_at": NEVER}


def _kind(edge: Edge) -> tuple[str, str, str]:
    return edge.start, edge.type, edge.end


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else f"`{name.replace('`', '``')}`"


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{character}" if character in "\\'" else f"\\u{ord(character):04x}"
