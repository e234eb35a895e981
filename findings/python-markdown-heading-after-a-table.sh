#!/usr/bin/env bash
# Markdown 3.11.3 (Python-Markdown, which MkDocs and Zensical render by), extension tables; markdown-it-py 4.3.0.
# A heading in the line after a table's last row ends the table by GitHub's rules. In Python-Markdown it becomes a row of the
# table, so that the page has no such heading, no anchor of it, and a site's search none of its words as a title.
# Output seen:
#   Markdown: headings 0, rows 3
#   markdown-it-py: headings 1, rows 2
#   Markdown, a blank line between: headings 1, rows 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check Markdown==3.11.3 markdown-it-py==4.3.0
"$folder/venv/bin/python" - <<'END'
import markdown
from markdown_it import MarkdownIt

TABLE, HEADING = "| a | b |\n|---|---|\n| 1 | 2 |\n", "## A heading\n"
made = {
    "Markdown": (markdown.markdown(TABLE + HEADING, extensions=["tables"]), (0, 3)),
    "markdown-it-py": (MarkdownIt("commonmark").enable("table").render(TABLE + HEADING), (1, 2)),
    "Markdown, a blank line between": (markdown.markdown(f"{TABLE}\n{HEADING}", extensions=["tables"]), (1, 2)),
}
for name, (text, seen) in made.items():
    found = text.count("<h2"), text.count("<tr>")
    print(f"{name}: headings {found[0]}, rows {found[1]}")
    assert found == seen, text
END
