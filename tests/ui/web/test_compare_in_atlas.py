"""Two studies in one atlas on the page Compare, on a real store: what moved, what changed, and other documents."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.corpus import excerpt
from mri_core.store.store import Store
from tests.planted import HOSTILE
from tests.ui.one_atlas import (
    BEFORE,
    MARGINS,
    NAMES,
    TEXTS,
    in_atlas,
)
from tests.ui.page import box, opened, press, words
from ui.web.state.beside import Beside, read, write
from ui.web.tabs import two_studies


def compare(**address: str) -> AppTest:
    return opened("compare.py", **{"study": "placed-base", "tab": "studies", "other": "placed-tuned"} | address)


def table(page: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in page.dataframe if column in frame.value)


def test_studies_in_one_atlas_come_first_whatever_they_read(in_one_atlas: None, on_page_store: None) -> None:
    page = compare(study="placed-tuned", other="")
    assert box(page, "Beside").options[0] == "placed-base"  # whose atlas it is
    assert "placed-others" in box(page, "Beside").options
    assert "page" not in box(page, "Beside").options[:4]


def test_the_headline_tells_what_moved_and_what_changed(in_one_atlas: None, on_page_store: None) -> None:
    for pair in ({}, {"study": "placed-tuned", "other": "placed-base"}):  # the base is whose atlas it is
        page = compare(**pair)
        assert "Up to 22% of the documents change their region (layer 2), and 4 of " in words(page)
        assert "floors 0; refits of the atlas alone move up to 1%." in words(page)


def test_the_drift_stands_next_to_refits_floors_and_sham_runs(in_one_atlas: None, on_page_store: None) -> None:
    page = compare(shams="placed-sham")
    drift = table(page, "Documents in another region: placed-tuned (share)")
    assert drift["Documents in another region: placed-tuned (share)"].tolist() == pytest.approx(
        [0, 0, 20 / 90, 20 / 90]
    )
    beside = {"refits of the atlas": 0.01, "placed-floor (bfloat16)": 1 / 90, "placed-sham (sham)": 2 / 90}
    for name, share in beside.items():
        assert drift[f"Documents in another region: {name} (share)"][3] == pytest.approx(share)
    own = drift[f"The same in placed-tuned, by category: {NAMES[0]} (share)"]
    assert own.tolist() == pytest.approx([0, 0, 2 / 3, 2 / 3])
    assert "Beyond the sham runs +0.22 of the documents move in layer 2" in words(page)
    assert len(page.get("vega_lite_chart")) == 2


def test_sham_runs_are_chosen_among_studies_of_other_models_in_this_atlas(
    in_one_atlas: None, on_page_store: None
) -> None:
    page = compare()
    shams, runs = page.multiselect
    assert shams.options == runs.options == ["placed-sham"]
    assert "Beyond the sham runs" not in words(page)
    shams.select("placed-sham").run()
    assert page.query_params["shams"] == "placed-sham"
    assert page.multiselect[1].options == []
    assert "sham runs 0" in words(page)


def test_a_missing_floor_has_its_command(store: Store, in_one_atlas: None, on_page_store: None) -> None:
    page = compare(study="placed-sham", other="placed-tuned")
    assert "A floor is missing" in words(page)
    assert any("--dtype bfloat16 --name placed-sham-bfloat16" in code.value for code in page.code)
    assert not any("--dtype" in code.value for code in compare().code)


@pytest.mark.parametrize("other", ["placed-tuned", "placed-others"])
def test_the_report_of_the_comparison_can_be_saved(in_one_atlas: None, on_page_store: None, other: str) -> None:
    buttons = [button.label for button in compare(other=other).get("download_button")]
    assert buttons[0] == "Report (HTML)"


def test_what_moved_where_is_told_with_its_documents(in_one_atlas: None, on_page_store: None) -> None:
    page = compare()
    moves = table(page, "back")
    assert moves["layer"].tolist() == ["block 2", "block 3"]
    assert moves["category"].tolist() == [NAMES[0]] * 2
    assert moves[["documents", "of", "in all", "back"]].to_numpy().tolist() == [[20, 30, 20, 0]] * 2
    assert moves["q"].max() < 1e-4
    assert all(HOSTILE[2] in region for region in moves["from"])
    documents = table(page, "before")
    moved = list(range(0, 60, 3))[::-1]  # the farthest inside the new region first
    assert documents["text"].tolist() == [excerpt(TEXTS[i]) for i in moved]
    assert documents["margin"].tolist() == pytest.approx([MARGINS[i, 0] for i in moved], abs=1e-4)
    assert documents["before"].str.startswith("R0").all()
    assert documents["after"].str.startswith("R1").all()


def test_the_documents_of_a_layer_or_of_a_move_are_chosen(in_one_atlas: None, on_page_store: None) -> None:
    page = compare(moved="L3/R0>L3/R1")
    assert "20 of 30 " in words(page)
    assert "in layer 3, 0 the other way" in words(page)
    assert len(box(page, "Documents that moved").options) == 4
    box(page, "Documents that moved").select("L3").run()
    assert page.query_params["moved"] == "L3"
    assert len(table(page, "before")) == 20
    assert compare(moved="L9").query_params["moved"] == "L9"  # what is not there is as if nothing were chosen


def test_gained_and_lost_connections_are_drawn_and_listed(in_one_atlas: None, on_page_store: None) -> None:
    page = compare()
    assert "2 are gained in placed-tuned, 2 are lost." in words(page)
    changes = table(page, "gained")
    assert sorted(zip(changes["gained"], changes["lost"], strict=True)) == [(0, 20)] * 2 + [(20, 0)] * 2
    assert page.get("bidi_component")
    shown = compare(picked="L2/R1>L3/R1")  # of the tuned study, where 20 more take it
    assert not shown.exception


def test_where_no_document_moves_there_is_a_line(store: Store, in_one_atlas: None, on_page_store: None) -> None:
    same = in_atlas("placed-same", BEFORE, 46, "3")
    store.write(same)
    try:
        page = compare(other="placed-same")
        assert "No document changes its region in any layer." in words(page)
        assert "No connection is gained or lost" in words(page)
    finally:
        store.delete(same.study)


def test_other_documents_are_compared_category_by_category(in_one_atlas: None, on_page_store: None) -> None:
    page = compare(other="placed-others")
    counts = table(page, "tested")
    assert counts["documents of placed-base"].tolist() == [30, 30, 30, 90]
    assert counts["differ"][0] == 6
    assert counts["differ"][1:3].tolist() == [0, 0]
    assert "The atlas was fitted to the documents of placed-base, which sit a little closer" in words(page)
    differences = compare(other="placed-others", category=NAMES[0])
    found = table(differences, "odds")
    assert len(found) == 6
    shares = found[["share, placed-base", "share, placed-others"]].to_numpy()
    assert sorted(shares.tolist()) == [[0, 1]] * 3 + [[1, 0]] * 3
    assert "No connection differs" in words(compare(other="placed-others", category=NAMES[1]))


def test_a_large_comparison_waits_for_a_button(
    in_one_atlas: None, on_page_store: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_studies, "QUICK", 90 * 4 - 1)
    page = compare()
    assert "Up to" not in words(page)
    press(page, "Compare them")
    assert "Up to 22% of the documents" in words(page)


def test_two_in_one_atlas_are_still_compared_layer_by_layer(in_one_atlas: None, on_page_store: None) -> None:
    page = compare()
    box(page, "Compared").select("layers").run()
    assert page.query_params["way"] == "layers"
    assert "agreement" in page.dataframe[0].value
    assert "Up to 22%" not in words(page)


def test_nothing_is_written_to_the_store(store: Store, in_one_atlas: None, on_page_store: None) -> None:
    before = [(study.id, study.revision) for study in store.studies()]
    compare(shams="placed-sham")
    compare(other="placed-others")
    assert [(study.id, study.revision) for study in store.studies()] == before


def test_hostile_names_and_texts_are_shown_as_they_are(in_one_atlas: None, on_page_store: None) -> None:
    for page in (compare(shams="placed-sham", moved="L3/R0>L3/R1"), compare(other="placed-others")):
        marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
        assert not any(hostile in text for text in marked_up for hostile in HOSTILE)
    assert NAMES[0] in words(compare(moved="L3/R0>L3/R1"))


def test_captions_name_headings_that_the_documentation_has(in_one_atlas: None, on_page_store: None) -> None:
    text = (Path(__file__).parents[3] / "docs" / "method.md").read_text("utf-8")
    headings = set(re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE))
    pages = compare(), compare(other="placed-others")
    told = [re.search(r"docs/method.md, \*(.+)\*\.$", caption.value) for page in pages for caption in page.caption]
    named = {found.group(1) for found in told if found}
    assert len(named) == 2
    assert named <= headings


def test_the_choices_stand_in_the_address() -> None:
    chosen = Beside("s", "studies", other="t", way="layers", shams="a,b", runs="c", moved="L3/R0>L3/R1")
    assert read(write(chosen)) == chosen
    assert read({"way": "<b>"}) == Beside()
