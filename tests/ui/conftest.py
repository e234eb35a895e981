"""Studies in the session's store, for the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.records.graph import Study
from mri_core.store import VARIABLE
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.engines import Engine, remove
from tests.planted import HOSTILE, planted_graph, random_codes
from tests.ui.browsing import browser, chromium, playwright, watched
from tests.ui.one_atlas import studies_in_one_atlas

__all__ = ["browser", "chromium", "playwright", "watched"]  # fixtures


@pytest.fixture(scope="module")
def in_one_atlas(store: Store) -> Iterator[None]:
    """The store has the studies of `tests.ui.one_atlas`."""
    made = studies_in_one_atlas()
    for graph in made:
        store.write(graph)
    yield
    for graph in made:
        store.delete(graph.study)


@pytest.fixture(scope="module")
def page_store(store: Store, engine: Engine) -> Iterator[Engine]:
    """The engine whose store has three studies: `page`, `page-grid`, and `page-hostile` whose every word is hostile."""
    hostile = planted_graph(
        "page-hostile",
        codes=random_codes(80, 4, 5, 3),
        categories=[HOSTILE[i % 4] for i in range(80)],
        texts=[HOSTILE[i % len(HOSTILE)] for i in range(80)],
        seed=3,
    )
    words = tuple(HOSTILE[:3])
    hostile = dataclasses.replace(
        hostile, regions=tuple(dataclasses.replace(region, keywords=words) for region in hostile.regions)
    )
    graphs = (
        planted_graph("page", created_at="2027-01-01T00:00:00+00:00"),
        planted_graph("page-grid", codes=random_codes(60, 4, 30, 1), seed=1, atlas="grid"),
        hostile,
    )
    for graph in graphs:
        store.write(graph)
    yield engine
    remove(engine, store, [graph.study for graph in graphs])


@pytest.fixture
def on_page_store(page_store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page reads the store with the three studies."""
    for name, value in {VARIABLE: page_store.location, **page_store.environment}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bare_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of its own with nothing in it, which the page reads."""
    folder = tmp_path / "bare"
    monkeypatch.setenv(VARIABLE, str(folder))
    yield folder
    lifecycle.stop(folder)


@pytest.fixture
def page_study(store: Store, page_store: Engine) -> Study:
    """The study `page`."""
    return store.study("page")
