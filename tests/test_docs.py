"""What the documentation names is there: commands with their options, questions, files, anchors, names of Python."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import mri
from docs import build
from tests.questions import CATALOG
from ui.cli.main import cli

ROOT = build.ROOT
PAGES = [*sorted(build.DOCS.rglob("*.md")), *build.ELSEWHERE]
NOT_TYPED = {"CHANGELOG.md", "queries.md"}  # what was there once; usage lines, which are made from the questions
WRITTEN = [page for page in PAGES if page.name not in NOT_TYPED]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", flags=re.MULTILINE | re.DOTALL)
ENDS = {"|", "||", "&&", ";", "&", ">"}
LEFT_OUT = re.compile(r"…|\.\.\.|\[")  # a line that is not written to be typed as it stands


def blocks(page: Path, language: str) -> list[str]:
    return [text for named, text in BLOCK.findall(page.read_text(encoding="utf-8")) if named == language]


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of every call of `mri` in the page's shell blocks."""
    for text in blocks(page, "sh"):
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            starts = [i for i, word in enumerate(words) if word == "mri"]
            for start in starts:
                call = words[start + 1 :]
                end = next((i for i, word in enumerate(call) if word in ENDS), len(call))
                yield call[:end]


CALLS = [
    pytest.param(call, id=f"{page.relative_to(ROOT)}: mri {' '.join(call)}"[:110])
    for page in WRITTEN
    for call in commands(page)
]


@pytest.mark.parametrize("call", CALLS)
def test_a_command_that_a_page_shows_can_be_typed(call: list[str]) -> None:
    if LEFT_OUT.search(" ".join(call)):
        check_flags(call)
    elif call[:1] == ["query"] and len(call) > 1:
        check_question(call[1:])
    else:
        found, arguments = command_of(call)
        found.make_context("mri", arguments)  # types, choices and what is required


def command_of(call: list[str]) -> tuple[click.Command, list[str]]:
    """The command that a call names, and its arguments; a name that is not there raises."""
    found: click.Command = cli
    while isinstance(found, click.Group) and call and not call[0].startswith("-"):
        inner = found.get_command(click.Context(found), call[0])
        assert inner is not None, call
        found, call = inner, call[1:]
        if found.name == "query":
            break
    return found, call


def check_flags(call: list[str]) -> None:
    found, arguments = command_of(call)
    known = {flag for parameter in found.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in arguments if word.startswith("--")} <= known | {"--help"}


def check_question(call: list[str]) -> None:
    name, flags = call[0], {word for word in call if word.startswith("--")}
    if name.isupper() or name == "mine":  # a placeholder, or a question of the reader's
        return
    own = {parameter.option for parameter in CATALOG.get(name).parameters} if not name.startswith("--") else set()
    assert flags <= own | {"--study", "--store", "--timeout", "--max-rows", "--format", "--queries", "--help"}


def test_commands_are_found_in_pages() -> None:
    assert len(CALLS) > 80
    assert list(commands(build.DOCS / "how-to" / "groups.md"))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_named_in_the_text_of_a_page_are_options_of_a_command(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for words in re.findall(r"`mri ([a-z]+ [^`]*--[^`]*)`", prose):
        call = words.split()
        if call[0] == "query":
            check_question(call[1:])
        else:
            check_flags(call)


def slugs(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#{1,6} (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_and_headings_as_github_names_them(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in build.LINK.finditer(text):
        target = page.parent / link["file"]
        assert target.is_file(), link[0]
        if link["anchor"] and target.name != "python.md":  # whose anchors are made from docstrings
            assert link["anchor"][1:] in slugs(target), link[0]
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in slugs(page) or page.name == "python.md", anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(build.ROOT)))
def test_a_heading_stands_apart_or_the_site_makes_it_a_row_of_the_table_before(page: Path) -> None:
    parts = build.FENCED.split(page.read_text("utf-8"))[::2]
    assert [found for part in parts for found in re.findall(r"[^\n]\n(#{1,6} .*)", part)] == []


def test_every_page_stands_once_in_the_navigation() -> None:
    def pages(entry: Any) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        else:
            for inner in entry.values() if isinstance(entry, dict) else entry:
                yield from pages(inner)

    listed = sorted(pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    found = [*build.DOCS.rglob("*.md"), *(book.with_suffix(".md") for book in build.DOCS.rglob("*.ipynb"))]
    there = [page.relative_to(build.DOCS).as_posix() for page in found]
    assert listed == sorted([*there, *build.ELSEWHERE.values()])


def test_the_page_of_python_has_every_public_name() -> None:
    text = (build.DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^::: mri\.(\w+)$", text, flags=re.MULTILINE)) == sorted(mri.__all__)


def test_links_are_turned_to_where_the_site_has_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "GATHERED", tmp_path)
    text = (
        "[a](../method.md#cause) [b](../../README.md) [c](#here) [d](https://e.org/f.md)\n```\n[e](../method.md)\n```\n"
    )
    assert build.turned(text, build.DOCS / "reference" / "cli.md") == text.replace("../../README.md", "../index.md")
    start = build.turned("![p](docs/scan.png) [q](CONTRIBUTING.md#releases)", ROOT / "README.md")
    assert start == "![p](scan.png) [q](contributing.md#releases)"
    source = build.turned("[s](rwkv-with-offloaded-weights.sh)", ROOT / "findings" / "README.md")
    assert source == "[s](source/findings/rwkv-with-offloaded-weights.sh.txt)"
    assert (tmp_path / source[4:-1]).read_bytes() == (ROOT / "findings" / "rwkv-with-offloaded-weights.sh").read_bytes()


def test_links_of_the_site_that_lead_nowhere_are_reported(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.html").write_text('<a href="in/b.html#c">1</a> <a href="in/b.html#no">2</a> <img src="no.png">')
    (tmp_path / "in" / "b.html").write_text(
        '<h1 id="c"><a href="#c">3</a> <a href="..">4</a> <a href="https://e.org">5</a>'
        '<script src="//e.org/x.js"></script>'
    )
    (tmp_path / "404.html").write_text('<a href="/no">6</a>')
    assert list(build.broken_links(tmp_path)) == [
        "a.html: in/b.html#no",
        "a.html: no.png",
        "in/b.html: ..",
        "in/b.html: //e.org/x.js is loaded from elsewhere",
    ]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the Python of the how-to pages on groups and on pieces was run."""
    monkeypatch.chdir(tmp_path)
    for page in ("groups", "long-documents"):
        for block in blocks(build.DOCS / "how-to" / f"{page}.md", "python"):
            exec(block, {})
    return tmp_path


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_pieces_are_whole_sentences_of_one_document_and_lose_no_word(made: Path) -> None:
    documents, pieces = rows(made / "long.csv"), rows(made / "pieces.csv")
    for document in documents:
        own = [row for row in pieces if row["document"] == document["id"]]
        assert " ".join(row["text"] for row in own).split() == document["text"].split()
        assert {row["label"] for row in own} == {document["label"]}
        lengths = [len(row["text"].split()) for row in own]
        assert max(lengths) <= 200
        assert min(lengths) > 0.6 * max(lengths)
        assert all(row["text"].endswith((".", "!", "?")) for row in own)


def test_groups_of_the_page_have_one_label_each(made: Path) -> None:
    labels: dict[str, set[str]] = {}
    for row in rows(made / "columns.csv"):
        labels.setdefault(row["author"], set()).add(row["label"])
    assert len(labels) == 16
    assert all(len(own) == 1 for own in labels.values())
