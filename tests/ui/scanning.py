"""Scans that a test starts from the page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mri_core.store import VARIABLE
from tests.engines import Engine
from tests.models import save_tiny
from tests.planted import HOSTILE
from tests.ui.browsing import settled
from tests.ui.server import Server

LABELS = (HOSTILE[6], HOSTILE[7])
A_SCAN = 180_000  # milliseconds that a busy machine may take for one


@dataclass(frozen=True)
class Place:
    """Where the tests work: a server of the page, a tiny model, and a folder for files."""

    server: Server
    model: Path
    folder: Path

    def corpus(self, name: str, documents: int) -> Path:
        """A file of texts."""
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "label", "title"])
            for i in range(documents):
                rows.writerow(
                    [f"text {i} about {'this and that ' * (i % 7)}", LABELS[i % 2], HOSTILE[i % len(HOSTILE)]]
                )
        return self.folder / name


@contextmanager
def scanning(engine: Engine, folder: Path) -> Iterator[Place]:
    """A place whose page works on an engine's store."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "MRI_CACHE": str(folder / "cache"),
            VARIABLE: engine.location,
            **engine.environment,
        }.items():
            patch.setenv(name, value)
        with Server(engine.location) as server:
            yield Place(server, save_tiny("gpt2", folder / "tiny"), folder)


def upload(page: Page, corpus: Path, model: Path) -> None:
    """Fills the form and starts the scan."""
    page.locator("input[type=file]").set_input_files(corpus)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="another").click()
    box = page.get_by_role("textbox", name="Folder, .gguf file, or name on the Hugging Face hub")
    box.fill(str(model))
    box.press("Enter")
    expect(page.get_by_test_id("stCode")).to_contain_text(str(model))
    expect(page.get_by_text("An uploaded file is deleted after the scan.")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Scan", exact=True).click()
