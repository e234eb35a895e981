"""A study's graph for programs that draw and measure networks: GraphML, GEXF, JSON and networkx.

Files are written as a stream: networkx's own writers hold the whole graph, and its tree of elements, in memory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from xml.sax.saxutils import escape, quoteattr

from mri_core.export.elements import Record, edges, nodes
from mri_core.export.plain import OF_A_NODE, OF_AN_EDGE, attribute_name, common_type, plain, xml_text
from mri_core.export.spool import Spool
from mri_core.records.ids import local_id
from mri_core.store.contents import Contents

if TYPE_CHECKING:
    import networkx as nx

GRAPHML_TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}
GEXF_TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}
GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
"""
NODE_OWN, ENDS = ("id",), ("id", "source", "target")  # of an element itself, no attributes
WEIGHT = "weight"  # GEXF has an attribute of its own for it
# A reader of XML takes the first for \n, and xmldom the others too (findings/xmldom-line-ends-of-xml-1.1.sh).
_LINE_ENDS = {"\r": "&#13;", "\x85": "&#133;", "\u2028": "&#8232;"}


class Elements:
    """Nodes or relationships with plain values, each attribute of one type.

    Attributes:
        types: of each attribute.
        rows: number of records.
    """

    def __init__(self, spool: Spool, own: Collection[str]) -> None:
        self._spool, self._own, self.rows = spool, own, spool.rows
        kinds = {name: found - {type(None)} for name, found in spool.kinds.items() if name not in own}
        self.types = {
            name: common_type({kind if kind in GRAPHML_TYPES else str for kind in found})
            for name, found in kinds.items()
            if found
        }

    def __iter__(self) -> Iterator[Record]:
        for record in chain.from_iterable(self._spool.parts()):
            yield {name: self._of_type(name, value) for name, value in record.items() if value is not None}

    def _of_type(self, name: str, value: Any) -> Any:
        made = plain(value)
        return made if name in self._own else self.types[name](made)


def write_graphml(contents: Contents, file: Path) -> tuple[int, int]:
    """Writes GraphML; returns the number of nodes and of relationships."""
    with _elements(contents, file.parent) as (own, joining), _opened(file) as out:
        keys = {
            "node": {name: f"n{place}" for place, name in enumerate((*own.types, "label"))},
            "edge": {name: f"e{place}" for place, name in enumerate(joining.types)},
        }
        out.write(GRAPHML)
        for of, types in (("node", {**own.types, "label": str}), ("edge", joining.types)):
            for name, kind in types.items():
                declared = f'id="{keys[of][name]}" for="{of}" attr.name={_quoted(name)}'
                out.write(f'<key {declared} attr.type="{GRAPHML_TYPES[kind]}"/>\n')
        out.write(f'<graph id={_quoted(contents.study.id)} edgedefault="directed">\n')
        for record in own:
            named = {**record, "label": _label(contents, record)}
            out.write(f"<node id={_quoted(record['id'])}>{_data(named, keys['node'])}</node>\n")
        for record in joining:
            out.write(f"<edge {_ends(record)}>{_data(record, keys['edge'])}</edge>\n")
        out.write("</graph>\n</graphml>\n")
        return own.rows, joining.rows


def write_gexf(contents: Contents, file: Path) -> tuple[int, int]:
    """Writes GEXF; returns the number of nodes and of relationships.

    Ids of attributes are numbers: graphology takes any other id for the attribute's name
    (findings/graphology-gexf-attribute-titles.sh). A relationship's `kind` names its type and category: Gephi merges
    parallel ones unless their kinds differ.
    """
    with _elements(contents, file.parent) as (own, joining), _opened(file) as out:
        ids = {
            "node": {name: str(place) for place, name in enumerate(own.types)},
            "edge": {name: str(place) for place, name in enumerate(joining.types) if name != WEIGHT},
        }
        out.write(GEXF)
        described = escape(f"Study {contents.study.id}")
        out.write(f"<meta><creator>LLM-MRI Graph</creator><description>{described}</description></meta>\n")
        out.write('<graph mode="static" defaultedgetype="directed">\n')
        for of, types in (("node", own.types), ("edge", joining.types)):
            out.write(f'<attributes class="{of}" mode="static">\n')
            for name, number in ids[of].items():
                out.write(f'<attribute id="{number}" title={_quoted(name)} type="{GEXF_TYPES[types[name]]}"/>\n')
            out.write("</attributes>\n")
        out.write("<nodes>\n")
        for record in own:
            named = f"id={_quoted(record['id'])} label={_quoted(_label(contents, record))}"
            out.write(f"<node {named}>{_attvalues(record, ids['node'])}</node>\n")
        out.write("</nodes>\n<edges>\n")
        for record in joining:
            weight = f' weight="{_written(record[WEIGHT])}"' if WEIGHT in record else ""
            kind = _quoted(" ".join(filter(None, (record["edge_type"], record.get("category")))))
            known = f'{_ends(record)} type="directed" kind={kind}{weight}'
            out.write(f"<edge {known}>{_attvalues(record, ids['edge'])}</edge>\n")
        out.write("</edges>\n</graph>\n</gexf>\n")
        return own.rows, joining.rows


