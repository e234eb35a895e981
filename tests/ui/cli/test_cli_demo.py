"""A newcomer's first command: the demo corpus through a real model, told in words; then nothing changes."""

from __future__ import annotations

import csv
import json
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


def test_the_demo_tells_its_documents_layers_differences_and_what_is_next(demo: Result) -> None:
    for told in (
        "demo: 300 documents of demo.csv in 6 categories,",
        "read by minilm",
        "law-technical",
        "divergence",
        "Findings, the most stable first",
        "mri ui",
        "mri ingest your.csv --name yours",
    ):
        assert told in demo.out
    assert all(line.isprintable() for line in demo.out.split("\n"))


def test_the_questions_it_proposes_can_be_asked(demo: Result, mri: Mri) -> None:
    proposed = [line.split() for line in demo.out.splitlines() if line.strip().startswith("mri query ")]
    assert len(proposed) >= 1
    for words in proposed:
        assert len(mri(*words[1:]).done().out.splitlines()) > 3


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
