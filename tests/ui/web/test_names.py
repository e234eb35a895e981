"""The name and the note of a region beside the graph: shown to all, set by whoever may, and never lost unseen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.annotations import Annotation, annotation
from mri_core.store.store import Store
from tests.planted import HOSTILE
from tests.ui.page import opened, press, words
from ui.jobs import access
from ui.jobs.access import Access

pytestmark = pytest.mark.engine
REGION = "L1/R3"


def panel() -> AppTest:
    return opened("scan.py", study="page", region=REGION)


def field(page: AppTest, label: str) -> str:
    return str(next(each for each in (*page.text_input, *page.text_area) if each.label == label).value)


def fill(page: AppTest, **texts: str) -> None:
    for each in (*page.text_input, *page.text_area):
        if each.label in texts:
            each.input(texts[each.label])


@pytest.fixture
def named(on_page_store: None, store: Store) -> Iterator[Store]:
    """The store, whose study loses its names afterwards."""
    yield store
    of = store.study("page")
    store.annotate(of, [Annotation(each.region) for each in store.annotations(of)])


def said(store: Store) -> list[tuple[str, str, str]]:
    return [(each.region, each.name, each.note) for each in store.annotations(store.study("page"))]


def test_a_region_is_named_and_the_name_taken_away_again(named: Store) -> None:
    page = panel()
    fill(page, Name="night sky", Note="stars\nand planets")
    press(page, "Save")
    assert said(named) == [(REGION, "night sky", "stars\nand planets")]
    assert "night sky\nstars\nand planets" in words(page)
    assert 'block 1, R3: "night sky", word3, layer1' in next(b for b in page.selectbox if b.label == "Region").options
    press(page, "Remove")
    assert said(named) == []
    assert "night sky" not in words(page)


def test_what_cannot_be_a_name_is_told_and_what_was_typed_stays(named: Store) -> None:
    page = panel()
    fill(page, Name="a\u202eb")
    press(page, "Save")
    assert "characters that are printed" in words(page)
    assert field(page, "Name") == "a\u202eb"
    assert said(named) == []


def test_a_name_that_is_too_long_is_told_and_not_dropped_by_the_field(named: Store) -> None:
    page = panel()
    fields = [each for each in (*page.text_input, *page.text_area) if each.label in ("Name", "Note")]
    assert [each.max_chars for each in fields] == [0, 0]  # the browser drops what is longer, and says nothing
    fill(page, Name="x" * 81)
    press(page, "Save")
    assert "up to 80 characters. This one has 81." in words(page)
    assert said(named) == []


def test_what_somebody_else_says_meanwhile_is_shown_and_not_overwritten(named: Store) -> None:
    page = panel()
    named.annotate(named.study("page"), [annotation(REGION, "theirs", "")])
    fill(page, Name="mine")
    press(page, "Save")
    assert "Somebody else has changed" in words(page)
    assert "theirs" in words(page)
    assert field(page, "Name") == "mine"
    assert said(named) == [(REGION, "theirs", "")]
    press(page, "Go on from that")
    assert field(page, "Name") == "theirs"
    fill(page, Name="ours")
    press(page, "Save")
    assert said(named) == [(REGION, "ours", "")]


def test_whoever_only_reads_sees_the_name_and_no_form(named: Store) -> None:
    named.annotate(named.study("page"), [annotation(REGION, HOSTILE[1], HOSTILE[7])])
    access.serve_with(Access(read_only=True))
    try:
        page = panel()
        with pytest.raises(access.AccessError, match="To name a region is not allowed"):
            access.demand("name")
    finally:
        access.serve_with(Access())
    assert f"{HOSTILE[1]}\n{HOSTILE[7]}" in words(page)
    assert not any(button.label == "Save" for button in page.button)
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
    assert not any(hostile in text for hostile in (HOSTILE[1], HOSTILE[7]) for text in marked_up)
