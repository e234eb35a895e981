"""The report of two studies in one atlas: what it says, that it stores nothing, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mri
from mri_core.errors import StoreError, UsageError
from mri_core.store.store import Store
from mri_core.studies.names import give
from mri_core.studies.other_documents import OtherDocuments
from mri_core.studies.two_studies import compared_two
from tests.command import Mri
from tests.engines import Engine
from tests.ui.one_atlas import BEFORE, NAMES, in_atlas
from tests.ui.publishing.outline import Outline
from ui.publishing.report import comparison_text
from ui.reports.comparison_tables import found_table, found_told

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def paired(in_one_atlas: None, store: Store) -> str:
    """The report of a tuned model, with a sham run."""
    base, tuned, sham = (store.study(name) for name in ("placed-base", "placed-tuned", "placed-sham"))
    return comparison_text(store, base, tuned, shams=[sham])


@pytest.fixture(scope="module")
def unpaired(in_one_atlas: None, store: Store) -> str:
    return comparison_text(store, store.study("placed-base"), store.study("placed-others"))


def spoken(page: str) -> str:
    return " ".join(Outline(page).text.split())


def saved(page: str, name: str) -> list[dict[str, str]]:
    found = re.search(r'id="files">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return list(csv.DictReader(io.StringIO(json.loads(found[1])[name]["text"])))


def test_it_leads_with_how_much_moved_next_to_what_moves_for_no_reason(paired: str) -> None:
    text = spoken(paired)
    assert "placed-tuned against placed-base Up to 22% of the documents change their region (layer 2), and 4 of" in text
    assert "Beyond the sham runs +0.22 of the documents move in layer 2" in text
    assert "Sham runs, changed in a way that means nothing: placed-sham." in text
    assert "refits of the atlas; the model of placed-base under other conditions; sham runs. Only what" in text
    drift = saved(paired, "placed-tuned-against-placed-base-drift.csv")
    column = "Documents in another region: {} (share)"
    assert [float(row[column.format("placed-tuned")]) for row in drift] == pytest.approx([0, 0, 20 / 90, 20 / 90])
    assert float(drift[3][column.format("placed-floor (bfloat16)")]) == pytest.approx(1 / 90)
    assert float(drift[3][column.format("placed-sham (sham)")]) == pytest.approx(2 / 90)


def test_moves_and_changed_connections_are_in_it_with_every_test(paired: str) -> None:
    moves = saved(paired, "placed-tuned-against-placed-base-moves.csv")
    assert [(row["layer"], row["documents"], row["of"], row["back"]) for row in moves] == [
        ("block 2", "20", "30", "0"),
        ("block 3", "20", "30", "0"),
    ]
    assert {row["category"] for row in moves} == {NAMES[0]}
    tests = saved(paired, "placed-tuned-against-placed-base-tests.csv")
    assert {row["kind"] for row in tests} == {"regions", "connections", "moves"}
    changed = saved(paired, "placed-tuned-against-placed-base-connections.csv")
    found = [row for row in tests if row["kind"] == "connections" and float(row["q"]) <= 0.05]
    assert len(changed) == len(found) == 4


def test_its_methods_are_those_of_the_comparison(paired: str, unpaired: str) -> None:
    text = spoken(paired)
    assert "McNemar's exact test (McNemar 1947)" in text
    assert "2 documents" not in text
    assert "Documents were placed in the frozen atlas of the study placed-base" in text
    assert "1 run and 1 sham run were compared by their mean drift" in text
    assert "Mantel and Haenszel 1959" not in text
    text = spoken(unpaired)
    assert "by Fisher's exact test" in text
    assert "Mantel and Haenszel 1959" in text
    assert "McNemar" not in text


def test_other_documents_are_compared_category_by_category(unpaired: str) -> None:
    assert "connections differ between the corpora by more than chance, categories held constant" in spoken(unpaired)
    counts = saved(unpaired, "placed-others-against-placed-base-counts.csv")
    assert [row["category"] for row in counts] == [*NAMES, "all, categories held constant"]
    assert [int(row["differ"]) > 0 for row in counts] == [True, False, False, True]  # all of the first have moved


def test_that_categories_differ_is_told_only_where_it_was_tested(in_one_atlas: None, store: Store) -> None:
    compared = compared_two(store, store.study("placed-base"), store.study("placed-others"))
    assert isinstance(compared, OtherDocuments)
    of_all = len(compared.categories)
    names = dict.fromkeys(range(4), "")
    assert np.isnan(compared.contrast.interaction_q).all()  # as of groups
    assert "Woolf" not in found_told(compared)
    assert "unlike" not in found_table(compared, of_all, names)
    somewhere = np.where(np.arange(len(compared.contrast.q)) == 0, 0.5, np.nan)
    tested = replace(compared, contrast=replace(compared.contrast, interaction_q=somewhere))
    assert "Woolf" in found_told(tested)
    assert "unlike" in found_table(tested, of_all, names)


def test_commands_name_what_lay_in_memory_and_say_so(in_one_atlas: None, store: Store) -> None:
    base, place = store.study("placed-base"), json.dumps({"corpus": "memory://DataFrame-0123456789ab"})
    graph = in_atlas("placed-memory", BEFORE, 46, "3", atlas_of=base.id, parameters=place)
    store.write(graph)
    try:
        page = comparison_text(store, base, store.study("placed-memory"))
    finally:
        store.delete(graph.study)
    assert "placed-memory: The corpus was given from a notebook's memory: save it under the name" in spoken(page)


def test_both_studies_stand_side_by_side_with_the_commands_that_make_them(paired: str) -> None:
    page = Outline(paired)
    assert page.open == []
    assert len(page.named("main")) == len(page.named("h1")) == 1
    assert "mri compare placed-base placed-tuned --sham placed-sham" in page.text
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in page.named("a"):
        assert (link["href"] or "").removeprefix("#") in ids


def test_the_names_that_readers_gave_are_in_it(in_one_atlas: None, store: Store) -> None:
    base, tuned = store.study("placed-base"), store.study("placed-tuned")
    give(store, base, "L2/R1", name="a place of my own")
    page = comparison_text(store, store.study("placed-base"), tuned)
    give(store, base, "L2/R1", name="")
    first, _ = saved(page, "placed-tuned-against-placed-base-moves.csv")
    assert first["to"].startswith('R1: "a place of my own"')


def test_hostile_texts_end_no_element_and_only_our_script_may_run(paired: str, unpaired: str) -> None:
    for text in (paired, unpaired):
        page = Outline(text)
        assert len(page.named("script")) == 2
        assert "<script>document.title" not in page.script
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_the_command_writes_it_and_stores_nothing(mri: Mri, in_one_atlas: None, store: Store, tmp_path: Path) -> None:
    before = store.measures(store.study("placed-tuned"))
    file = tmp_path / "compared.html"
    assert mri("report", "placed-base", "placed-tuned", "-o", file).done().out == f"Wrote {file}.\n"
    assert "placed-tuned against placed-base" in file.read_text("utf-8")
    assert store.measures(store.study("placed-tuned")) == before


def test_a_notebook_writes_the_same(
    in_one_atlas: None, store: Store, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "compared.html"
    assert mri.report("placed-base", file, other="placed-tuned", store=engine.location) == file
    assert file.read_text("utf-8") == comparison_text(store, store.study("placed-base"), store.study("placed-tuned"))
    with pytest.raises(UsageError, match="No other study is named"):
        mri.report("placed-base", file, shams=["placed-sham"], store=engine.location)


def test_what_cannot_be_compared_is_one_line_and_leaves_no_file(mri: Mri, in_one_atlas: None, tmp_path: Path) -> None:
    file = tmp_path / "compared.html"
    told = mri("report", "placed-base", "placed-others", "--sham", "placed-sham", "-o", file).refusal()
    assert "Runs are compared on the same documents" in told
    assert "No study is called 'none'" in mri("report", "placed-base", "none", "-o", file).refusal()
    assert "belong to a comparison" in mri("report", "placed-base", "--sham", "placed-sham", "-o", file).refusal()
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_is_changed_meanwhile_gives_no_report(in_one_atlas: None, store: Store) -> None:
    base, tuned = store.study("placed-base"), store.study("placed-tuned")
    with pytest.raises(StoreError, match="read in one state"):
        comparison_text(store, base, replace(tuned, revision=tuned.revision - 1))
