"""A page that is opened while the embedded engine starts, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import BrowserContext, expect

from mri_core.store import VARIABLE, open_store
from mri_core.store.embedded import folder, lifecycle
from tests.planted import planted_graph
from tests.ui.browsing import graph, open_page
from tests.ui.evidence import weighed
from tests.ui.server import Server
from ui.web.state import last_visit
from ui.web.warm_up import read_ahead

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # processes are ended and waited for
NAME, NOTE, NOWHERE = "page-start", "The store is starting", "about:blank"


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store that the page has seen; its engine has stopped."""
    place = tmp_path_factory.mktemp("starts") / "store"
    with open_store(place) as store:
        store.write(weighed(NAME, 27))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(place))
        read_ahead()
    lifecycle.stop(place)
    yield place
    lifecycle.stop(place)


def test_the_graph_is_there_before_the_engine_and_stays_as_it_is_when_that_answers(
    browser: BrowserContext, visited: Path
) -> None:
    held = FileLock(visited / folder.LOCK)  # without it no engine starts
    held.acquire()
    try:
        with Server(visited) as server:
            page = open_page(browser, server.url(f"scan?study={NAME}"))
            expect(page.get_by_text(NOTE)).to_be_visible()
            graph(page).evaluate("(box) => { box.picture.old = true; }")
            assert not lifecycle.status(visited).running
            held.release()
            expect(page.get_by_text(NOTE)).to_have_count(0)
            assert graph(page).evaluate("(box) => box.picture.old")
            page.goto(NOWHERE)  # else it looks for the server that has ended
    finally:
        held.release()


def test_a_study_that_is_not_there_any_more_goes_when_the_engine_answers(
    browser: BrowserContext, visited: Path
) -> None:
    seen = last_visit.load(visited)
    assert seen is not None
    ghost = replace(planted_graph("page-ghost").study, created_at="2030-01-01T00:00:00+00:00")
    lifecycle.stop(visited)
    last_visit.save(visited, replace(seen, studies=(*seen.studies, ghost)))
    with FileLock(visited / folder.LOCK) as held, Server(visited) as server:
        page = open_page(browser, server.url("scan"))
        expect(page.get_by_text(NOTE)).to_be_visible()
        expect(page.get_by_text("Study, the newest of 2")).to_be_visible()
        held.release()
        expect(page.get_by_text(NOTE)).to_have_count(0)
        expect(page.get_by_text("Study, the newest of 2")).to_have_count(0)
        graph(page)
        page.goto(NOWHERE)
