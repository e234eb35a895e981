"""Answers and pictures as networkx graphs for other programs: GraphML, GEXF and GML hold plain values only."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

Attributes = Mapping[str, Any]
JOINER = "; "
LARGEST = 2**63
RESERVED = {"id", "label", "key", "source", "target"}  # of a file's own nodes and edges
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")


def plain_graph(nodes: Iterable[tuple[Any, Attributes]], edges: Sequence[tuple[Any, Any, Attributes]]) -> nx.DiGraph:
    """A directed graph whose attributes are texts, whole numbers, numbers or truths, each attribute of one type.

    Lists are texts joined by "; ", objects are JSON, and what is missing is left out. An attribute whose values are of
    several types is text, whole and other numbers together are numbers. Where two nodes are joined more than once it
    is a `MultiDiGraph`, whose edge keys are unique in the whole graph, as GEXF and GraphML take them for ids.

    Args:
        nodes: with their attributes; nodes that only edges name have none.
        edges: source, target and attributes.
    """
    import networkx as nx

    nodes = [(_name(node), attributes) for node, attributes in nodes]
    own = dict(zip((node for node, _ in nodes), _uniform([attributes for _, attributes in nodes]), strict=True))
    told = _uniform([attributes for *_, attributes in edges])
    ends = [(_name(source), _name(target)) for source, target, _ in edges]
    several = len(set(ends)) < len(ends)
    graph: nx.DiGraph = nx.MultiDiGraph() if several else nx.DiGraph()
    graph.add_nodes_from(own.items())
    for number, ((source, target), attributes) in enumerate(zip(ends, told, strict=True)):
        key = {"key": number} if several else {}
        graph.add_edge(source, target, **key)
        (graph.edges[source, target, number] if several else graph.edges[source, target]).update(attributes)
    return graph


def _uniform(records: list[Attributes]) -> list[dict[str, Any]]:
    plain = [{_attribute(name): _plain(value) for name, value in record.items()} for record in records]
    kinds: dict[str, set[type]] = {}
    for record in plain:
        for name, value in record.items():
            if value is not None:
                kinds.setdefault(name, set()).add(type(value))
    types = {name: _common(found) for name, found in kinds.items()}
    return [{name: types[name](value) for name, value in record.items() if value is not None} for record in plain]


def _common(kinds: set[type]) -> type:
    if len(kinds) == 1:
        return next(iter(kinds))
    return float if kinds == {int, float} else str


def _plain(value: Any) -> Any:
    """A text, a truth, a number, or None where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST):
        return value
    if isinstance(value, list | tuple):
        return JOINER.join(str(_plain(item)) for item in value if item is not None)
    return _text(json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else str(value))


def _name(node: Any) -> Any:
    return _text(node) if isinstance(node, str) else node


def _text(value: str) -> str:
    """The text with characters that XML cannot hold written as escapes."""
    return _NOT_XML.sub(lambda match: repr(match[0])[1:-1], value)


def _attribute(column: str) -> str:
    """A name that all three formats take: letters, digits and underscores, beginning with a letter."""
    name = _NOT_NAME.sub("_", column)
    return f"c_{name}" if name in RESERVED or not name[:1].isalpha() else name
