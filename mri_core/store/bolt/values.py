"""Values of the Bolt driver as plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

AS_IT_IS = (str, bool, int)


def plain(value: Any) -> Any:
    """A driver's value as what JSON knows: dictionaries, lists, strings, numbers, booleans and None.

    A node becomes its labels and properties, a relationship its type and properties, a path its nodes and
    relationships; dates, times and durations become ISO 8601 strings, a point its coordinates, bytes hexadecimal;
    a number that is not finite becomes None.
    """
    if value is None or isinstance(value, AS_IT_IS):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [plain(item) for item in value]
    return _rich(value)


def _rich(value: Any) -> Any:
    """The same of what is no JSON yet: few values are, and the import is looked up for each."""
    from neo4j import graph, spatial
    from neo4j import time as temporal

    if isinstance(value, graph.Node):
        return {"labels": sorted(value.labels), "properties": plain(dict(value))}
    if isinstance(value, graph.Relationship):
        return {"type": value.type, "properties": plain(dict(value))}
    if isinstance(value, graph.Path):
        return {"nodes": plain(list(value.nodes)), "relationships": plain(list(value.relationships))}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, temporal.Date | temporal.Time | temporal.DateTime | temporal.Duration):
        return value.iso_format()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, spatial.Point | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
