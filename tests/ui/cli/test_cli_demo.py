"""A newcomer's first command: the demo corpus through a real model, told in words; then nothing changes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.store.store import Store
from tests.command import Mri, Result
from tests.models import save_tiny
from tests.planted import HOSTILE

pytestmark = pytest.mark.model
MODELISH = {"torch", "transformers", "sklearn"}


@pytest.fixture(scope="module")
def demo(mri: Mri) -> Iterator[Result]:
    yield mri("demo").done()
    mri("delete", "demo", "--yes").done()


def test_the_demo_tells_on_one_screen_what_it_found_how_far_to_trust_it_and_what_is_next(demo: Result) -> None:
    for told in (
        "demo: 300 documents of demo.csv in 6 categories, read by minilm",
        "connections differ between the categories by more than chance (q <= 0.05), three of them:",
        " 3. ",
        "Found again: ",
        "Controls: not run (shuffled labels, random blocks)",
        "Warnings: ",
        "mri ui",
        "topic ",
        "register ",
        "mri ingest your.csv --name yours",
    ):
        assert told in demo.out
    assert len(demo.out.strip().splitlines()) <= 30
    assert all(line.isprintable() for line in demo.out.split("\n"))


def test_what_is_shown_of_it_takes_twenty_lines_at_the_most(demo: Result, mri: Mri) -> None:
    lines = mri("show", "demo").done().out.splitlines()
    assert len(lines) <= 20
    assert all(len(line) <= 100 for line in lines)
    assert demo.out.strip().splitlines()[: len(lines)] == lines


def test_the_commands_it_proposes_run(demo: Result, mri: Mri) -> None:
    proposed = re.findall(r"\bmri ((?:show|compare) .*?) +#", demo.out)
    assert len(proposed) == 2
    for words in proposed:
        assert len(mri(*words.split()).done().out.splitlines()) > 20


@pytest.mark.slow
def test_a_second_demo_says_at_once_that_nothing_changed(demo: Result, mri: Mri, tmp_path: Path) -> None:
    again = mri("demo").done()
    assert again.out.startswith("Nothing changed: demo (demo-")
    assert not MODELISH & mri.imports(tmp_path, "demo")


def test_the_structure_of_the_corpus_is_found(demo: Result, store: Store) -> None:
    """In the last layer each region holds one topic and register: the majority of each speaks for nearly all texts."""
    rows = store.read(
        "MATCH (r:Region {layer: 6})-[a:ACTIVATED_BY {study: $study}]->(:Category) RETURN r.name, a.documents",
        {"study": store.study("demo").id},
    ).rows
    largest: dict[str, int] = {}
    for region, documents in rows:
        largest[region] = max(documents, largest.get(region, 0))
    assert sum(largest.values()) >= 0.9 * 300


@pytest.mark.slow
def test_the_demo_does_not_take_the_place_of_a_study_of_other_texts(tmp_path: Path, mri: Mri) -> None:
    apart = Mri(tmp_path / "store", mri.cache)
    rows = tmp_path / "own.csv"
    rows.write_text("text,label\n" + "".join(f"number {i} of all,{'ab'[i % 2]}\n" for i in range(30)), encoding="utf-8")
    own = apart("ingest", rows, "--name", "demo", "--model", save_tiny("gpt2", tmp_path / "m"), "--json").done().json
    assert "own.csv" in apart("demo").refusal()
    assert [study["id"] for study in apart("studies", "--json").done().json] == [own["study"]]
    apart("store", "stop").done()


def test_hostile_texts_go_through_a_model_and_come_back(mri: Mri, tmp_path: Path, tidy: None) -> None:
    rows = [(HOSTILE[i % 4], f"{text} {i}") for i, text in enumerate(HOSTILE * 5)]
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("label", "text"), *rows])
    result = mri("ingest", tmp_path / "c.csv", "--name", "h", "--model", save_tiny("llama", tmp_path / "m"), "--json")
    assert result.done().json["documents"] == len(rows)
    asked = "MATCH (d:Document)-[:IN_CATEGORY]->(c:Category) WHERE d.study STARTS WITH 'h-' "
    asked += "RETURN c.name AS label, d.excerpt AS text ORDER BY d.ordinal"
    found = mri("cypher", asked, "--format", "json").done().json
    shown = [" ".join(text.replace("http://example.invalid", "…").split()) for _, text in rows]
    assert found == [{"label": label, "text": text} for (label, _), text in zip(rows, shown, strict=True)]
    assert json.loads(result.out)["categories"] == 4
