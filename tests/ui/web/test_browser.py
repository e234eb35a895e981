"""A user's way through the page, in a real browser on a real server."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import planted_graph
from tests.ui.browsing import click, graph, nothing_ran, open_page, saved, settled
from tests.ui.evidence import hostile, tried, weighed
from tests.ui.server import Server
from ui.drawing.view import TABS

pytestmark = pytest.mark.browser
SHOWING_TEXTS = (
    "",
    "scan?study={}",
    "scan?study={}&region=L1/R1",
    "scan?study={}&source=L1/R1&target=L2/R1",
    "compare?study={}&tab=studies",
    "questions?study={}",
    "questions?study={}&question=documents-of-region",
    "documents?study={}&picked=L1/R1",
    "trust?study={}",
    "live?study={}",
)
TITLE = re.compile("^(Scan|Overview|Studies|Compare|LLM-MRI Graph)$")


@pytest.fixture(scope="module")
def server(page_store: Engine) -> Iterator[Server]:
    with Server(Path(page_store.location)) as running:
        yield running


def needs_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    inside = "(box) => box.scrollWidth <= box.clientWidth"
    assert all(box.evaluate(inside) for box in page.locator(".graph").all())


def test_a_study_is_opened_and_a_clicked_region_tells_its_words(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url())
    page.get_by_role("button", name="Open study").click()
    expect(page).to_have_url(re.compile(r"/overview\?study=page$"))
    click(page, "L1/R3")  # which opens it on Scan
    expect(page).to_have_url(re.compile(r"/scan\?study=page"))
    region = next(region for region in planted_graph("page").regions if (region.layer, region.name) == (1, "3"))
    expect(page.get_by_text(f"block 1, region 3: {region.documents} documents", exact=True)).to_be_visible()
    expect(page.get_by_text("word3, layer1", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"region=L1%2FR3"))


@pytest.mark.slow
def test_the_study_chosen_stays_on_every_page_in_other_tabs_and_on_the_way_back(
    browser: BrowserContext, server: Server
) -> None:
    page = open_page(browser, server.url())
    page.get_by_role("combobox", name="Study").click()
    page.get_by_role("option", name="page-grid", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?study=page-grid$"))
    for name in ("Scan", "Compare", "Trust", "New scan", "Documents"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(r"\?study=page-grid$"))
        if name != "New scan":
            expect(page.get_by_role("combobox", name="Study")).to_have_value("page-grid")
        settled(page)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/new-scan\?study=page-grid$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/trust\?study=page-grid$"))
    expect(page.get_by_role("combobox", name="Study")).to_have_value("page-grid")
    page.go_forward()
    page.reload()
    address = page.get_by_role("link", name="Questions", exact=True).get_attribute("href")
    other = browser.new_page()
    other.goto(server.url() + str(address).rpartition("/")[2])
    expect(other.get_by_role("combobox", name="Study")).to_have_value("page-grid")


def test_a_clicked_connection_tells_its_documents_and_back_goes_back(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("scan?study=page"))
    click(page, "L1/R3", "L2/R3")
    expect(page.get_by_role("heading", name="Connection")).to_be_visible()
    expect(page).to_have_url(re.compile(r"source=L1%2FR3&target=L2%2FR3"))
    page.go_back()
    expect(page.get_by_role("heading", name="Connection")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"study=page$"))


def test_a_click_on_nothing_closes_the_panel(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("scan?study=page&region=L1/R3"))
    expect(page.get_by_role("heading", name="Region")).to_be_visible()
    graph(page).click(position={"x": 4, "y": 30})
    expect(page.get_by_role("heading", name="Region")).to_have_count(0)


def test_a_region_is_chosen_by_keyboard(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("scan?study=page"))
    graph(page)
    page.get_by_role("combobox", name="Region").focus()
    page.keyboard.type("block 2, R4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("word4, layer2", exact=True)).to_be_visible()


def test_a_tab_stands_in_the_address_back_goes_back_and_its_picture_is_saved(
    browser: BrowserContext, server: Server
) -> None:
    page = open_page(browser, server.url("scan?study=page"))
    graph(page)
    page.get_by_role("tab", name="Heatmaps").click()
    expect(page).to_have_url(re.compile(r"study=page&tab=heatmaps"))
    expect(
        page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    ).to_be_visible()
    assert saved(page, "PNG").path().read_bytes().startswith(b"\x89PNG")
    page.go_back()
    graph(page)
    expect(page.get_by_role("tab", name="Graph")).to_have_attribute("aria-selected", "true")


def test_a_question_is_found_asked_drawn_and_downloaded_and_back_goes_back(
    browser: BrowserContext, server: Server
) -> None:
    page = open_page(browser, server.url("questions?study=page"))
    graph(page)
    page.get_by_role("combobox", name="Question").focus()
    page.keyboard.type("Strongest route of")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("question=strongest-route"))
    expect(page.get_by_text("Which is the most probable route of", exact=False).first).to_be_visible()
    click(page, "L1/R3")
    expect(page.get_by_role("heading", name="Region")).to_be_visible()
    rows = list(csv.DictReader(saved(page, "CSV").path().read_text("utf-8").splitlines()))
    assert [row["layer"] for row in rows] == ["0", "1", "2", "3"]
    page.go_back()
    expect(page.get_by_role("heading", name="Region")).to_have_count(0)
    page.go_back()
    expect(page.get_by_text("In which connections do the categories differ most?", exact=True)).to_be_visible()


def test_a_hostile_document_is_found_and_shown_with_its_path(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("documents?study=page-hostile"))
    graph(page)
    page.get_by_label("Text in their title").fill("<img src=x")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("text=%3Cimg"))
    expect(page.get_by_text("<img src=x onerror=", exact=False).first).to_be_visible()
    graph(page).locator("canvas").hover(position={"x": 60, "y": 60})
    page.get_by_role("tab", name="Documents that share most of it").click()
    expect(page.get_by_role("button", name="JSON", exact=True).last).to_be_visible()
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "scan?study=page-grid",
        *(
            pytest.param(more, marks=pytest.mark.slow)
            for more in ("", "scan?study=page&region=L1/R3", "documents?study=page-hostile&picked=L1/R2")
        ),
    ],
)
def test_a_laptops_screen_needs_no_sideways_scrolling(browser: BrowserContext, server: Server, address: str) -> None:
    page = open_page(browser, server.url(address))
    expect(page.get_by_test_id("stSelectbox").first).to_be_visible()
    if address:
        settled(page)
        graph(page)
    needs_no_sideways_scrolling(page)


def test_a_hostile_corpus_runs_nowhere_and_its_picture_is_saved_whole(
    browser: BrowserContext, server: Server, tmp_path: Path
) -> None:
    page = open_page(browser, server.url("scan?study=page-hostile"))
    click(page, "L1/R2")
    expect(page.get_by_text("<script>document.title='owned'</script>").first).to_be_visible()
    graph(page).locator("canvas").hover(position={"x": 60, "y": 60})
    download = saved(page, "HTML")
    assert TITLE.match(page.title())
    nothing_ran(page)

    picture = tmp_path / "saved.html"
    download.save_as(picture)
    offline = browser.new_page()
    offline.goto(picture.as_uri())
    expect(offline.locator("canvas")).to_be_visible()
    assert offline.locator("img").count() == 0


@pytest.mark.slow  # every page
def test_hostile_names_and_texts_run_nowhere_on_any_page_and_fit_a_laptops_screen(
    browser: BrowserContext, server: Server, store: Store
) -> None:
    study, before = hostile("page-hostile-findings"), {study.id for study in store.studies()}
    store.write(study)
    try:
        page = open_page(browser, server.url("compare?study=page-hostile-findings&against=all"))
        expect(page.get_by_text("<script>document.title='owned'</script> takes")).to_be_visible()
        graph(page)
        page.locator(".stVegaLiteChart").first.hover(position={"x": 60, "y": 60})
        nothing_ran(page)
        needs_no_sideways_scrolling(page)
        for address in SHOWING_TEXTS:
            page.goto(server.url(address.format("page-hostile-findings")))
            expect(page.get_by_test_id("stSelectbox").first).to_be_visible()
            settled(page)
            nothing_ran(page)
            needs_no_sideways_scrolling(page)
            if address == "scan?study={}":
                _opens_each_tab(page)
        assert {study.id for study in store.studies()} == {*before, study.study.id}  # no text became a statement
    finally:
        store.delete(study.study)


@pytest.mark.slow
def test_a_region_leads_to_what_its_direction_changes_in_later_layers(
    browser: BrowserContext, server: Server, store: Store
) -> None:
    study = weighed("page-tried", 64)
    store.write(study)
    store.add_interventions(study.study, tried())
    try:
        page = open_page(browser, server.url("scan?study=page-tried&region=L0/R1"))
        graph(page)
        page.get_by_role("button", name="Does the model use it?").click()
        expect(page).to_have_url(re.compile("tab=cause"))
        expect(page.get_by_text("Erasing L0/R1 (word1, layer0): of 40 texts")).to_be_visible()
        charts = page.get_by_test_id("stVegaLiteChart").locator("svg")
        expect(charts).to_have_count(2)
        for words in ("this direction", "controls, least to most", "strength"):
            expect(charts.get_by_text(words).first).to_be_visible()
        click(page, "L2/R1")
        expect(page.get_by_role("heading", name="Region")).to_be_visible()
        needs_no_sideways_scrolling(page)
        box = page.get_by_role("combobox", name="Region or connection")
        box.focus()
        page.keyboard.type("block 2, R2")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing was tried on L2/R2 yet.")).to_be_visible()
        expect(page.get_by_role("button", name="Try it")).to_be_enabled()
        nothing_ran(page)
    finally:
        store.delete(study.study)


def _opens_each_tab(page: Page) -> None:
    for name, tab in list(TABS.items())[1:]:  # the first is open
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page).to_have_url(re.compile(f"tab={name}"))
        settled(page)
        nothing_ran(page)
        needs_no_sideways_scrolling(page)


def test_the_first_page_answers_by_its_name_too(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("studies"))
    expect(page.get_by_role("button", name="Open study")).to_be_visible()
    expect(page).to_have_url(server.url())
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("link", name="Studies")).to_have_count(1)


@pytest.mark.slow
def test_a_region_is_expanded_by_keyboard_and_a_reload_keeps_it(browser: BrowserContext, server: Server) -> None:
    page = open_page(browser, server.url("scan?study=page-grid&connections=25"))
    places = "(box) => Object.fromEntries(box.nodes.map((node) => [node.id, node.y]))"
    count = "(box) => box.edges.length"
    first = graph(page).evaluate("(box) => box.edges.get()[0].from")
    click(page, first)
    expect(page.get_by_text(re.compile(r"^\d+ of its \d+ connections are drawn\.$"))).to_be_visible()
    drawn, before = graph(page).evaluate(count), graph(page).evaluate(places)
    graph(page).evaluate("(box) => box.picture.moveTo({ scale: 1.5 })")
    page.get_by_role("button", name="Expand all").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("expanded="))
    expect(page.get_by_role("button", name="Expand all")).to_be_disabled()
    assert graph(page).evaluate(count) > drawn
    assert before.items() <= graph(page).evaluate(places).items()
    assert graph(page).evaluate("(box) => box.picture.getScale()") == 1.5
    drawn = graph(page).evaluate(count)
    page.reload()
    assert graph(page).evaluate(count) == drawn
    page.get_by_role("button", name="Collapse all").click()
    expect(page).not_to_have_url(re.compile("expanded="))
