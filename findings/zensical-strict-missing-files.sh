#!/usr/bin/env bash
# zensical 0.0.73.
# `zensical build --strict` fails where a link leads to a page or a heading that is not there. It does not where an image, or
# another file that is linked to, is not there: "No issues found". `mkdocs build --strict` (1.6.1) fails for all of them.
# Output seen:
#   zensical, a missing page: fails
#   zensical, a missing heading: fails
#   zensical, a missing image: passes
#   zensical, a missing file: passes
#   mkdocs, a missing image: fails
#   mkdocs, a missing file: fails
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check zensical==0.0.73 mkdocs==1.6.1
cd "$folder"
mkdir docs
echo "site_name: A site" >zensical.yml
printf 'site_name: A site\ntheme: mkdocs\n' >mkdocs.yml
check() { # what, how it is to end, what the page says, the command
    printf '# A page\n\n%s\n' "$3" >docs/index.md
    if "${@:4}" >log.txt 2>&1; then ended=passes; else ended=fails; fi
    echo "$1: $ended"
    [ "$ended" = "$2" ] || { cat log.txt; exit 1; }
}
zensical=(venv/bin/zensical build --strict --clean -f zensical.yml)
mkdocs=(venv/bin/mkdocs build --strict -f mkdocs.yml)
check "zensical, a missing page" fails "[a](none.md)" "${zensical[@]}"
check "zensical, a missing heading" fails "[a](#none)" "${zensical[@]}"
check "zensical, a missing image" passes "![a](none.png)" "${zensical[@]}"
check "zensical, a missing file" passes "[a](none.csv)" "${zensical[@]}"
check "mkdocs, a missing image" fails "![a](none.png)" "${mkdocs[@]}"
check "mkdocs, a missing file" fails "[a](none.csv)" "${mkdocs[@]}"
