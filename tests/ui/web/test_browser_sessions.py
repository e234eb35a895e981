"""What other windows, other processes and the store itself do while a page is open, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from mri_core.records.graph import StudyGraph
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import planted_graph, random_codes
from tests.ui.browsing import graph, open_page, sessions, settled
from tests.ui.evidence import weighed
from tests.ui.gate import Gate
from tests.ui.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # processes are ended and waited for
ROUNDS = 2
PAGES = {"scan", "compare", "questions", "documents", "trust", "live"}
A_FEW = {"scan", "documents"}  # pages: one read again by a click, one by a text
TROUBLE = "This did not work."
DOOMED = "page-doomed"
NOWHERE = "about:blank"


@pytest.fixture(scope="module")
def server(page_store: Engine) -> Iterator[Server]:
    with Server(page_store.location) as running:
        yield running


@pytest.mark.parametrize("users", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_users_see_whole_studies_while_studies_are_written_and_swapped(
    chromium: Browser, server: Server, store: Store, users: int
) -> None:
    versions = [
        planted_graph("page-swapped", codes=random_codes(documents, 5, regions, seed), seed=seed)
        for documents, regions, seed in ((300, 12, 31), (240, 9, 32))
    ]
    whole = {(v.study.documents, v.study.regions) for v in versions}
    store.write(versions[0], replace=True)  # with another number of users it was there before
    over = Event()
    swaps: list[StudyGraph] = []
    writer = Thread(target=_swap, args=(store, versions, swaps, over))
    writer.start()
    try:
        with sessions(chromium, users) as pages:
            for _ in range(ROUNDS):
                for page in pages:  # all of them at once
                    page.goto(server.url("scan?study=page-swapped"), wait_until="commit")
                for page in pages:
                    assert _seen(page) in whole
    finally:
        over.set()
        writer.join()
    assert len(swaps) > ROUNDS  # there was something to see


def _swap(store: Store, versions: list[StudyGraph], swaps: list[StudyGraph], over: Event) -> None:
    """One version takes the place of the other, a breath apart so that the pages have some of the processor."""
    while not over.wait(0.5):
        swaps.append(versions[(len(swaps) + 1) % 2])
        store.write(swaps[-1], replace=True)


def _seen(page: Page) -> tuple[int, int]:
    """Documents and regions of the study, as told and as drawn."""
    box = graph(page)
    assert page.get_by_text(TROUBLE).count() == page.get_by_test_id("stException").count() == 0
    told = page.get_by_text(re.compile("^planted-model: 5 layers")).inner_text()
    regions, documents = (int(number) for number in re.findall(r"(\d+) (?:regions|documents)", told))
    drawn = box.evaluate("(box) => box.nodes.get().filter((spot) => !spot.id.startsWith('layer ')).length")
    assert drawn == regions
    return documents, regions


@pytest.mark.parametrize("pages", [A_FEW, pytest.param(PAGES - A_FEW, marks=pytest.mark.slow)], ids=("few", "rest"))
def test_a_study_deleted_in_another_window_is_told_and_another_is_chosen(
    browser: BrowserContext, server: Server, store: Store, pages: set[str]
) -> None:
    store.write(weighed(DOOMED, seed=41, created_at="2026-06-01T00:00:00+00:00"))
    windows = {path: browser.new_page() for path in sorted(pages)}
    for path, page in windows.items():
        page.goto(server.url(f"{path}?study={DOOMED}"))
        expect(_study_box(page)).to_have_value(DOOMED)
        settled(page)
    _delete(open_page(browser, server.url()))
    for path, page in windows.items():
        _reads_again(path, page)
    for page in windows.values():
        expect(page.get_by_text(f"No study is called '{DOOMED}'")).to_be_visible()
        settled(page)
        assert page.get_by_test_id("stException").count() == 0
        expect(page.get_by_text("Shown is the newest study, page.")).to_be_visible()
        expect(_study_box(page)).to_have_value("page")
        expect(page).to_have_url(re.compile("study=page$"))
        page.reload()
        expect(_study_box(page)).to_have_value("page")
        expect(page.get_by_text("No study is called")).to_have_count(0)


def _reads_again(path: str, page: Page) -> None:
    """Does on a page what makes it read the study once more."""
    if path == "scan":
        page.get_by_role("tab", name="Heatmaps").click()
    elif path == "compare":
        page.get_by_role("tab", name="Two studies").click()
    elif path == "questions":
        page.locator("label", has_text="Own Cypher").click()
    elif path == "documents":
        page.get_by_label("Text in their title").fill("text 1")
        page.keyboard.press("Enter")
    elif path == "live":
        page.get_by_label("Text", exact=True).fill("A text")
        page.get_by_role("button", name="Place it").click()
    else:
        page.reload()


def _study_box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Study")


def _delete(page: Page) -> None:
    _study_box(page).click()
    page.get_by_role("option", name=DOOMED).click()
    page.get_by_role("button", name="Delete study …").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("button", name="Delete it")).to_have_count(0)


def test_a_store_that_stops_is_told_and_the_page_goes_on_when_it_is_back(
    browser: BrowserContext, neo4j_server: Engine
) -> None:
    gate = Gate(neo4j_server.location)
    gate.open()
    with pytest.MonkeyPatch.context() as patch, Store(neo4j_server.connect) as store:
        store.write(planted_graph("stopping"))
        for name, value in neo4j_server.environment.items():
            patch.setenv(name, value)
        with Server(gate.url) as server:
            page = open_page(browser, server.url("scan?study=stopping"))
            graph(page)
            gate.close()
            page.get_by_role("tab", name="Layers").click()
            expect(page.get_by_text("The store does not answer.")).to_be_visible(timeout=90_000)
            gate.open()
            page.get_by_role("button", name="Try again").click()
            expect(page.get_by_text(TROUBLE)).to_have_count(0)
            expect(page.get_by_role("tab", name="Layers")).to_have_attribute("aria-selected", "true")
            page.goto(NOWHERE)  # before the server ends
        store.delete(planted_graph("stopping").study)
    gate.close()


@pytest.mark.slow  # an engine stops and starts
def test_a_folders_engine_that_stops_is_started_again_by_the_page(
    browser: BrowserContext, server: Server, page_store: Engine
) -> None:
    page = open_page(browser, server.url("scan?study=page"))
    graph(page)
    assert lifecycle.stop(Path(page_store.location))
    page.get_by_role("tab", name="Metrics").click()
    expect(page.get_by_text("The graph in numbers")).to_be_visible()
    assert page.get_by_text(TROUBLE).count() == 0
