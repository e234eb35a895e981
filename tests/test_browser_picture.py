"""A picture of a study in a notebook's page, in a real browser without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import mri
from mri_core.store.store import Store
from tests.ui.browsing import Watch, chromium, nothing_ran, playwright
from tests.ui.evidence import hostile

__all__ = ["chromium", "playwright"]
pytestmark = [pytest.mark.browser, pytest.mark.engine]


def test_the_graph_is_drawn_in_a_frame_of_its_own_and_runs_no_text(
    chromium: Browser, store: Store, store_folder: Path, tmp_path: Path, tidy: None
) -> None:
    store.write(hostile("framed"))
    study = mri.study("framed", store=store_folder)
    cell = f"{study._repr_html_()}{study.plot()._repr_html_()}"
    (tmp_path / "notebook.html").write_text(f'<!doctype html><meta charset="utf-8">{cell}', "utf-8")
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    watch = Watch(context)
    page = context.new_page()
    page.goto((tmp_path / "notebook.html").as_uri())
    frame = page.frame_locator("iframe")
    expect(frame.locator("canvas")).to_be_visible(timeout=30_000)
    expect(frame.get_by_text("n = 60 documents")).to_be_visible()
    inner = page.frames[1]
    assert inner.evaluate("network.body.nodeIndices.length") > study.record.regions  # with the layers' names
    with pytest.raises(Exception, match=r"SecurityError|cross-origin|Blocked"):
        inner.evaluate("parent.document.title")
    assert inner.title() == "framed"
    nothing_ran(page)
    context.close()
    watch.check()
