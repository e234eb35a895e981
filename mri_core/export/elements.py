"""The nodes and relationships of a study as flat records, each with an id, as tables and graph programs take them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count
from typing import Any

from mri_core.store import schema
from mri_core.store.contents import ORDER, Contents, Properties

Record = dict[str, Any]

# Parts of an atlas are bytes of an archive; what readers say of a region stands on its node.
GRAPH = tuple(label for label in ORDER if label not in ("AtlasPart", "Annotation"))
TABLES = ("nodes", "relationships", "measures")
# Names of a record itself: a property that is called so gets a prefix.
NODE = {"node_type", "label"}
EDGE = {"id", "source", "target", "edge_type", "label", "key"}
NAMED = {"id", schema.MARK}  # of a node: its record has the id already, and every node is marked


def nodes(contents: Contents, labels: Collection[str] = GRAPH) -> Iterator[list[Record]]:
    """All nodes of some labels, in the order of the labels: `id`, `node_type` and their properties."""
    for label in labels:
        for part in contents.nodes(label):
            yield [{"id": node["id"], "node_type": label, **_properties(node, NODE, NAMED)} for node in part]


def edges(contents: Contents) -> Iterator[list[Record]]:
    """All relationships: `id`, `source`, `target`, `edge_type` and their properties.

    Ids are `e0`, `e1` … in their order, which is the same in every store.
    """
    numbers = count()
    for label in GRAPH:
        for part in contents.edges(label):
            yield [
                {
                    "id": f"e{number}",
                    "source": edge.source,
                    "target": edge.target,
                    "edge_type": edge.type,
                    **_properties(edge.properties, EDGE, ()),
                }
                for edge, number in zip(part, numbers, strict=False)
            ]


def _properties(properties: Properties, reserved: Collection[str], left_out: Collection[str]) -> Record:
    given = sorted((name, value) for name, value in properties.items() if name not in left_out)
    return {f"c_{name}" if name in reserved else name: value for name, value in given}
