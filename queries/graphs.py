"""Answers and pictures as networkx graphs for other programs: GraphML, GEXF and GML hold plain values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mri_core.export.plain import OF_A_NODE, OF_AN_EDGE, attribute_name, common_type, plain, xml_text

if TYPE_CHECKING:
    import networkx as nx

Attributes = Mapping[str, Any]
RESERVED = OF_A_NODE | OF_AN_EDGE
WEIGHT = "weight"  # a number in every format


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
    made = [{attribute_name(name, RESERVED): plain(value) for name, value in record.items()} for record in records]
    kinds: dict[str, set[type]] = {}
    for record in made:
        for name, value in record.items():
            if value is not None:
                kinds.setdefault(name, set()).add(type(value))
    types = {name: common_type(found) for name, found in kinds.items()}
    names = {name: f"c_{name}" if name == WEIGHT and kind not in (int, float) else name for name, kind in types.items()}
    return [{names[name]: types[name](value) for name, value in record.items() if value is not None} for record in made]


def _name(node: Any) -> Any:
    return xml_text(node) if isinstance(node, str) else node
