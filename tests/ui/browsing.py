"""A real browser that is watched: what tests of the page share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Download,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = "127.0.0.1"
PROBED = ("/_stcore/health", "/_stcore/host-config")  # where Streamlit looks first for its server, on a page's address


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if shutil.which("chromium") is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_playwright() as started:
        yield started


class Watch:
    """What must not happen in a page: errors, dialogs, requests to other hosts."""

    def __init__(self, context: BrowserContext) -> None:
        self.events: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.events.append(f"error: {error.error}"))
        context.on("dialog", lambda dialog: (self.events.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        context.on("request", lambda request: self._request(request.url))
        context.on("page", self._page)
        for page in context.pages:
            self._page(page)

    def _page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._request(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        probing = urlsplit(message.location.get("url", "")).path.endswith(PROBED) and "404" in message.text
        if message.type == "error" and not probing:
            self.events.append(f"console: {message.text} {message.location}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != LOOPBACK:
            self.events.append(f"request: {url}")

    def check(self) -> None:
        """Raises `AssertionError` where one of them happened since it was asked last."""
        events, self.events = self.events, []
        assert not events, events


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser, started once for a module."""
    with playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS) as started:
        yield started


@pytest.fixture(scope="module")
def watched(chromium: Browser) -> tuple[BrowserContext, Watch]:
    """A user's browser, which compiles the page's scripts once for a module."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    return context, Watch(context)


@pytest.fixture
def browser(watched: tuple[BrowserContext, Watch]) -> Iterator[BrowserContext]:
    """That browser with one empty page, signed in nowhere."""
    context, watch = watched
    context.clear_cookies()
    expect.set_options(timeout=30_000)
    context.new_page()
    yield context
    titles = [page.title() for page in context.pages]
    for page in context.pages:
        page.close()
    watch.check()
    assert all("owned" not in title for title in titles)


@contextmanager
def sessions(chromium: Browser, count: int) -> Iterator[list[Page]]:
    """Pages of as many users, each watched."""
    contexts = [chromium.new_context(viewport={"width": 1280, "height": 800}) for _ in range(count)]
    expect.set_options(timeout=60_000)
    watches = [Watch(context) for context in contexts]
    yield [context.new_page() for context in contexts]
    for context, watch in zip(contexts, watches, strict=True):
        context.close()
        watch.check()


def nothing_ran(page: Page) -> None:
    """No text of a user's has become a link, a formula, a picture or a script."""
    assert page.locator("a[href*='example.invalid'], .katex, img[src='x'], script:text('owned')").count() == 0
    assert "owned" not in page.title()


def open_page(browser: BrowserContext, url: str) -> Page:
    page = browser.pages[0]
    page.goto(url)
    return page


def settled(page: Page) -> None:
    """Waits until the page's script has run."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def saved(page: Page, form: str) -> Download:
    """What the button of that name saves; Streamlit loses what is clicked while the page's script runs."""
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=form, exact=True).click()
    return download.value


def graph(page: Page) -> Locator:
    """The graph, once it is drawn and stands still."""
    box = page.locator(".graph")
    settled(page)  # the graph of the answer before goes when the page's script has run
    expect(box).to_have_count(1, timeout=90_000)
    expect(box.locator("canvas")).to_be_visible()
    settled(page)
    return box


def click(page: Page, spot: str, other: str = "") -> None:
    """Clicks a region, or the middle between two."""
    box = graph(page)
    point = box.evaluate(
        """(box, ids) => {
            const at = ids.map((id) => box.picture.canvasToDOM(box.picture.getPosition(id)));
            return [at.reduce((sum, p) => sum + p.x, 0) / at.length, at.reduce((sum, p) => sum + p.y, 0) / at.length];
        }""",
        [spot, other] if other else [spot],
    )
    box.click(position={"x": point[0], "y": point[1]})
