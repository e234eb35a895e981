#!/usr/bin/env bash
# igraph 1.0.0 (Python).
# In GraphML an `&` in the id of a node is written `&amp;`, as in any XML. `Graph.Read_GraphML` reads it as `&#38;`, in the
# attribute `id` of the vertex; in `<data>` it reads the same text rightly. Edges are joined to the right nodes, since their
# ends are read in the same way. networkx reads `&` in both.
# Output seen:
#   igraph: id 'R&#38;D', name 'R&D', edges [(0, 1)]
#   networkx: id 'R&D', name 'R&D', edges [('R&D', 'a')]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check igraph==1.0.0 networkx==3.6.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import igraph
import networkx as nx

Path("graph.graphml").write_text("""<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="name" attr.type="string"/>
<graph edgedefault="directed">
<node id="R&amp;D"><data key="d0">R&amp;D</data></node>
<node id="a"><data key="d0">a</data></node>
<edge source="R&amp;D" target="a"/>
</graph>
</graphml>
""")
one, other = igraph.Graph.Read_GraphML("graph.graphml"), nx.read_graphml("graph.graphml")
print(f"igraph: id {one.vs['id'][0]!r}, name {one.vs['name'][0]!r}, edges {one.get_edgelist()}")
first = next(iter(other))
print(f"networkx: id {first!r}, name {other.nodes[first]['name']!r}, edges {list(other.edges)}")
assert (one.vs["id"][0], one.vs["name"][0], one.get_edgelist()) == ("R&#38;D", "R&D", [(0, 1)])
assert (first, other.nodes[first]["name"], list(other.edges)) == ("R&D", "R&D", [("R&D", "a")])
PYTHON
