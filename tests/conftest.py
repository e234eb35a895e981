"""What the tests share: one embedded engine for the whole session."""

from __future__ import annotations

import os
import signal
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


# What runs in the background ignores Ctrl-C, and so would every child that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_STORE = pytest.StashKey[Store]()


@pytest.fixture(scope="session")
def store(store_folder: Path, pytestconfig: pytest.Config) -> Iterator[Store]:
    """The session's store, shared by all tests: a module finds it empty, its tests name their studies differently."""
    with open_store(store_folder) as opened:
        pytestconfig.stash[SHARED_STORE] = opened
        yield opened


@pytest.fixture(scope="module", autouse=True)
def _emptied_store(pytestconfig: pytest.Config) -> Iterator[None]:
    """Deletes the studies that a module leaves in the session's store."""
    yield
    shared = pytestconfig.stash.get(SHARED_STORE, None)
    for study in shared.studies() if shared else ():
        shared.delete(study)


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
