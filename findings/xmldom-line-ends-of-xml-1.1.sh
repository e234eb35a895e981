#!/usr/bin/env bash
# @xmldom/xmldom 0.9.12 and 0.8.13.
# In a document of XML 1.0 only carriage returns are line ends that a reader turns into "\n" (section 2.11). xmldom turns
# U+0085 and U+2028 into "\n" too, which is the rule of XML 1.1, so that texts with them change. Written as character
# references they stay. Python's expat leaves them as they are.
# Output seen:
#   xmldom 0.9.12, as they are: "a\nb\nc", as references: "a\u0085b\u2028c"
#   xmldom 0.8.13, as they are: "a\nb\nc", as references: "a\u0085b\u2028c"
#   expat, as they are: 'a\x85b\u2028c'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund xmldom-9@npm:@xmldom/xmldom@0.9.12 xmldom-8@npm:@xmldom/xmldom@0.8.13
node - <<'JAVASCRIPT'
const head = '<?xml version="1.0" encoding="UTF-8"?>';
const shown = (text) => JSON.stringify(text).replace('\x85', '\\u0085').replace('\u2028', '\\u2028');
for (const name of ['xmldom-9', 'xmldom-8']) {
  const {DOMParser} = require(name);
  const read = (text) =>
    new DOMParser().parseFromString(`${head}<t>${text}</t>`, 'text/xml').documentElement.textContent;
  const [raw, referred] = [read('a\x85b\u2028c'), read('a&#133;b&#8232;c')];
  const {version} = require(`${name}/package.json`);
  console.log(`xmldom ${version}, as they are: ${shown(raw)}, as references: ${shown(referred)}`);
  if (raw !== 'a\nb\nc' || referred !== 'a\x85b\u2028c') process.exit(1);
}
JAVASCRIPT
python3 - <<'PYTHON'
from xml.etree import ElementTree

text = ElementTree.fromstring('<?xml version="1.0" encoding="UTF-8"?><t>a\x85b\u2028c</t>'.encode()).text
print(f"expat, as they are: {text!r}")
assert text == "a\x85b\u2028c"
PYTHON
