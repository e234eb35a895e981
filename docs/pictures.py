"""The pictures of the documentation: the page, on the study that the tutorial makes.

    python -m docs.pictures STORE

from the root of a checkout. STORE is the folder in which the tutorial's `make demo`, `mri ingest … --controls` and
`mri probe` were run; Debian's chromium and the environment of the tests are needed. It writes `docs/*.png`.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.ui.browsing import ARGUMENTS, graph, settled
from tests.ui.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parent
WIDTH = 1280  # pixels, a laptop's
COLOURS = 256  # of a palette: the files stay small
TEXT = "My neighbour says the judge threw the case out because nobody could prove who ate the stew."


class Shot(NamedTuple):
    """A picture: its page's address, its height in pixels, and what is done on the page before it is taken."""

    address: str
    height: int
    ready: Callable[[Page], object]


def placed(page: Page) -> None:
    """Live scan with a text that has been placed."""
    page.get_by_role("textbox", name="Text").fill(TEXT)
    page.get_by_role("button", name="Place it").click()
    graph(page)


def charted(page: Page) -> None:
    """A page whose charts are drawn."""
    page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()


SHOTS = {
    "overview": Shot("overview?study=demo", 960, graph),
    "scan": Shot("scan?study=demo&region=L4/R2", 960, graph),
    "compare": Shot("compare?study=demo&category=law-plain&versus=law-technical", 1740, graph),
    "trust": Shot("trust?study=demo", 1180, charted),
    "live": Shot("live?study=demo", 1320, placed),
}


def take(page: Page, shot: Shot, url: str) -> bytes:
    """The page as it stands once all of it is drawn, as a PNG of few colours."""
    page.set_viewport_size({"width": WIDTH, "height": shot.height})
    page.goto(url)
    settled(page)
    shot.ready(page)
    settled(page)
    page.wait_for_timeout(1000)  # charts grow into their place
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(page.screenshot())) as seen:
        seen.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def main(store: Path) -> None:
    """Takes all of them."""
    with Server(store) as server, sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=ARGUMENTS, color_scheme="light"
        )
        browser.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        for name, shot in SHOTS.items():
            picture = take(browser.pages[0], shot, server.url(shot.address))
            (HERE / f"{name}.png").write_bytes(picture)
            print(f"{name}.png: {len(picture) // 1024} KiB")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
