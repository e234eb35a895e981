"""The report of a study: what it holds, in which order, and that texts stay texts in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mri_core.errors import StoreError
from mri_core.store.store import Store
from tests.command import Mri
from tests.ui.publishing.outline import Outline
from ui.publishing.report import report, report_text

pytestmark = pytest.mark.engine
Reports = Callable[[str], Path]
STUDIES = ["reported", "report-hostile", "report-placed", "report-unfound", "report-moving", "report-both"]


@pytest.mark.parametrize("study", STUDIES)
def test_a_report_is_one_well_formed_page_whose_names_are_its_own(report_of: Reports, study: str) -> None:
    page = Outline(report_of(study).read_text("utf-8"))
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("href", "aria-labelledby", "for", "data-copy"):
            target = attributes.get(name)
            if target is not None and not target.startswith("data:image/png"):  # the scale of a heatmap
                assert target.removeprefix("#") in ids
    assert len(page.named("main")) == len(page.named("h1")) == 1
    assert all(attributes.get("aria-label") for attributes in page.named("svg"))
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.named("th"))
    assert len(page.named("caption")) == len(page.named("table"))


@pytest.mark.parametrize("study", STUDIES)
def test_nothing_is_loaded_from_anywhere_and_only_our_script_may_run(report_of: Reports, study: str) -> None:
    page = Outline(report_of(study).read_text("utf-8"))
    (policy,) = [m["content"] or "" for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src 'sha256-" in policy
    assert [attributes for attributes in page.named("script") if "src" in attributes] == []
    assert not {"link", "iframe", "object", "embed", "base", "img", "form"} & {name for name, _ in page.elements}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_quality_stands_before_results(report_of: Reports) -> None:
    page = Outline(report_of("reported").read_text("utf-8"))
    sections = [attributes["id"] for attributes in page.named("section")]
    top = ["scanned", "trust", "controls", "findings", "graph", "figures", "cause", "methods", "data", "provenance"]
    assert [key for key in sections if key in top] == top


def test_the_study_s_numbers_warnings_and_interventions_are_in_it(report_of: Reports) -> None:
    text = " ".join(Outline(report_of("reported").read_text("utf-8")).text.split())
    assert "60 documents of planted.csv in 3 categories" in text
    assert "40 of 90 connections differ between the categories" in text
    assert "Few documents: animal (20), mineral (20), plant (20)." in text
    assert "Erasing L0/R1" in text
    assert "No mechanism" not in text


def test_a_placed_study_has_the_confirmation_and_the_comparison(report_of: Reports) -> None:
    text = " ".join(Outline(report_of("report-placed").read_text("utf-8")).text.split())
    assert "2 of 3 findings of frozen replicate here." in text
    assert "1 of 9 connections changed by more than chance" in text
    assert "Compared with frozen" in text
    assert "In the atlas of frozen." in text


def test_the_study_whose_findings_were_tested_on_other_documents_says_how_that_came_out(report_of: Reports) -> None:
    text = " ".join(Outline(report_of("frozen").read_text("utf-8")).text.split())
    assert "Confirmation 2 of 3 findings replicate on 60 other documents (report-" in text
    assert "Confirmation" not in Outline(report_of("reported").read_text("utf-8")).text


def test_where_nothing_is_found_that_is_said_and_nothing_was_tested_too(report_of: Reports) -> None:
    assert "No connection is taken by a category more" in Outline(report_of("report-unfound").read_text("utf-8")).text
    whole = "different regions"
    assert Outline(report_of("report-unfound").read_text("utf-8")).text.count(whole) == 1
    moving = Outline(report_of("report-moving").read_text("utf-8"))
    assert "Nothing was tested: shares are descriptive." in moving.text
    assert not any(attributes.get("id") == "graph" for attributes in moving.named("section"))


def test_q_and_how_often_a_finding_is_found_again_stand_before_its_words(report_of: Reports) -> None:
    page = report_of("reported").read_text("utf-8")
    table = page[page.index("The first findings") :]
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", table[: table.index("</thead>")])
    assert heads[:4] == ["category", "finding", "q", "found again"]
    assert heads[-2:] == ["from", "to"]


@pytest.mark.parametrize("study", STUDIES)
def test_no_column_is_there_for_controls_that_did_not_run(report_of: Reports, study: str) -> None:
    found = re.search(r'id="files">(.*?)</script>', report_of(study).read_text("utf-8"), re.DOTALL)
    assert found is not None
    file = json.loads(found[1]).get(f"{study}-controls.csv")
    rows = list(csv.DictReader(io.StringIO(file["text"]))) if file else []
    assert [name for name in rows[0] if not any(row[name] for row in rows)] == [] if rows else True


def test_a_page_says_whether_it_shows_texts(report_of: Reports) -> None:
    text = Outline(report_of("report-unfound").read_text("utf-8")).text
    assert "It shows no texts." in text
    assert "It shows excerpts" in Outline(report_of("reported").read_text("utf-8")).text


def test_what_a_kind_of_study_cannot_have_is_named(report_of: Reports) -> None:
    text = " ".join(Outline(report_of("report-moving").read_text("utf-8")).text.split())
    assert "Cannot be checked: refits. Components hold no documents" in text
    assert "no refits" not in text
    assert "<=" not in text


def test_the_files_of_the_page_are_whole_tables(report_of: Reports) -> None:
    page = Outline(report_of("reported").read_text("utf-8"))
    found = re.search(r'id="files">(.*?)</script>', report_of("reported").read_text("utf-8"), re.DOTALL)
    assert found is not None
    files = json.loads(found[1])
    saved = {attributes["data-file"] for attributes in page.named("button") if "data-file" in attributes}
    assert saved <= files.keys()
    regions = list(csv.DictReader(io.StringIO(files["reported-regions.csv"]["text"])))
    assert len(regions) == 12
    assert {row["region"] for row in regions if row["layer"] == "0"} == {"L0/R0", "L0/R1", "L0/R2"}
    assert files["references.bib"]["text"].startswith("@")


def test_hostile_texts_end_no_element(report_of: Reports) -> None:
    page = Outline(report_of("report-hostile").read_text("utf-8"))
    assert len(page.named("script")) == 2
    assert "owned" in page.text
    assert "<script>document.title" not in page.script


def test_the_same_study_gives_the_same_bytes(report_of: Reports, store: Store, tmp_path: Path) -> None:
    report(store, "reported", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == report_of("reported").read_bytes()


def test_the_command_writes_it_over_what_is_there_and_leaves_nothing_besides(
    mri: Mri, reported: None, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    for _ in range(2):
        assert mri("report", "report-unfound", "-o", file).done().out == f"Wrote {file}.\n"
    file.write_text("something else")
    mri("report", "report-unfound", "-o", file, "--replace").done()
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == [file]


def test_a_wrong_name_a_wrong_ending_and_a_missing_folder_are_said(mri: Mri, reported: None, tmp_path: Path) -> None:
    assert "Name it report.html" in mri("report", "reported", "-o", tmp_path / "report.pdf").refusal()
    assert "No study is called 'report'" in mri("report", "report", "-o", tmp_path / "report.html").refusal()
    assert "Name it report.html" in mri("report", "reported", "-o", tmp_path / ".html").refusal()
    assert "There is no folder" in mri("report", "reported", "-o", tmp_path / "none" / "report.html").refusal()
    (tmp_path / "thesis.html").write_text("<!DOCTYPE html><title>My thesis</title>")
    assert "thesis.html holds something else" in mri("report", "reported", "-o", tmp_path / "thesis.html").refusal()
    assert "No file is named" in mri("report", "reported", "-o", "").refusal()
    assert (
        f"is a folder. Name a file in it: {tmp_path}/report.html" in mri("report", "reported", "-o", tmp_path).refusal()
    )
    (tmp_path / "folder.html").mkdir()
    assert "is a folder" in mri("report", "reported", "-o", tmp_path / "folder.html").refusal()


def test_a_study_with_findings_and_a_confirmation_draws_both(report_of: Reports) -> None:
    ids = {
        attributes["id"]
        for _, attributes in Outline(report_of("report-both").read_text("utf-8")).elements
        if "id" in attributes
    }
    assert {"forest-figure_1", "confirmation-forest-figure_1"} <= ids


def test_a_study_that_is_changed_while_it_is_read_gives_no_report(reported: None, store: Store) -> None:
    of = store.study("reported")
    with pytest.raises(StoreError, match="read in one state"):
        report_text(store, replace(of, revision=of.revision - 1))
