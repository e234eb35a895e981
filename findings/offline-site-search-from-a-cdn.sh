#!/usr/bin/env bash
# zensical 0.0.73, mkdocs-material 9.8.2 on mkdocs 1.6.1.
# The plugin `offline` is for sites that are opened as files, without a network: it writes the search index as a script. Yet
# every page of such a site loads https://unpkg.com/iframe-worker/shim, without which no search runs on a page opened as a file:
# without a network Zensical's answers "Search is unavailable. Reload the page to try again." A script of the site's own
# whose name has `iframe-worker` in it, under `extra: polyfills:`, takes its place.
# Output seen:
#   zensical, as documented: https://unpkg.com/iframe-worker/shim
#   zensical, with a polyfill of its own: assets/iframe-worker.js
#   mkdocs-material, as documented: https://unpkg.com/iframe-worker/shim
#   mkdocs-material, with a polyfill of its own: assets/iframe-worker.js
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check zensical==0.0.73 mkdocs==1.6.1 mkdocs-material==9.8.2
cd "$folder"
mkdir -p docs/assets
echo "# A page" >docs/index.md
echo "// iframe-worker" >docs/assets/iframe-worker.js
cat >documented.yml <<'END'
site_name: A site
theme: {name: material, font: false}
plugins: [search, offline]
END
cp documented.yml own.yml
echo "extra: {polyfills: [assets/iframe-worker.js]}" >>own.yml
scripts() { grep -oE '<script[^>]* src="[^"]*"' site/index.html | grep -oE '[^"]*iframe-worker[^"]*' | sed 's|^\./||' || echo none; }
check() { # what, the script expected, the command
    "${@:3}" >log.txt 2>&1 || { cat log.txt; exit 1; }
    echo "$1: $(scripts)"
    [ "$(scripts)" = "$2" ]
}
check "zensical, as documented" https://unpkg.com/iframe-worker/shim venv/bin/zensical build --clean -f documented.yml
check "zensical, with a polyfill of its own" assets/iframe-worker.js venv/bin/zensical build --clean -f own.yml
check "mkdocs-material, as documented" https://unpkg.com/iframe-worker/shim venv/bin/mkdocs build -q -f documented.yml
check "mkdocs-material, with a polyfill of its own" assets/iframe-worker.js venv/bin/mkdocs build -q -f own.yml
