"""The page in a real browser: from opening a study of 1,500 regions to its first graph, and to the next after a choice.

Prints one JSON object. It needs Debian's chromium, and the environment of the tests. The server is a process of its own
and the browser another; at the first opening the server answers nothing from memory, and the engine, which has just
loaded the study, has answered nothing before. Beside the seconds on the wall stand those of the processor, which a busy
machine moves less.

Then server and engine are started anew, by turns with what the page saw at its last visit and without it, and beside
them an empty page of Streamlit: seconds from the start of the server's process.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
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
from mri_core.store.embedded.folder import forget_seen, seen
from tests.engines import free_port
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
TURNS = 5
OPEN_S, REDRAW_S = 2.5, 1.0
EMPTY = "import streamlit as st; st.text('empty')"


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


@dataclass(frozen=True)
class Restarted:
    """Server and engine started anew, and the page opened in a browser that has seen it before."""

    folder: Path
    page: Page
    port: int

    def graph(self, *, kept: bool) -> dict[str, float]:
        """Seconds until the server answers and until the first graph, and the server's of the processor until then."""
        lifecycle.stop(self.folder)
        if not kept:
            forget_seen(self.folder)
        start = time.perf_counter()
        with Server(self.folder, port=self.port) as server:
            answers = time.perf_counter() - start
            self.page.goto(server.url(f"scan?study={NAME}"))
            self.page.locator(".graph canvas").wait_for()
            told = self._told(start, answers, server.process.pid)
            while seen(self.folder) is None or self._marked():
                time.sleep(0.1)
        return told

    def _marked(self) -> bool:
        """Whether the page says that the engine is starting."""
        return self.page.get_by_text("The store is starting").count() > 0

    def empty(self) -> dict[str, float]:
        """The same of an empty page."""
        script = self.folder.parent / "empty.py"
        script.write_text(EMPTY)
        options = ["--server.port", str(self.port), "--server.headless", "true", "--server.fileWatcherType", "none"]
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--logger.level", "error"]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not listens(self.port):
                time.sleep(0.02)
            answers = time.perf_counter() - start
            self.page.goto(f"http://127.0.0.1:{self.port}/")
            self.page.get_by_text("empty").wait_for()
            return self._told(start, answers, process.pid)
        finally:
            process.terminate()
            process.wait()

    @staticmethod
    def _told(start: float, answers: float, server: int) -> dict[str, float]:
        spent = sum(psutil.Process(server).cpu_times()[:2])
        drawn = time.perf_counter() - start
        return {
            "load": os.getloadavg()[0],
            "answers": round(answers, 2),
            "drawn": round(drawn, 2),
            "server": round(spent, 2),
        }


def listens(port: int) -> bool:
    """Whether a server of this machine does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def restarted(folder: Path, profile: str) -> dict[str, list[dict[str, float]]]:
    """Turns of all three."""
    told: dict[str, list[dict[str, float]]] = {"kept": [], "asked": [], "empty": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=ARGUMENTS, viewport={"width": 1280, "height": 800}
        )
        browser.set_default_timeout(120_000)
        sides = Restarted(folder, browser.pages[0], free_port())
        sides.graph(kept=False)  # the browser compiles the page's scripts, and the page sees the store
        for _ in range(TURNS):
            told["kept"].append(sides.graph(kept=True))
            told["asked"].append(sides.graph(kept=False))
            told["empty"].append(sides.empty())
        browser.close()
    return told


def main() -> None:
    """Writes the study into a store of its own, serves it, measures and prints."""
    study = graph()
    with place(None) as where, tempfile.TemporaryDirectory() as profile:
        with open_store(where) as store:
            store.write(study)
        engine = lifecycle.status(Path(where)).pid
        with Server(Path(where)) as server:
            told = measure(server, engine, profile)
        told["restarted"] = restarted(Path(where), profile)
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