def write_json(contents: Contents, file: Path) -> tuple[int, int]:
    """Writes node-link JSON; returns the number of nodes and of relationships. Lists stay lists."""
    study = json.dumps({"study": contents.study.id, "name": contents.study.name}, ensure_ascii=False)
    with _opened(file) as out:
        out.write(f'{{"directed": true, "multigraph": true, "graph": {study},\n"nodes": [')
        own = _write_array(out, chain.from_iterable(nodes(contents)))
        out.write('],\n"edges": [')
        keyed = ({**edge, "key": edge["id"]} for edge in chain.from_iterable(edges(contents)))
        joining = _write_array(out, keyed)
        out.write("]}\n")
    return own, joining


def as_networkx(contents: Contents, folder: Path) -> nx.MultiDiGraph:
    """The graph in memory, whose values are such as GraphML, GEXF and GML hold.

    Args:
        contents: the study.
        folder: for a file while it is read.
    """
    import networkx as nx

    study = contents.study
    graph = nx.MultiDiGraph(study=study.id, name=study.name)
    with _elements(contents, folder) as (own, joining):
        graph.add_nodes_from((record["id"], _attributes(record, NODE_OWN, OF_A_NODE)) for record in own)
        for edge in joining:
            graph.add_edge(edge["source"], edge["target"], edge["id"], **_attributes(edge, ENDS, OF_AN_EDGE))
    return graph


def _attributes(record: Record, own: Collection[str], reserved: Collection[str]) -> Record:
    return {attribute_name(name, reserved): value for name, value in record.items() if name not in own}


@contextmanager
def _elements(contents: Contents, folder: Path) -> Iterator[tuple[Elements, Elements]]:
    """All nodes and all relationships, on disk while they are written."""
    with Spool(folder) as own, Spool(folder) as joining:
        own.fill(nodes(contents))
        joining.fill(edges(contents))
        yield Elements(own, NODE_OWN), Elements(joining, ENDS)


def _opened(file: Path) -> TextIO:
    return file.open("w", encoding="utf-8", newline="\n")


def _label(contents: Contents, record: Record) -> str:
    """What a picture calls a node: `L3/R12`, with the name that a reader gave it, and the study by its name."""
    study = contents.study
    if record["id"] == study.id:
        return study.name
    given = f' "{record["reader_name"]}"' if "reader_name" in record else ""
    return xml_text(f"{local_id(study.id, record['id'])}{given}")


def _ends(record: Record) -> str:
    return " ".join(f"{end}={_quoted(record[end])}" for end in ENDS)


def _data(record: Record, keys: dict[str, str]) -> str:
    values = ((key, _written(record[name])) for name, key in keys.items() if name in record)
    return "".join(f'<data key="{key}">{escape(value, _LINE_ENDS)}</data>' for key, value in values)


def _attvalues(record: Record, ids: dict[str, str]) -> str:
    values = ((number, _written(record[name])) for name, number in ids.items() if name in record)
    inner = "".join(f'<attvalue for="{number}" value={_quoted(value)}/>' for number, value in values)
    return f"<attvalues>{inner}</attvalues>" if inner else ""


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return quoteattr(xml_text(text), _LINE_ENDS)


def _write_array(out: TextIO, records: Iterable[Record]) -> int:
    """Writes the items of a JSON array, one on a line; returns their number."""
    number = 0
    for record in records:
        out.write(f"{',' if number else ''}\n{json.dumps(record, ensure_ascii=False)}")
        number += 1
    out.write("\n")
    return number
