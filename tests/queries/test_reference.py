"""The reference page of the questions tells what their headers say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from queries.catalog import load_catalog
from queries.reference import COMMAND, PAGE, page
from queries.template import GROUPS
from tests.questions import CATALOG

QUESTION = """\
// title: Mine <b>
// group: motifs
// question: What | is `it` worth, $a and $b?
// param: study  study           study to read
// param: top_n  int? = 3        how many
// param: word   string = "a|b"  a | word
// param: layer  layer?          perhaps a layer
// returns: nodes int? their *number*
// view: graph
//
// Notes_of_mine.

MATCH (n {study: $study, w: $word, l: $layer}) RETURN count(n) AS nodes ORDER BY nodes LIMIT $top_n
"""


OWN_PAGE = page(CATALOG)


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == OWN_PAGE, f"docs/reference/queries.md is stale: {COMMAND}"


def section(text: str, name: str) -> str:
    (found,) = re.findall(rf"^### {name}\n(.*?)(?=^##|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("name", [template.name for template in CATALOG])
def test_every_question_is_told_whole(name: str) -> None:
    template = CATALOG.get(name)
    told = section(OWN_PAGE, name)
    assert f"mri query {name}" in told
    assert template.statement in told
    for parameter in template.parameters:
        kind = " or ".join(parameter.choices) or parameter.type
        assert re.search(rf"^\| `{parameter.name}` \| {kind} \| ", told, flags=re.MULTILINE)
        assert parameter.option in told
    for column in template.returns:
        assert f"| `{column.name}` | {column.type}" in told


def test_groups_come_in_order_and_every_link_leads_to_one_heading() -> None:
    text = OWN_PAGE
    assert re.findall(r"^## Group: (\w+)$", text, flags=re.MULTILINE) == list(GROUPS)
    headings = re.findall(r"^#{2,3} (.+)$", text, flags=re.MULTILINE)
    links = re.findall(r"\]\(#([\w-]+)\)", text)
    assert links == [template.name for template in CATALOG]
    assert all(headings.count(link) == 1 for link in links)


def test_a_header_reads_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "mine.cypher").write_text(QUESTION)
    told = section(page(load_catalog([tmp_path], environment={})), "mine")
    assert "**Mine \\<b\\>.** What \\| is \\`it\\` worth, \\$a and \\$b?\n" in told
    assert "mri query mine --study STUDY [--top-n INT] [--word STRING] [--layer LAYER]\n" in told
    assert "| `study` | study | required | study to read |\n| `top_n` | int | `3` | how many |\n" in told
    assert '| `word` | string | `"a\\|b"` | a \\| word |\n| `layer` | layer | – | perhaps a layer |\n' in told
    assert "| `nodes` | int, may be empty | their \\*number\\* |\n" in told
    assert "Shown as a graph.\n\nNotes\\_of\\_mine.\n" in told
