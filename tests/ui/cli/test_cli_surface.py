"""The whole of the command line: what it imports to answer, and that its reference page tells all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import planted_graph
from ui.cli import reference
from ui.cli.main import cli
from ui.wording.commands import COMMANDS

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
LIGHT = [
    ("--help",),
    *((name, "--help") for name in COMMANDS if name != "doctor"),
    ("studies",),
    ("studies", "--json"),
    ("show", "surface"),
    ("show", "surface", "--full"),
    ("query",),
    ("query", "--format", "json"),
    ("query", "layers", "--study", "surface"),
    ("query", "strongest-route", "--study", "surface", "--category", "plant", "--format", "csv"),
    ("cypher", "MATCH (s:Study) RETURN s.name"),
    ("store", "status"),
    ("delete", "brief", "--yes"),
]
HEAVY = {"torch", "transformers", "sklearn", "scipy", "datasets", "streamlit"}  # the driver itself imports pandas


@pytest.fixture(scope="module")
def planted(store: Store) -> Iterator[str]:
    graph = planted_graph("surface", seed=73, report='{"skipped": {"without_text": 0, "without_label": 0}}')
    store.write(graph)
    yield "surface"
    store.delete(graph.study)


def test_commands_that_need_no_model_import_nothing_heavy(mri: Mri, planted: str, store: Store, tmp_path: Path) -> None:
    store.write(planted_graph("brief", seed=74))
    told = mri.imports_of(tmp_path, LIGHT)  # one after the other: what one imports is there for all after it
    assert {
        " ".join(light): HEAVY & modules for light, modules in zip(LIGHT, told, strict=True) if HEAVY & modules
    } == {}


def commands(command: click.Command, name: str = "mri") -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, but for the questions, which tell themselves."""
    yield name, command
    if isinstance(command, click.Group) and name != "mri query":
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from commands(found, f"{name} {child}")


ALL = dict(commands(cli))


def test_the_help_says_which_document_a_name_is_of(mri: Mri) -> None:
    asked = " ".join(mri("query", "route-of-document", "--help").done().out.split())
    assert "document to follow: its place in the corpus (D12) or its own id there; a name that fits two is" in asked
    explained = " ".join(mri("explain", "--help").done().out.split())
    assert "A document of the study, by its id, its place or its own id in the corpus." in explained


def test_every_command_is_listed_in_its_help_with_what_it_does(mri: Mri) -> None:
    shown = mri("--help").done().out
    assert all(f"  {name} " in shown for name in COMMANDS)
    for name in ALL:
        assert mri(*name.split()[1:], "--help").done().out.startswith(f"Usage: {name}")


@pytest.mark.parametrize("name", [name for name in ALL if name != "mri"])
def test_the_reference_page_has_the_command_and_all_its_options(name: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    head = " ".join(name.split()[:2])
    (section,) = re.findall(rf"^## `{head}\b.*?(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert name in section
    for parameter in ALL[name].params:
        if isinstance(parameter, click.Option):
            (option,) = (flag for flag in parameter.opts if flag.startswith("--"))
            assert re.search(rf"{option}(?![\w-])", section), f"{name} {option}"
        else:
            assert parameter.human_readable_name in section


def test_tables_that_are_made_from_the_options_are_as_they_would_be_made_now() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert reference.page(text) == text, f"write it anew: {reference.COMMAND}"


def flags(parameter: click.Parameter) -> list[str]:
    """All spellings of an option, those that turn it off among them."""
    return [*parameter.opts, *parameter.secondary_opts]


def test_the_reference_page_names_no_option_that_is_not_there() -> None:
    text = REFERENCE.read_text(encoding="utf-8").split("## JSON")[0]
    known = {flag for command in ALL.values() for parameter in command.params for flag in flags(parameter)}
    questions = {"--study", "--timeout", "--max-rows", "--help"}
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= known | questions
