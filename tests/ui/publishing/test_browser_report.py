"""A report in a real browser, without a network: read, clicked, walked through by keyboard, saved from, printed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mri_core.store.store import Store
from tests.engines import Engine
from tests.ui.browsing import Watch, nothing_ran, saved
from tests.ui.server import Server

pytestmark = pytest.mark.browser
Reports = Callable[[str], Path]


@pytest.fixture
def offline(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that reaches nothing, and is watched."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True, color_scheme="light")
    context.set_default_timeout(30_000)
    watch = Watch(context)
    yield context
    context.close()
    watch.check()


def opened(context: BrowserContext, file: Path) -> Page:
    page = context.new_page()
    page.goto(file.as_uri())
    return page


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize(
    "study",
    [
        *("reported", "report-hostile"),
        *(pytest.param(more, marks=pytest.mark.slow) for more in ("report-placed", "report-unfound", "report-moving")),
    ],
)
def test_it_opens_without_a_network_and_runs_no_text(offline: BrowserContext, report_of: Reports, study: str) -> None:
    page = opened(offline, report_of(study))
    expect(page.get_by_role("heading", name="How far to trust it")).to_be_visible()
    nothing_ran(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1200, 1600])
def test_q_and_how_often_a_finding_is_found_again_are_in_sight(
    offline: BrowserContext, report_of: Reports, width: int
) -> None:
    page = opened(offline, report_of("reported"))
    page.set_viewport_size({"width": width, "height": 800})
    table = page.locator("#findings .table")
    edge = table.evaluate("table => table.getBoundingClientRect().right")
    for name in ("q", "found again"):
        head = table.get_by_role("columnheader", name=name, exact=True)
        assert head.evaluate("head => head.getBoundingClientRect().right") <= edge


def test_a_script_that_got_into_the_page_would_not_run(chromium: Browser, report_of: Reports) -> None:
    context = chromium.new_context()
    page = opened(context, report_of("report-moving"))
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            """() => {
                const added = document.createElement("script");
                added.textContent = "document.title = 'owned'";
                document.body.append(added);
            }"""
        )
    assert "owned" not in page.title()
    context.close()


def test_a_clicked_region_is_shown_with_its_connections_and_escape_shows_all_again(
    offline: BrowserContext, report_of: Reports
) -> None:
    page = opened(offline, report_of("reported"))
    place = page.locator(".graph path").first.get_attribute("data-s")
    page.locator(f"#dot-{place}").click()
    entry = page.locator(f"#region-{place}")
    expect(entry.locator("details")).to_have_attribute("open", "")
    expect(entry.get_by_text("largest share:").first).to_be_visible()
    assert page.locator(".graph path.near").count() > 0
    assert page.locator(".graph a.near").count() < page.locator(".graph .dots a").count()
    entry.locator("ul a").first.click()
    expect(page.locator("#regions > li.picked")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".graph a.picked")).to_have_count(0)


def test_the_graph_is_one_stop_and_arrow_keys_go_through_it(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    assert page.locator(".graph .dots a[tabindex='0']").count() == 1
    page.locator(".graph .dots a[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.id")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.id")
    assert first != second
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == first
    page.keyboard.press("Enter")
    expect(page.locator(f"#{first}")).to_have_class("picked")


def test_regions_are_found_by_their_words(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    page.get_by_role("searchbox", name="Regions").fill("block 2 word1")
    expect(page.locator("#regions > li:visible")).to_have_count(1)


def test_a_number_is_that_of_a_layer_a_region_has_its_letter_and_what_finds_nothing_says_so(
    offline: BrowserContext, report_of: Reports
) -> None:
    page = opened(offline, report_of("reported"))
    box, shown = page.get_by_role("searchbox", name="Regions"), page.locator("#regions > li:visible summary")
    box.fill("2")
    assert {text.split(" R")[0] for text in shown.all_inner_texts()} == {"block 2"}
    box.fill("R2")
    assert {text.split(":")[0].split()[-1] for text in shown.all_inner_texts()} == {"R2"}
    box.fill("nobody")
    expect(page.get_by_text("No region has it.")).to_be_visible()
    box.fill("")
    expect(page.get_by_text("No region has it.")).to_have_count(0)


def test_the_colours_follow_the_system_until_the_button_is_pressed(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    light = ground(page)
    page.emulate_media(color_scheme="dark")
    dark = ground(page)
    assert dark != light
    page.get_by_role("button", name="Light", exact=True).click()
    assert ground(page) == light
    page.emulate_media(media="print", color_scheme="dark")
    assert ground(page) == light


def test_tables_and_references_are_saved_from_the_page(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    with page.expect_download() as download:
        page.locator("button[data-file='reported-regions.csv']").click()
    assert download.value.suggested_filename == "reported-regions.csv"
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert len(rows) == 12
    with page.expect_download() as download:
        page.get_by_role("button", name="Save references.bib").click()
    assert Path(download.value.path()).read_text("utf-8").startswith("@")


def test_what_cannot_be_copied_is_selected(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="Copy BibTeX").click()
    expect(page.get_by_role("button", name="Selected: press Ctrl+C")).to_be_visible()
    assert "@" in page.evaluate("getSelection().toString()")


def test_it_is_printed_without_buttons_and_with_the_whole_graph(offline: BrowserContext, report_of: Reports) -> None:
    page = opened(offline, report_of("reported"))
    page.locator(".graph .dots a").first.click()
    page.emulate_media(media="print")
    assert page.get_by_role("button").count() == 0
    expect(page.locator("#regions")).to_be_hidden()
    faintest = "paths => Math.min(...paths.map((path) => Number(getComputedStyle(path).strokeOpacity)))"
    assert page.locator(".graph path").evaluate_all(faintest) > 0.2  # what is picked on the screen fades nothing here
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_it_reads_whole_without_a_script(chromium: Browser, report_of: Reports) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = opened(context, report_of("reported"))
    page.locator(".graph .dots a").nth(4).focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#region-4")
    context.close()


@pytest.mark.slow
def test_the_page_gives_the_report_away(
    browser: BrowserContext, reported: None, page_store: Engine, report_of: Reports, store: Store
) -> None:
    with Server(Path(page_store.location)) as server:
        page = browser.pages[0]
        page.goto(server.url("overview?study=reported"))
        download = saved(page, "Report (HTML)")
        assert download.suggested_filename == "reported-report.html"
        assert Path(download.path()).read_bytes() == report_of("reported").read_bytes()
        page.close()
        browser.new_page()
