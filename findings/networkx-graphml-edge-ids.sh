#!/usr/bin/env bash
# networkx 3.6.1.
# `write_graphml` takes the key of a multigraph's edge for the edge's id. Keys need only differ between the same two
# nodes, and are often names of kinds; so two edges of one kind between different nodes get the same id, though GraphML's
# schema has the ids of edges differ within a graph. `write_gexf` numbers its edges instead.
# Output seen:
#   ids in GraphML: ['law', 'law', 'cooking']
#   ids in GEXF: ['0', '1', '2']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import io
import re

import networkx as nx

graph = nx.MultiDiGraph()
graph.add_edge("a", "b", key="law")
graph.add_edge("b", "c", key="law")
graph.add_edge("b", "c", key="cooking")
ids = {}
for form, write in (("GraphML", nx.write_graphml), ("GEXF", nx.write_gexf)):
    content = io.BytesIO()
    write(graph, content)
    ids[form] = re.findall(r'<edge [^>]*?\bid="([^"]*)"', content.getvalue().decode())
    print(f"ids in {form}: {ids[form]}")
assert ids == {"GraphML": ["law", "law", "cooking"], "GEXF": ["0", "1", "2"]}
PYTHON
