"""The documentation as a site, opened as files in a real browser: search finds, nothing is loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from docs import build
from tests.ui.browsing import browser, chromium, playwright, watched

__all__ = ["browser", "chromium", "playwright", "watched"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # it builds the site


@pytest.fixture(scope="module")
def site() -> Path:
    pytest.importorskip("zensical", reason="the extra docs is not installed")
    build.main()
    return build.SITE


@pytest.mark.parametrize("name", ["report", "export", "import", "plot", "confirm"])
def test_a_command_is_found_first_by_its_name(site: Path, browser: BrowserContext, name: str) -> None:
    page = browser.pages[0]
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type(f"mri {name}")
    expect(page.get_by_role("option").first).to_contain_text(f"mri {name} ")


def test_a_flag_is_found_where_it_is_explained(site: Path, browser: BrowserContext) -> None:
    page = browser.pages[0]
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("--no-excerpts")
    expect(page.get_by_role("option").first).to_contain_text("--no-excerpts")
    expect(page.get_by_role("option").filter(has_text="mri export STUDY FORMAT")).to_be_visible()
    expect(page.get_by_role("option").filter(has_text="push_to_hub(")).to_have_count(0)


@pytest.mark.parametrize("start", ["index.html", "reference/python.html"])
def test_search_works_in_a_page_that_is_opened_as_a_file(site: Path, browser: BrowserContext, start: str) -> None:
    page = browser.pages[0]
    page.goto((site / start).as_uri())
    page.keyboard.press("/")
    page.keyboard.type("intraclass correlation")
    page.get_by_role("option", name="Documents that belong together").click()
    page.wait_for_url(f"{(site / 'method.html').as_uri()}*")
    expect(page.get_by_role("heading", name="Documents that belong together")).to_be_in_viewport()
