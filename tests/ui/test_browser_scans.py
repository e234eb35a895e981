"""A user's way from texts to a study and on to a new text, in a real browser on a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ingest.pipeline import ingest
from mri_core.store import VARIABLE
from tests.engines import Engine
from tests.models import save_tiny
from tests.ui.browsing import graph, open_page
from tests.ui.server import Server

pytestmark = pytest.mark.browser
LABELS = ("<img src=x onerror=\"document.title='owned'\">", "$e^x$ [link](http://example.invalid)")
A_SCAN = 180_000  # milliseconds that a busy machine may take for one


@dataclass(frozen=True)
class Place:
    """Where the tests work: a server of the page, a tiny model, and a folder for files."""

    server: Server
    model: Path
    folder: Path

    def corpus(self, name: str, documents: int) -> Path:
        """A file of texts."""
        quoted = ['"' + label.replace('"', '""') + '"' for label in LABELS]
        rows = (f"text {i} about {'this and that ' * (i % 7)},{quoted[i % 2]}\n" for i in range(documents))
        (self.folder / name).write_text("text,label\n" + "".join(rows))
        return self.folder / name


@pytest.fixture(scope="module")
def place(embedded_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("scans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        patch.setenv(VARIABLE, embedded_store.location)
        with Server(Path(embedded_store.location)) as server:
            yield Place(server, save_tiny("gpt2", folder / "tiny"), folder)


def upload(page: Page, corpus: Path, model: Path) -> None:
    """Fills the form and starts the scan."""
    page.locator("input[type=file]").set_input_files(corpus)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="another").click()
    box = page.get_by_role("textbox", name="A name on the Hugging Face hub")
    box.fill(str(model))
    box.press("Enter")
    expect(page.get_by_test_id("stCode")).to_contain_text(str(model))
    page.get_by_role("button", name="Scan", exact=True).click()


def test_an_uploaded_file_becomes_a_graph_and_a_reload_loses_nothing(browser: BrowserContext, place: Place) -> None:
    page = open_page(browser, place.server.url("new-scan"))
    upload(page, place.corpus("my news.csv", 40), place.model)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.goto(place.server.url())
    expect(page.get_by_text(re.compile("^my-news: my news.csv through tiny$"))).to_be_visible()
    card = page.locator("[class*=st-key-scan]")
    card.get_by_role("button", name="Open study").click(timeout=A_SCAN)
    expect(page).to_have_url(re.compile(r"/scan\?study=my-news$"))
    graph(page)
    expect(page.get_by_text("How 40 documents of 2 categories go through tiny")).to_be_visible()


def test_a_cancelled_scan_is_told_and_put_away(browser: BrowserContext, place: Place) -> None:
    page = open_page(browser, place.server.url("new-scan"))
    upload(page, place.corpus("many.csv", 5_000), place.model)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing half-done is visible.")).to_be_visible(timeout=A_SCAN)
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
    bold = "(box) => box.edges.get().filter((edge) => edge.width === 7).length"
    assert graph(page).evaluate(bold) == study.layers - 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
