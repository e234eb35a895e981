"""The reference page of the questions, made from their headers: `python -m queries.reference` writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from queries.catalog import Catalog, own_catalog
from queries.fields import Column, Parameter
from queries.template import Template

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "queries.md"
COMMAND = "python -m queries.reference"
HEAD = """\
# Questions

The questions of `mri query`, of `mri.query` in a notebook, and of the web page. This page is generated from the
headers of `queries/cypher/*.cypher` by `{command}`. Ask one with

```sh
mri query NAME --study STUDY --PARAMETER VALUE
```

or with `mri.query("NAME", study="STUDY", parameter=value)`. A region may be given without its study (`L3/R5`), and a
document (`D12`, its place in the corpus, or its own id there). Where `D12` is also the own id of another document, or
an own id is that of several, the name is refused: the full id, `STUDY_ID/D12`, is always of the place. You can add
[questions of your own](../questions.md).

Asked about a [scan of tokens](graph.md#scans-of-tokens), a question counts tokens wherever it says documents (a weight,
a share, the documents that flow), except in columns called `documents` and in what lists documents: these are texts.
Columns of scans of one unit alone are not in the answers of others.
"""
MARKUP = re.compile(r"([\\`*_\[\]<>|$])")


def page(catalog: Catalog) -> str:
    """The whole page as Markdown: a list of the questions by group, then each of them."""
    groups = [(group, list(templates)) for group, templates in groupby(catalog, lambda template: template.group)]
    contents = [f"- **{group}**: {', '.join(_link(template) for template in members)}" for group, members in groups]
    parts = [HEAD.format(command=COMMAND), "\n".join(contents) + "\n"]
    for group, members in groups:
        parts += [f"## Group: {group}\n", *map(_section, members)]  # a question may be called like its group
    return "\n".join(parts)


def usage(template: Template) -> str:
    """How the question is asked on the command line."""
    options = (f"{p.option} {p.form}" for p in template.parameters)
    words = (word if p.required else f"[{word}]" for p, word in zip(template.parameters, options, strict=True))
    return " ".join(["mri query", template.name, *words])


def _link(template: Template) -> str:
    return f"[{template.name}](#{template.name})"


def _section(template: Template) -> str:
    return "\n".join(
        [
            f"### {template.name}\n",
            f"**{_text(template.title)}.** {_text(template.question)}\n",
            f"```sh\n{usage(template)}\n```\n",
            *_parameters(template.parameters),
            *_table(["returns", "type", "meaning"], map(_column, template.returns)),
            *([] if template.view == "table" else [f"Shown as a {template.view}.\n"]),
            *([f"{_text(template.notes)}\n"] if template.notes else []),
            *([f"{_text(template.scope)}\n"] if template.only else []),
            f"<details><summary>Cypher</summary>\n\n```cypher\n{template.statement}\n```\n\n</details>\n",
        ]
    )


def _parameters(parameters: Iterable[Parameter]) -> Iterator[str]:
    rows = [[f"`{p.name}`", " or ".join(p.choices) or p.type, _default(p), _text(p.meaning)] for p in parameters]
    return _table(["parameter", "type", "default", "meaning"], rows) if rows else iter(())


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    if parameter.default is None:
        return "–"
    value = json.dumps(parameter.default, ensure_ascii=False).replace("|", "\\|")
    return f"`{value}`"


def _column(column: Column) -> list[str]:
    return [f"`{column.name}`", column.type + (", may be empty" if column.nullable else ""), _text(column.meaning)]


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _text(text: Any) -> str:
    """A header's text as Markdown shows it: as it stands."""
    return MARKUP.sub(r"\\\1", text)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(own_catalog()), encoding="utf-8")


if __name__ == "__main__":
    main()
