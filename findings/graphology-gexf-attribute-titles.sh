#!/usr/bin/env bash
# graphology 0.26.0 with graphology-gexf 0.13.2; networkx 3.6.1.
# In GEXF an attribute is declared with an id, by which values refer to it, and a title, its name. graphology-gexf takes the
# title only where the id is a number: any other id, which GEXF allows, becomes the name in its place. networkx takes the title.
# Output seen:
#   graphology, id "0": {"documents":3}
#   graphology, id "d": {"d":3}
#   networkx, id "d": {'documents': 3, 'label': 'a'}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1 numpy==2.4.6
cd "$folder"
npm install --silent --no-audit --no-fund graphology@0.26.0 graphology-gexf@0.13.2 graphology-types@0.24.8
for id in 0 d; do
    cat >"$id.gexf" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
<graph defaultedgetype="directed">
<attributes class="node"><attribute id="$id" title="documents" type="integer"/></attributes>
<nodes><node id="a" label="a"><attvalues><attvalue for="$id" value="3"/></attvalues></node></nodes>
<edges></edges>
</graph>
</gexf>
XML
done
node - <<'JAVASCRIPT'
const {readFileSync} = require('node:fs');
const Graph = require('graphology');
const gexf = require('graphology-gexf');

const found = ['0', 'd'].map((id) => {
  const {label, ...attributes} = gexf.parse(Graph, readFileSync(`${id}.gexf`, 'utf-8')).getNodeAttributes('a');
  const text = JSON.stringify(attributes);
  console.log(`graphology, id "${id}": ${text}`);
  return text;
});
if (found.join() !== '{"documents":3},{"d":3}') process.exit(1);
JAVASCRIPT
"$folder/venv/bin/python" - <<'PYTHON'
import networkx as nx

attributes = nx.read_gexf("d.gexf").nodes["a"]
print(f'networkx, id "d": {attributes}')
assert attributes == {"documents": 3, "label": "a"}
PYTHON
