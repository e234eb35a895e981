"""The main way of a user, from a file of texts to an answer in a file, in a real browser on either engine."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mri_core.store.store import Store
from tests.engines import Engine
from tests.ui.browsing import click, graph, nothing_ran, open_page, saved, settled
from tests.ui.scanning import A_SCAN, LABELS, Place, scanning, upload
from tests.ui.server import Server

pytestmark = pytest.mark.browser
FILE = "news <img src=x onerror=1> {{ 7 }} $e^x$.csv"


@pytest.fixture(scope="module")
def place(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with scanning(engine, tmp_path_factory.mktemp("way")) as made:
        yield made


@pytest.mark.slow  # the parts of the way have tests of their own
@pytest.mark.once
def test_an_uploaded_file_becomes_a_graph_a_comparison_and_an_answer(
    browser: BrowserContext, place: Place, engine: Engine, store: Store
) -> None:
    page = open_page(browser, place.server.url("new-scan"))
    upload(page, place.corpus(FILE, 40), place.model)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    nothing_ran(page)
    _tells_no_secret(place.server, engine)
    page.goto(place.server.url())  # a reload loses nothing
    expect(page.get_by_text(f"{FILE} through tiny")).to_be_visible()
    page.locator("[class*=st-key-scan]").get_by_role("button", name="Open study").click(timeout=A_SCAN)
    expect(page).to_have_url(re.compile(r"/overview\?study=news"))
    name = page.url.partition("study=")[2]
    settled(page)
    page.get_by_role("link", name="Scan", exact=True).click()
    expect(page.get_by_text("How 40 documents of 2 categories go through tiny")).to_be_visible()
    _clicks_the_largest_region(page)
    _compares(page)
    assert _asks(page) == [str(layer) for layer in range(store.study(name).layers)]
    nothing_ran(page)


def _tells_no_secret(server: Server, engine: Engine) -> None:
    """Command lines are seen by every user of a machine: the scan's tells no password."""
    family = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    lines = [" ".join(process.cmdline()) for process in family]
    assert any("ui.cli.scan_process" in line for line in lines)
    password = engine.environment.get("MRI_PASSWORD")
    assert not any(password in line for line in lines if password)


def _clicks_the_largest_region(page: Page) -> None:
    regions = graph(page).evaluate("(box) => box.nodes.get().filter((spot) => !spot.id.startsWith('layer '))")
    click(page, max(regions, key=lambda spot: spot["size"])["id"])
    expect(page.get_by_role("heading", name="Region")).to_be_visible()
    nothing_ran(page)


def _compares(page: Page) -> None:
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("combobox", name="Compared with")).to_be_visible()
    expect(page.get_by_text(LABELS[0]).first).to_be_visible()
    settled(page)
    nothing_ran(page)


def _asks(page: Page) -> list[str]:
    """The layers that the answer tells, as they stand in the file."""
    page.get_by_role("link", name="Questions").click()
    box = page.get_by_role("combobox", name="Question")
    box.focus()
    page.keyboard.type("Strongest route of")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("question=strongest-route"))
    expect(page.get_by_text("Which is the most probable route of", exact=False).first).to_be_visible()
    graph(page)
    lines = saved(page, "CSV").path().read_text("utf-8").splitlines()
    return [row["layer"] for row in csv.DictReader(lines)]
