"""Values as GraphML, GEXF and GML hold them: texts, truths, whole and other numbers, each attribute of one type."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

JOINER = "; "
LARGEST = 2**63
# Names of a file's own. In GEXF networkx writes an edge's `type` as its direction, and `start` as a time
# (findings/networkx-gexf-edge-type.sh).
_OF_BOTH = {"id", "label", "start", "end", "spells", "slices", "viz"}
OF_A_NODE = _OF_BOTH | {"pid", "parents"}
OF_AN_EDGE = _OF_BOTH | {"source", "target", "key", "type"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")


def plain(value: Any) -> Any:
    """A text, a truth, a number, or None where there is none; a list is its items joined by "; ", an object is JSON."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST):
        return value
    if isinstance(value, list | tuple):
        return xml_text(JOINER.join(str(plain(item)) for item in value if item is not None))
    return xml_text(json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else str(value))


def common_type(types: Collection[type]) -> type:
    """The type that all values of an attribute are given: whole and other numbers are numbers, other mixtures text."""
    if len(types) == 1:
        return next(iter(types))
    return float if set(types) == {int, float} else str


def xml_text(value: str) -> str:
    """The text with characters that XML cannot hold written as escapes."""
    return _NOT_XML.sub(lambda match: repr(match[0])[1:-1], value)


def attribute_name(column: str, reserved: Collection[str]) -> str:
    """A name that all three formats take: letters, digits and underscores, beginning with a letter.

    Args:
        column: the name as it is.
        reserved: names that a file's own nodes and edges have; such a column gets the prefix `c_`.
    """
    name = _NOT_NAME.sub("_", column)
    return f"c_{name}" if name in reserved or not name[:1].isalpha() else name
