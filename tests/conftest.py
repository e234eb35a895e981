"""What the tests share: one embedded engine for the whole session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.store import embedded, open_store
from mri_core.store.bolt import Store
from tests.command import Mri


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store's folder; its engine starts with the first use and is stopped at the end of the session."""
    os.environ.setdefault(embedded.IDLE_VARIABLE, "60")  # a session that is killed leaves no engine for long
    folder = tmp_path_factory.mktemp("session") / "store"
    yield folder
    embedded.stop(folder)


@pytest.fixture(scope="session")
def store(store_folder: Path) -> Iterator[Store]:
    """The session's store, shared by all tests: give studies names of your own, delete what others must not see."""
    with open_store(store_folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def mri(store_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Mri:
    """The command line on the session's store, with a cache for the session."""
    return Mri(store_folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def tidy(store: Store) -> Iterator[None]:
    """Deletes the studies that a test leaves in the session's store."""
    before = {study.id for study in store.studies()}
    yield
    for study in store.studies():
        if study.id not in before:
            store.delete(study)
