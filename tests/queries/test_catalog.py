"""The catalogue holds the project's questions and the user's, under names that are theirs alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mri_core.errors import QueryError, UsageError
from queries.catalog import ENVIRONMENT, OWN, load_catalog
from queries.template import GROUPS

FIRST_TEN = {
    "studies": [],
    "layers": ["study"],
    "regions": ["study"],
    "hubs": ["study"],
    "drivers": ["study", "region"],
    "exclusive-connections": ["study", "category"],
    "compare-categories": ["study", "category", "versus"],
    "strongest-route": ["study", "category"],
    "documents-of-region": ["study", "region"],
    "documents-of-connection": ["study", "source", "target"],
}
OPTIONAL = {"layer", "category", "limit"}  # of layers, regions and hubs
QUESTION = """\
// title: How many nodes
// group: motifs
// question: How many?
// returns: nodes int their number

MATCH (n) RETURN count(n) AS nodes
"""


def folder_of(path: Path, *names: str) -> Path:
    path.mkdir()
    for name in names:
        (path / f"{name}.cypher").write_text(QUESTION)
    return path


@pytest.mark.parametrize("name", FIRST_TEN)
def test_the_first_ten_questions_require_what_the_design_says(name: str) -> None:
    template = load_catalog(environment={}).get(name)
    assert [p.name for p in template.parameters if p.required] == FIRST_TEN[name]
    if name in ("layers", "regions", "hubs"):
        assert {p.name for p in template.parameters if not p.required} >= OPTIONAL


def test_every_question_of_the_project_shows_how_to_ask_for_ready_studies() -> None:
    for template in load_catalog(environment={}):
        assert "status: 'ready'" in template.statement, template.name
        assert "status: 'ready'" in template.notes, template.name


def test_every_question_of_the_project_has_an_order() -> None:
    for template in load_catalog(environment={}):
        assert "\nORDER BY " in template.statement, template.name


def test_what_is_read_without_context_says_what_it_is_of_tokens() -> None:
    told = {column.name: column.description for column in load_catalog(environment={}).get("probes").returns}
    assert [name for name, text in told.items() if "; of tokens " in text] == ["control", "embeddings", "words"]


def test_questions_are_listed_by_group_and_name() -> None:
    listed = [(GROUPS.index(template.group), template.name) for template in load_catalog(environment={})]
    assert listed == sorted(listed)
    assert len(listed) == len(list(OWN.glob("*.cypher")))


def test_the_catalogue_can_be_told_as_json() -> None:
    rows = json.loads(json.dumps(load_catalog(environment={}).catalogue()))
    assert all(list(row) == ["name", "title", "question", "group", "parameters"] for row in rows)
    hubs = next(row for row in rows if row["name"] == "hubs")
    assert hubs["parameters"] == [
        {"name": "study", "type": "study", "required": True, "default": None},
        {"name": "layer", "type": "layer", "required": False, "default": None},
        {"name": "category", "type": "category", "required": False, "default": None},
        {"name": "by", "type": "string", "required": False, "default": "strength"},
        {"name": "limit", "type": "int", "required": False, "default": 20},
    ]


def test_an_unknown_question_is_told_with_near_names() -> None:
    with pytest.raises(UsageError, match=r"No question is called 'driver'. Near names: drivers"):
        load_catalog(environment={}).get("driver")


def test_folders_of_the_user_are_read_from_the_argument_and_the_environment(tmp_path: Path) -> None:
    given, named, also = (folder_of(tmp_path / name, f"ask-{name}") for name in ("given", "named", "also"))
    catalog = load_catalog([given], environment={ENVIRONMENT: f"{named}{os.pathsep}{also}"})
    named_so = [template.name for template in catalog if template.name.startswith("ask-")]
    assert named_so == ["ask-also", "ask-given", "ask-named"]


def test_a_folder_named_twice_is_read_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "mine")
    catalog = load_catalog([folder, folder / ".." / "mine"], environment={ENVIRONMENT: str(folder)})
    assert catalog.get("mine").title == "How many nodes"


def test_a_question_of_the_user_does_not_hide_one_of_ours(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "hubs")
    with pytest.raises(QueryError, match="A name belongs to one question") as caught:
        load_catalog([folder], environment={})
    assert str(OWN / "hubs.cypher") in str(caught.value)
    assert str(folder / "hubs.cypher") in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.write_text(""), "Not a directory"),
        (lambda path: path.mkdir(), "has none"),
    ],
)
def test_a_folder_without_questions_is_one_line(tmp_path: Path, make, message: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "mine")
    with pytest.raises(UsageError, match=f"A folder of questions holds .cypher files.*{message}") as caught:
        load_catalog([tmp_path / "mine"], environment={})
    assert "\n" not in str(caught.value)


def test_a_bad_question_of_the_user_is_told_with_its_line(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "mine")
    (folder / "mine.cypher").write_text(QUESTION.replace("AS nodes", "AS n"))
    with pytest.raises(QueryError, match=r"mine\.cypher:4: The statement does not return the column nodes"):
        load_catalog([folder], environment={})


def test_reading_questions_imports_nothing_heavy() -> None:
    program = (
        "import sys, queries.catalog, queries.runner; queries.catalog.load_catalog()\n"
        "print(*sorted({'numpy', 'torch', 'pandas', 'neo4j', 'transformers'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
