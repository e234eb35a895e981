"""The page in a real browser: from opening a study of 1,500 regions to its first graph, and to the next after a choice.

Prints one JSON object. It needs Debian's chromium, and the environment of the tests. The server is a process of its own
and the browser another; at the first opening the server answers nothing from memory, and the engine, which has just
loaded the study, has answered nothing before. Beside the seconds on the wall stand those of the processor, which a busy
machine moves less.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import psutil
from large_study import place
from playwright.sync_api import sync_playwright

from mri_core.records.graph import StudyGraph
from mri_core.store import open_store
from mri_core.store.embedded import lifecycle
from tests.planted import planted_graph, random_codes, with_evidence
from tests.ui.browsing import ARGUMENTS
from tests.ui.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCUMENTS, LAYERS, REGIONS, CATEGORIES = 5_000, 15, 100, 6
NAME = "page-1500"
OPENINGS = 5
CHOICES = [
    ("Width", "documents"),
    ("Connections", "300"),
    ("Greatest q", "1"),
    ("Show", "differences of shares"),
    ("Connections", "3000"),
]
OPEN_S, REDRAW_S = 2.5, 1.0


def graph() -> StudyGraph:
    """1,500 regions between which documents mostly stay, with findings at random."""
    codes = random_codes(DOCUMENTS, LAYERS, REGIONS, 0)
    labels = [f"c{i}" for i in np.random.default_rng(0).integers(CATEGORIES, size=DOCUMENTS)]
    return with_evidence(planted_graph(NAME, codes=codes, categories=labels))


def opened(page: Page, url: str) -> float:
    """Seconds from asking for the page until its graph is drawn."""
    start = time.perf_counter()
    page.goto(url)
    page.locator(".graph canvas").wait_for()
    return time.perf_counter() - start


def changed(page: Page, label: str, choice: str) -> float:
    """Seconds from a choice until the graph is another."""
    page.locator(".graph").evaluate("(box) => { box.picture.old = true; }")
    page.get_by_role("combobox", name=label).click()
    option = page.get_by_role("option", name=choice, exact=True)
    option.wait_for()
    start = time.perf_counter()
    option.click()
    page.locator(".graph").evaluate(
        """(box) => new Promise((done) => {
            const look = () => (box.picture.old ? setTimeout(look, 5) : requestAnimationFrame(done));
            look();
        })"""
    )
    return time.perf_counter() - start


@dataclass(frozen=True)
class Spent:
    """Where the seconds of the processor are counted: the page's server, the engine, and the browser's processes."""

    server: psutil.Process
    engine: psutil.Process

    def so_far(self) -> dict[str, float]:
        """Seconds of each until now."""
        ours = psutil.Process().children(recursive=True)
        browser = [process for process in ours if process.name().startswith("chrom")]
        parts = {"server": [self.server], "engine": [self.engine], "browser": browser}
        return {name: sum(sum(own.cpu_times()[:2]) for own in processes) for name, processes in parts.items()}

    def during(self, work: Callable[[], float]) -> dict[str, float]:
        """The seconds that `work` tells, and those of the processor while it lasts."""
        before = self.so_far()
        wall = work()
        after = self.so_far()
        return {"wall": round(wall, 2), **{name: round(after[name] - before[name], 2) for name in after}}


def measure(server: Server, engine: int, profile: str) -> dict[str, object]:
    """Openings and choices in one browser."""
    url = server.url(f"scan?study={NAME}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=ARGUMENTS, viewport={"width": 1280, "height": 800}
        )
        browser.set_default_timeout(120_000)
        page = browser.pages[0]
        spent = Spent(psutil.Process(server.process.pid), psutil.Process(engine))
        first = spent.during(lambda: opened(page, url))
        again = [spent.during(lambda: opened(page, url)) for _ in range(OPENINGS)]
        page.get_by_test_id("stApp").and_(page.locator("[data-test-script-state=notRunning]")).wait_for()
        redrawn = {
            f"{label}: {choice}": spent.during(lambda of=(label, choice): changed(page, *of))
            for label, choice in CHOICES
        }
        browser.close()
    return {
        "open_first": first,
        "open_again": {name: median(one[name] for one in again) for name in first},
        "redraw": redrawn,
    }


def main() -> None:
    """Writes the study into a store of its own, serves it, measures and prints."""
    study = graph()
    with place(None) as where, tempfile.TemporaryDirectory() as profile:
        with open_store(where) as store:
            store.write(study)
        engine = lifecycle.status(Path(where)).pid
        with Server(Path(where)) as server:
            told = measure(server, engine, profile)
        result = {
            "benchmark": "page",
            "regions": study.study.regions,
            "connections": study.study.connections,
            **told,
            "goal": f"open_first <= {OPEN_S} s, redraw <= {REDRAW_S} s",
            "load": round(os.getloadavg()[0], 1),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
