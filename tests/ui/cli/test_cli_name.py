"""`mri name`: what readers say of regions is given, listed, shown, and never lost without a word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_graph, with_evidence

pytestmark = pytest.mark.engine


@pytest.fixture
def study(store: Store) -> Iterator[str]:
    graph = with_evidence(planted_graph("called", seed=83))
    store.write(graph)
    yield "called"
    store.delete(graph.study)


def test_a_name_and_a_note_are_given_changed_listed_and_taken_away(mri: Mri, study: str) -> None:
    empty = mri("name", study).done().out
    assert empty == 'No region of called has a name or a note. Give one: mri name called REGION "NAME"\n'
    given = mri("name", study, "L1/R0", "night sky", "--note", "stars\nand planets").done().out
    assert given == 'L1/R0 of called now has the name "night sky" and the note "stars and planets".\n'
    changed = mri("name", study, "L1/R0", "stars").done().out
    assert 'Before: the name "night sky" and the note "stars and planets".' in " ".join(changed.split())
    mri("name", study, "L2/R1", "--note", HOSTILE[1]).done()
    listed = mri("name", study, "--json").done().json
    assert [(row["region"], row["name"], row["note"]) for row in listed] == [
        ("L1/R0", "stars", "stars\nand planets"),
        ("L2/R1", None, HOSTILE[1]),
    ]
    assert "stars" in mri("name", study).done().out
    gone = mri("name", study, "L1/R0", "--remove").done().out
    assert gone.startswith("L1/R0 of called now has no name and no note. Before: ")
    assert (
        "Taken away from called:\n  L2/R1: no name and the note" in mri("name", study, "--remove", "--yes").done().out
    )
    assert mri("name", study, "--json").done().json == []


def test_what_cannot_be_a_name_is_refused_in_a_line(mri: Mri, study: str) -> None:
    assert "up to 80 characters" in mri("name", study, "L1/R0", "x" * 81).refusal()
    assert "characters that are printed" in mri("name", study, "L1/R0", "a\u202eb").refusal()
    assert "No region is called 'L1/R77'" in mri("name", study, "L1/R77", "sky").refusal()
    assert "No region is called 'L1/R77'" in mri("name", study, "L1/R77").refusal()
    assert "None is named" in mri("name", study, "--note", "x").refusal()
    assert "Leave one of them out" in mri("name", study, "L1/R0", "sky", "--remove").refusal()
    assert "--from takes over all" in mri("name", study, "L1/R0", "--from", study).refusal()
    assert "is the study itself" in mri("name", study, "--from", study).refusal()
    assert "There is no terminal" in (
        mri("name", study, "L1/R0", "sky").done() and mri("name", study, "--remove").refusal()
    )
    assert mri("name", study, "--json").done().json[0]["name"] == "sky"


def test_a_named_region_is_shown_with_its_name_wherever_it_is_told(mri: Mri, study: str, store: Store) -> None:
    found = mri("query", "findings", study, "--format", "json").done().json[0]
    region = found["source"].partition("/")[2]
    mri("name", study, region, "night sky", "--note", "of stars").done()
    assert f'{region} "night sky"' in mri("query", "findings", study).done().out
    facts = mri("show", study, "--full", "--json").done().json
    assert {row["source_reader_name"] for row in facts["findings"] if row["source"] == found["source"]} == {"night sky"}
    assert [(row["region"], row["reader_note"]) for row in facts["names"]] == [(found["source"], "of stars")]
    told = mri("show", study, "--full").done().out
    assert f'{region} ("night sky", ' in told
    assert "of stars" in told
    rows = mri("query", "regions", study, "--format", "json").done().json
    assert {row["region"]: row["reader_name"] for row in rows if row["reader_name"]} == {found["source"]: "night sky"}
    assert all(row["region"].startswith("called-") for row in rows)


def test_without_names_an_answer_has_no_column_of_them(mri: Mri, study: str) -> None:
    assert "reader_name" not in mri("query", "regions", study).done().out
    assert "Names and notes" not in mri("show", study, "--full").done().out


def test_a_report_and_an_export_have_the_names_as_text(mri: Mri, study: str, tmp_path: Path) -> None:
    mri("name", study, "L1/R0", HOSTILE[1], "--note", HOSTILE[6]).done()
    mri("report", study, "-o", tmp_path / "report.html").done()
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Names and notes" in page
    assert HOSTILE[1] not in page
    assert HOSTILE[6] not in page
    mri("export", study, "json", "-o", tmp_path / "study.json").done()
    nodes = json.loads((tmp_path / "study.json").read_text("utf-8"))["nodes"]
    named = [node for node in nodes if "reader_name" in node]
    assert [(node["reader_name"], node["reader_note"]) for node in named] == [(HOSTILE[1], HOSTILE[6])]
    assert {node["node_type"] for node in nodes} == {"Study", "Layer", "Category", "Region", "Document"}


def test_names_are_taken_over_from_a_study_in_the_same_atlas(mri: Mri, store: Store) -> None:
    graphs = [planted_graph(f"atlas-{name}", atlas_hash="c" * 64) for name in ("one", "two")]
    for graph in graphs:
        store.write(graph)
    mri("name", "atlas-one", "L1/R0", "night sky").done()
    taken = mri("name", "atlas-two", "--from", "atlas-one").done().out
    assert taken == "1 region of atlas-two named as in atlas-one.\n"
    assert mri("name", "atlas-two", "--json").done().json == mri("name", "atlas-one", "--json").done().json
    assert "Unchanged" in mri("name", "atlas-two", "--from", "atlas-one").done().out
    for graph in graphs:
        store.delete(graph.study)
