"""Scans and new texts, in a real browser on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, expect

from ingest.notebook import ingest
from mri_core.store.store import Store
from tests.engines import Engine
from tests.ui.browsing import graph, nothing_ran, open_page
from tests.ui.scanning import A_SCAN, Place, scanning, upload

pytestmark = pytest.mark.browser
A_WHILE = 10_000  # milliseconds


@pytest.fixture(scope="module")
def place(engine: Engine, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with scanning(engine, tmp_path_factory.mktemp("scans")) as made:
        yield made


@pytest.mark.slow
def test_a_cancelled_scan_is_told_and_put_away(browser: BrowserContext, place: Place) -> None:
    page = open_page(browser, place.server.url("new-scan"))
    upload(page, place.corpus("many.csv", 5_000), place.model)
    cancelled = page.get_by_text("Cancelled. Nothing half-done is visible.")
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    for _ in range(A_SCAN // A_WHILE):
        if cancel.is_visible():  # a click on a button that is just drawn again is lost
            cancel.click()
        with suppress(AssertionError):
            expect(cancelled).to_be_visible(timeout=A_WHILE)
            break
    expect(cancelled).to_be_visible()
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("Cancelled. Nothing half-done is visible.")).to_have_count(0)


def test_a_new_text_is_drawn_over_the_graph(browser: BrowserContext, place: Place) -> None:
    study = ingest(place.corpus("texts.csv", 40), name="live", model=str(place.model), refits=0).study
    page = open_page(browser, place.server.url("live?study=live"))
    page.get_by_role("textbox", name="Text").fill("<script>document.title='owned'</script> text 3 about this")
    page.get_by_role("button", name="Place it").click()
    expect(page.get_by_text("Nearest over all layers:").or_(page.get_by_text("No category is nearest"))).to_be_visible(
        timeout=A_SCAN
    )
    steps = "(box) => box.edges.get().filter((edge) => !edge.id.endsWith('#behind')).length"
    assert graph(page).evaluate(steps) == study.layers - 1
    nothing_ran(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
