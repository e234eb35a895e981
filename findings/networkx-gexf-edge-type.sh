#!/usr/bin/env bash
# networkx 3.6.1, graphology 0.26.0 with graphology-gexf 0.13.2.
# An edge's attribute `type`, as relationships of property graphs have, is not written as an attribute by `write_gexf`: it
# becomes GEXF's own `type`, which is the direction (directed, undirected or mutual). `read_gexf` does not give it back, and
# graphology refuses the file. `write_graphml` writes it as an attribute. `start` and `end`, which become times, `pid`,
# `parents`, `spells`, `slices` and `viz` are taken likewise.
# Output seen:
#   the edge in GEXF: <edge source="a" target="b" id="0" type="FLOWS_TO" />
#   read back: from GEXF {'id': '0'}, from GraphML {'type': 'FLOWS_TO'}
#   graphology: Should be one of "mixed", "directed" or "undirected" but got "FLOWS_TO".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1 numpy==2.4.6
cd "$folder"
npm install --silent --no-audit --no-fund graphology@0.26.0 graphology-gexf@0.13.2 graphology-types@0.24.8
"$folder/venv/bin/python" - <<'PYTHON'
import re
from pathlib import Path

import networkx as nx

graph = nx.DiGraph()
graph.add_edge("a", "b", type="FLOWS_TO")
nx.write_gexf(graph, "graph.gexf")
nx.write_graphml(graph, "graph.graphml")
(edge,) = re.findall("<edge [^>]*>", Path("graph.gexf").read_text())
print(f"the edge in GEXF: {edge}")
back, other = nx.read_gexf("graph.gexf").edges["a", "b"], nx.read_graphml("graph.graphml").edges["a", "b"]
print(f"read back: from GEXF {back}, from GraphML {other}")
assert 'type="FLOWS_TO"' in edge
assert (back, other) == ({"id": "0"}, {"type": "FLOWS_TO"})
PYTHON
node - <<'JAVASCRIPT'
const {readFileSync} = require('node:fs');
const Graph = require('graphology');
const gexf = require('graphology-gexf');

let refusal = 'none';
try {
  gexf.parse(Graph, readFileSync('graph.gexf', 'utf-8'));
} catch (error) {
  refusal = error.message.split("option. ").pop();
}
console.log(`graphology: ${refusal}`);
if (!refusal.includes('but got "FLOWS_TO"')) process.exit(1);
JAVASCRIPT
